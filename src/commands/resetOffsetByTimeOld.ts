/**
 * mqadmin resetOffsetByTimeOld: writes the offsets of a consumer group at the brokers, whether or not somebody is online, whose
 * members overwrite them. Of mqadmin's classes that are not in its list; unlike it milliseconds are taken as well.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { javaBoolean } from '../cli/flags.ts';
import { renderResetLine, renderResetTable, resetDocument } from '../cli/output/reset-offset.ts';
import { parseResetTime } from '../cli/time-value.ts';
import type { ResetResult } from '../core/client/admin/reset-offset.ts';

export default class ResetOffsetByTimeOld extends BaseCommand {
  static override summary = 'Reset consumer offset by timestamp(execute this command required client restart).';
  static override hidden = true;
  static override javaClass = 'ResetOffsetByTimeOldCommand';
  static override flags = {
    group: Flags.string({ char: 'g', required: true, description: 'set the consumer group' }),
    topic: Flags.string({ char: 't', required: true, description: 'set the topic' }),
    timestamp: Flags.string({
      char: 's',
      required: true,
      description: 'set the timestamp[currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]',
    }),
    force: javaBoolean({ char: 'f', description: 'set the force rollback by timestamp switch[true|false]' }),
  };

  override async run(): Promise<ResetResult> {
    const { flags } = await this.parse(ResetOffsetByTimeOld);
    const { group: consumerGroup, topic, timestamp: timestampText, force = true } = flags;
    const line = { consumerGroup, topic, timestamp: parseResetTime(timestampText), force, timestampText };
    const { resetOffsetByTimeOld } = await import('../core/client/admin/reset-offset.ts');
    const queues = await withAdmin({ flags, io: this.io }, (admin) => resetOffsetByTimeOld(admin, line));
    const result = { kind: 'offline', queues } as const;
    await this.print(flags, result, (done) => renderResetLine(done, line) + renderResetTable(done), resetDocument);
    return result;
  }
}
