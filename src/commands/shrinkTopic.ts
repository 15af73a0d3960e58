/**
 * mqadmin shrinkTopic: lowers the queue numbers of a topic in use, and loses nothing: write queues first, then it waits until the
 * queues that go away are consumed, then the read queues. Interrupted or timed out, it goes on where it was.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { UsageFault, ValueFault } from '../cli/faults.ts';
import { wholeNumber } from '../cli/flags.ts';
import { progressText, renderLeaving, renderShrinkPlan } from '../cli/output/shrink-topic.ts';
import type { ShrinkOptions, ShrinkPlan, ShrinkProgress } from '../core/client/admin/shrink-topic.ts';

const TIMEOUT_SECONDS = 600;
/** Producers look for a topic's route every 30 s, and a send takes 3. */
const SETTLE_SECONDS = 35;
const MAX_SECONDS = 86_400;

export default class ShrinkTopic extends BaseCommand {
  static override summary = 'Lower the queue numbers of a topic in use';
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    queueNums: wholeNumber({ char: 'r', required: true, description: 'queues that are to be left on each broker' }),
    clusterName: Flags.string({ char: 'c', description: 'only the masters of this cluster' }),
    brokerAddr: Flags.string({ char: 'b', description: 'only the master at this address' }),
    timeout: wholeNumber({ description: 'seconds to wait for the groups; default 600; then exit code 6' }),
    settle: wholeNumber({
      description:
        'seconds without a new message in the queues that go away; default 35, what producers may lag behind',
    }),
    groups: Flags.string({ description: 'wait for these groups only, commas between them' }),
    'ignore-group': Flags.string({ description: 'do not wait for these groups, commas between them' }),
    'dry-run': Flags.boolean({ description: 'show what would change and who would be waited for; change nothing' }),
  };

  override async run(): Promise<ShrinkPlan> {
    const { flags } = await this.parse(ShrinkTopic);
    const { topic, queueNums, clusterName, brokerAddr } = flags;
    if (clusterName !== undefined && brokerAddr !== undefined) throw new UsageFault('Give -c or -b, not both.');
    if (queueNums < 1) throw new ValueFault(`-r is a number from 1, not ${queueNums}.`);
    const choice = { groups: namesOf(flags.groups), ignoreGroups: namesOf(flags['ignore-group']) };
    const timeoutMs = milliseconds(flags.timeout ?? TIMEOUT_SECONDS, '--timeout');
    const settleMs = milliseconds(flags.settle ?? SETTLE_SECONDS, '--settle');
    const isText = flags.output === 'text';
    const { lookAtLeaving, planShrink, shrinkTopic } = await import('../core/client/admin/shrink-topic.ts');
    return withAdmin({ flags, io: this.io }, async (admin, over) => {
      const plan = await planShrink(admin, { topic, queueNums, clusterName, brokerAddr });
      if (plan.brokers.length === 0) {
        await this.print(flags, plan, () => `${topic} has no more than ${queueNums} queues on any broker already.\n`);
        return plan;
      }
      if (isText) this.io.out(renderShrinkPlan(plan));
      if (flags['dry-run']) {
        const leaving = await lookAtLeaving(admin, plan, choice);
        const document = { ...plan, ...leaving, dryRun: true };
        await this.print(flags, document, () => `${renderLeaving(leaving)}\nNothing was changed: --dry-run.\n`);
        return plan;
      }
      const options: ShrinkOptions = { ...choice, timeoutMs, settleMs, over, onProgress: this.#progress() };
      await shrinkTopic(admin, plan, options);
      await this.print(flags, plan, () => 'Every broker has these queue numbers.\n');
      return plan;
    });
  }

  /** A line on a terminal whenever there is something new to say. */
  #progress(): ((progress: ShrinkProgress) => void) | undefined {
    if (!this.io.stderrIsTerminal) return undefined;
    let last = '';
    return (progress) => {
      const text = progressText(progress);
      if (text !== last && text !== '') this.io.err(`Waiting: ${text}\n`);
      last = text;
    };
  }
}

function namesOf(list: string | undefined): string[] | undefined {
  return list?.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
}

function milliseconds(seconds: number, name: string): number {
  if (seconds < 0 || seconds > MAX_SECONDS)
    throw new ValueFault(`${name} is a number of seconds from 0 to ${MAX_SECONDS}.`);
  return seconds * 1000;
}
