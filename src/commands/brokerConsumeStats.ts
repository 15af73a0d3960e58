/**
 * mqadmin brokerConsumeStats: how far every consumer group of a broker is behind, queue by queue.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { ValueFault } from '../cli/faults.ts';
import { javaBoolean, wholeNumber } from '../cli/flags.ts';
import { brokerConsumeStatsDocument, renderBrokerConsumeStats } from '../cli/output/stats.ts';
import type { ConsumeStatsList } from '../core/protocol/bodies/consume-stats-list.ts';

const TIMEOUT_MS = 50_000;

export default class BrokerConsumeStats extends BaseCommand {
  static override summary = 'Fetch broker consume stats data';
  static override listPosition = 19;
  static override javaClass = 'BrokerConsumeStatsSubCommad';
  static override flags = {
    brokerAddr: Flags.string({ char: 'b', required: true, description: 'Broker address' }),
    timeoutMillis: wholeNumber({ char: 't', description: 'request timeout Millis' }),
    level: wholeNumber({ char: 'l', description: 'threshold of print diff' }),
    order: javaBoolean({ char: 'o', description: 'order topic' }),
  };

  override async run(): Promise<ConsumeStatsList> {
    const { flags } = await this.parse(BrokerConsumeStats);
    const { brokerAddr, timeoutMillis: timeoutMs = TIMEOUT_MS, level = 0, order: isOrder = false } = flags;
    if (timeoutMs < 1) throw new ValueFault(`-t is a number of milliseconds from 1, not ${timeoutMs}.`);
    const { brokerConsumeStats } = await import('../core/client/admin/stats-admin.ts');
    const session = { flags, io: this.io, needsNamesrv: false };
    const stats = await withAdmin(session, (admin) => brokerConsumeStats(admin, { brokerAddr, isOrder, timeoutMs }));
    await this.print(
      flags,
      stats,
      (all) => renderBrokerConsumeStats(all, level),
      (all) => brokerConsumeStatsDocument(all, level),
    );
    return stats;
  }
}
