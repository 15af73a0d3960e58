/**
 * mqadmin resetOffsetByTime: moves a consumer group to a time in a topic. Members that are online are told and move themselves
 * within some ten seconds; when nobody is online the offsets are written at the brokers.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { javaBoolean } from '../cli/flags.ts';
import { renderResetLine, renderResetTable, resetDocument } from '../cli/output/reset-offset.ts';
import { parseResetTime } from '../cli/time-value.ts';
import type { ResetResult } from '../core/client/admin/reset-offset.ts';

export default class ResetOffsetByTime extends BaseCommand {
  static override summary = 'Reset consumer offset by timestamp(without client restart).';
  static override listPosition = 32;
  static override javaClass = 'ResetOffsetByTimeCommand';
  static override flags = {
    group: Flags.string({ char: 'g', required: true, description: 'set the consumer group' }),
    topic: Flags.string({ char: 't', required: true, description: 'set the topic' }),
    timestamp: Flags.string({
      char: 's',
      required: true,
      description: 'set the timestamp[now|currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]',
    }),
    force: javaBoolean({ char: 'f', description: 'set the force rollback by timestamp switch[true|false]' }),
    cplus: Flags.boolean({ char: 'c', description: 'reset c++ client offset' }),
  };

  override async run(): Promise<ResetResult> {
    const { flags } = await this.parse(ResetOffsetByTime);
    const { group: consumerGroup, topic, timestamp: timestampText, force = true, cplus: isC } = flags;
    const line = { consumerGroup, topic, timestamp: parseResetTime(timestampText), force, isC, timestampText };
    const { resetOffsetByTime } = await import('../core/client/admin/reset-offset.ts');
    const result = await withAdmin({ flags, io: this.io }, (admin) => resetOffsetByTime(admin, line));
    await this.print(flags, result, (done) => renderResetLine(done, line) + renderResetTable(done), resetDocument);
    return result;
  }
}
