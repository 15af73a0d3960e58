/**
 * mqadmin consumerProgress: how far one consumer group is behind, queue by queue, or every group in a line. Unlike mqadmin a
 * group that has not consumed anything yet is no failure: a table without rows, and with text a sentence on stderr. Json and yaml
 * also say how old the first message is that is left, and how fast each topic comes in and goes out.
 */

import { Flags } from '@oclif/core';
import { failOnErrors } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { type GlobalFlags, javaBoolean } from '../cli/flags.ts';
import {
  allConsumerProgressDocument,
  consumerProgressDocument,
  renderAllConsumerProgress,
  renderConsumerProgress,
} from '../cli/output/consumer-progress.ts';
import type { GroupProgress, ConsumerProgress as Progress } from '../core/client/admin/consumer-progress.ts';

export default class ConsumerProgress extends BaseCommand {
  static override summary = "Query consumers's progress, speed";
  static override listPosition = 22;
  static override javaClass = 'ConsumerProgressSubCommand';
  static override flags = {
    groupName: Flags.string({ char: 'g', description: 'consumer group name' }),
    showClientIP: javaBoolean({ char: 's', description: 'Show Client IP per Queue' }),
  };

  override async run(): Promise<Progress | GroupProgress[]> {
    const { flags } = await this.parse(ConsumerProgress);
    const { groupName, showClientIP = false } = flags;
    return groupName === undefined ? this.#all(flags) : this.#one(flags, groupName, showClientIP);
  }

  async #one(flags: GlobalFlags, groupName: string, showClientIp: boolean): Promise<Progress> {
    const { consumerProgress } = await import('../core/client/admin/consumer-progress.ts');
    const progress = await withAdmin({ flags, io: this.io }, async (admin) => {
      const figures = await consumerProgress(admin, groupName, { showClientIp });
      if (flags.output === 'text') return figures;
      const { consumerLag } = await import('../core/client/admin/consumer-lag.ts');
      return consumerLag(admin, figures);
    });
    await this.print(flags, progress, (one) => renderConsumerProgress(one, showClientIp), consumerProgressDocument);
    if (progress.rows.length === 0 && flags.output === 'text') {
      const why = 'it has not consumed anything yet, or its members keep their offsets themselves (broadcasting)';
      this.io.err(`No broker has an offset of the group ${groupName}: ${why}.\n`);
    }
    return progress;
  }

  async #all(flags: GlobalFlags): Promise<GroupProgress[]> {
    const { allConsumerProgress } = await import('../core/client/admin/consumer-progress.ts');
    const groups = await withAdmin({ flags, io: this.io }, allConsumerProgress);
    await this.print(flags, groups, renderAllConsumerProgress, allConsumerProgressDocument);
    failOnErrors(
      this.io,
      groups.map(({ consumerGroup, error }) => ({ addr: consumerGroup, ...(error !== undefined && { error }) })),
      flags.debug,
    );
    return groups;
  }
}
