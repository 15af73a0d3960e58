/**
 * mqadmin offset reset: moves a consumer group to other offsets of a topic. Shows each queue before and after, writes a file that
 * takes it back, changes the offsets, by the members when some are online, and reads them back from the brokers.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../../cli/admin-session.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { writeOffsetFile } from '../../cli/offset-file.ts';
import { parseOffsetTarget } from '../../cli/offset-target.ts';
import { offsetPlanDocument, renderOffsetPlan } from '../../cli/output/offset-plan.ts';
import type { OffsetPlan } from '../../core/client/admin/offset-reset.ts';

const ending = {
  offline: 'The brokers have these offsets.\n',
  time: 'The members were told, and went there.\n',
  offsets: 'The brokers were told, and have these offsets after half a minute still.\n',
};

export default class OffsetReset extends BaseCommand {
  static override summary = 'Move a consumer group to other offsets';
  static override notes =
    'Nobody online: the offsets are written at the brokers. Members online: the brokers tell them. Those of 5.x can tell ' +
    'any offset; those of 4.9, and of PocketMQ, only a time (earliest, latest, -2h, a date), to members that have ' +
    'consumed of every queue. Members stop for about ten seconds, and the command takes up to half a minute: it looks ' +
    'whether every queue was seen there (exit code 7 when one was not).';
  static override examples = [
    'mqadmin offset reset -g GID_orders -t Orders --to -2h --dry-run',
    'mqadmin offset reset -g GID_orders -t Orders --to earliest',
    'mqadmin offset reset -g GID_orders -t Orders --to +100 --output json',
  ];
  static override flags = {
    group: Flags.string({ char: 'g', required: true, description: 'consumer group' }),
    topic: Flags.string({ char: 't', required: true, description: 'topic' }),
    to: Flags.string({
      required: true,
      description:
        'earliest, latest, -2h (s m h d ago), +100 or -100 messages, a time as 2026-01-31T08:00, or a file of offsets',
    }),
    'dry-run': Flags.boolean({ description: 'show what would change, and change nothing' }),
    'undo-file': Flags.string({
      description:
        'file for the offsets before, a --to that takes it back; default: offsets-GROUP-MILLISECONDS.json here',
    }),
  };

  override async run(): Promise<OffsetPlan> {
    const { flags } = await this.parse(OffsetReset);
    const { group: consumerGroup, topic, 'dry-run': dryRun } = flags;
    const now = Date.now();
    const target = parseOffsetTarget(flags.to, topic, now);
    const file = flags['undo-file'] ?? `offsets-${consumerGroup.replaceAll(/[^\w.-]/g, '_')}-${now}.json`;
    const { prepareReset } = await import('../../core/client/admin/online-offset-reset.ts');
    return withAdmin({ flags, io: this.io, windsUp: true }, async (admin, signal) => {
      const { plan, take, apply } = await prepareReset(admin, { consumerGroup, topic, target, signal });
      if (flags.output === 'text') this.io.out(renderOffsetPlan(plan));
      const undo = { ...(!dryRun && { undoFile: file }) };
      if (!dryRun) {
        writeOffsetFile(file, plan);
        if (flags.output === 'text') this.io.out(`\nBack with: --to ${file}\n`);
        await apply();
      }
      const last = dryRun ? '\nNothing was changed: --dry-run.\n' : ending[take ?? 'offline'];
      await this.print(
        flags,
        plan,
        () => last,
        (same) => ({ ...offsetPlanDocument(same), online: take !== undefined, dryRun, ...undo }),
      );
      return plan;
    });
  }
}
