/**
 * mqadmin offset reset: moves a consumer group of which nobody is online to other offsets of a topic. Shows each queue before and
 * after, writes a file that takes it back, changes the offsets and reads them back from the brokers.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../../cli/admin-session.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { writeOffsetFile } from '../../cli/offset-file.ts';
import { parseOffsetTarget } from '../../cli/offset-target.ts';
import { offsetPlanDocument, renderOffsetPlan } from '../../cli/output/offset-plan.ts';
import type { OffsetPlan } from '../../core/client/admin/offset-reset.ts';

export default class OffsetReset extends BaseCommand {
  static override summary = 'Move an offline consumer group to other offsets';
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
    const { applyOffsetReset, planOffsetReset, refuseOnline } = await import('../../core/client/admin/offset-reset.ts');
    return withAdmin({ flags, io: this.io }, async (admin) => {
      const plan = await planOffsetReset(admin, { consumerGroup, topic }, target);
      await refuseOnline(admin, plan);
      if (flags.output === 'text') this.io.out(renderOffsetPlan(plan));
      const undo = { ...(!dryRun && { undoFile: file }) };
      if (!dryRun) {
        writeOffsetFile(file, plan);
        if (flags.output === 'text') this.io.out(`\nBack with: --to ${file}\n`);
        await applyOffsetReset(admin, plan);
      }
      const last = dryRun ? '\nNothing was changed: --dry-run.\n' : 'The brokers have these offsets.\n';
      await this.print(
        flags,
        plan,
        () => last,
        (done) => ({ ...offsetPlanDocument(done), dryRun, ...undo }),
      );
      return plan;
    });
  }
}
