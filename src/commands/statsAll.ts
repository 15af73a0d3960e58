/**
 * mqadmin statsAll: how fast each topic comes in and goes out to its groups, and what they have still to consume. Unlike
 * mqadmin a topic that cannot be asked is told on stderr (exit code 7).
 */

import { Flags } from '@oclif/core';
import { failOnErrors } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { activeOnly, renderStatsAll } from '../cli/output/stats.ts';
import type { TopicStats } from '../core/client/admin/stats-admin.ts';

export default class StatsAll extends BaseCommand {
  static override summary = 'Topic and Consumer tps stats';
  static override listPosition = 39;
  static override javaClass = 'StatsAllSubCommand';
  static override flags = {
    activeTopic: Flags.boolean({ char: 'a', description: 'print active topic only' }),
    topic: Flags.string({ char: 't', description: 'print select topic only' }),
  };

  override async run(): Promise<TopicStats[]> {
    const { flags } = await this.parse(StatsAll);
    const { statsAll } = await import('../core/client/admin/stats-admin.ts');
    const all = await withAdmin({ flags, io: this.io }, (admin) => statsAll(admin, flags.topic));
    const topics = flags.activeTopic ? activeOnly(all) : all;
    await this.print(flags, topics, renderStatsAll, (shown) =>
      shown.map(({ error, ...stats }) => (error === undefined ? stats : { topic: stats.topic, error: error.message })),
    );
    failOnErrors(
      this.io,
      topics.map(({ topic, error }) => ({ addr: topic, ...(error !== undefined && { error }) })),
      flags.debug,
    );
    return topics;
  }
}
