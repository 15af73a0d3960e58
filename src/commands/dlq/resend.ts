/**
 * mqadmin dlq resend: sends dead letters of a group again. What is sent counts as dealt with, so that a run which was
 * interrupted goes on where it was and nothing is sent twice.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../../cli/admin-session.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { groupFlag, ProgressFile, selectionFlags, selectionOf, selectionText } from '../../cli/dlq-flags.ts';
import { UsageFault } from '../../cli/faults.ts';
import { endResend, renderSent } from '../../cli/output/resent-letters.ts';
import { rateOf } from '../../cli/rate.ts';
import { Progress } from '../../cli/store-flags.ts';
import type { ResendOutcome } from '../../core/client/admin/dlq-resend.ts';

export default class DlqResend extends BaseCommand {
  static override summary = 'Send dead letters of a group again';
  static override notes =
    '--to retry puts them into %RETRY%GROUP: only this group gets them. --to origin sends them to the topics they come ' +
    'from: every group of these gets them again. Id, keys, tag and properties stay, the count of attempts begins anew.\n' +
    'What is sent with --all is noted at the broker after each letter (the offset of TOOLS_CONSUMER in %DLQ%GROUP), so ' +
    'that a run ended by Ctrl-C or a failure goes on when it is started again, from any machine. With --id, --key or ' +
    '--match the progress is in a file of this directory. After kill -9 or a time-out one letter may be there twice, ' +
    'after a crash of a broker those of the last seconds, whose offsets it had not written down.\n' +
    'A letter that cannot be sent ends the run (exit code 7): mend it, or pass over it with dlq drop --count 1.';
  static override examples = [
    'mqadmin dlq resend -g GID_orders --all --dry-run',
    'mqadmin dlq resend -g GID_orders --all --rate 100',
    'mqadmin dlq resend -g GID_orders --key order-7 --to origin',
    "mqadmin dlq resend -g GID_orders --match '/timed out/i'",
  ];
  static override flags = {
    ...groupFlag,
    ...selectionFlags,
    all: Flags.boolean({ description: 'all that wait' }),
    to: Flags.option({ options: ['retry', 'origin'] as const })({
      default: 'retry',
      description: "retry: the group's retry topic (default); origin: the topics they come from",
    }),
    rate: Flags.string({ description: 'at most so many a second, as 50 or 50/s' }),
    'dry-run': Flags.boolean({ description: 'show what would be sent, and send nothing' }),
    'progress-file': Flags.string({
      description: 'with --id, --key, --match: file of the progress; default: dlq-GROUP-HASH.json here',
    }),
  };

  override async run(): Promise<ResendOutcome> {
    const { flags } = await this.parse(DlqResend);
    const { group, to, output, 'dry-run': dryRun } = flags;
    const selected = selectionText(flags);
    if (selected === undefined && !flags.all)
      throw new UsageFault('One of --all, --id, --key and --match is required.');
    if (selected === undefined && flags.handled) {
      throw new UsageFault(
        "--all sends what waits: let all wait again by 'mqadmin dlq drop --undo' instead of --handled.",
      );
    }
    const options = { consumerGroup: group, to, selection: selectionOf(flags), rate: rateOf(flags.rate), dryRun };
    const file =
      selected === undefined
        ? undefined
        : new ProgressFile({ file: flags['progress-file'], group, selection: selected, to });
    const { resendDeadLetters } = await import('../../core/client/admin/dlq-resend.ts');
    const progress = new Progress(this.io, 'resending');
    const outcome = await withAdmin({ flags, io: this.io, windsUp: true }, (admin, signal) =>
      resendDeadLetters(admin, {
        ...options,
        signal,
        progress: file,
        onProgress: dryRun ? undefined : progress.tell,
        onSent: (message, topic) => {
          if (output === 'text' && dryRun) this.io.out(renderSent(message, topic));
        },
      }),
    ).finally(() => progress.end());
    const run = { group, dryRun, file: file?.file, isContinued: file?.isContinued };
    const { text, document, failure } = endResend(outcome, run);
    await this.print(
      flags,
      outcome,
      () => text,
      () => document,
    );
    if (failure !== undefined) throw failure;
    return outcome;
  }
}
