/**
 * mqadmin skipAccumulatedMessage: moves a consumer group to the end of every queue of a topic, as resetOffsetByTime does.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { javaBoolean } from '../cli/flags.ts';
import { renderResetTable, resetDocument } from '../cli/output/reset-offset.ts';
import type { ResetResult } from '../core/client/admin/reset-offset.ts';

export default class SkipAccumulatedMessage extends BaseCommand {
  static override summary = 'Skip all messages that are accumulated (not consumed) currently';
  static override listPosition = 33;
  static override javaClass = 'SkipAccumulationSubCommand';
  static override flags = {
    group: Flags.string({ char: 'g', required: true, description: 'set the consumer group' }),
    topic: Flags.string({ char: 't', required: true, description: 'set the topic' }),
    force: javaBoolean({ char: 'f', description: 'set the force rollback by timestamp switch[true|false]' }),
  };

  override async run(): Promise<ResetResult> {
    const { flags } = await this.parse(SkipAccumulatedMessage);
    const { group: consumerGroup, topic, force = true } = flags;
    const { END_OF_QUEUE: timestamp, resetOffsetByTime } = await import('../core/client/admin/reset-offset.ts');
    const result = await withAdmin({ flags, io: this.io }, (admin) =>
      resetOffsetByTime(admin, { consumerGroup, topic, timestamp, force }),
    );
    await this.print(flags, result, renderResetTable, resetDocument);
    return result;
  }
}
