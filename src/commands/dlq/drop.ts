/**
 * mqadmin dlq drop: dead letters that nobody wants any more count as dealt with. Asks first; where nobody can answer, --yes is
 * needed.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../../cli/admin-session.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { isAgreed } from '../../cli/confirm.ts';
import { groupFlag } from '../../cli/dlq-flags.ts';
import { CliFault, ValueFault } from '../../cli/faults.ts';
import { wholeNumber } from '../../cli/flags.ts';
import { count } from '../../cli/output/dead-letters.ts';

export default class DlqDrop extends BaseCommand {
  static override summary = 'Count dead letters of a group as dealt with';
  static override notes =
    'A log cannot forget single messages: what is dropped stays until its time is over (fileReservedTime), but list, peek, ' +
    'export and resend pass over it. The mark that says so is the offset of the group TOOLS_CONSUMER in %DLQ%GROUP at the ' +
    'broker, the same for everybody. --undo sets it back to the beginning: everything in the log waits again, also what ' +
    "was resent. To be rid of the queue itself: 'mqadmin deleteTopic -t %DLQ%GROUP -c CLUSTER'; the next dead letter " +
    'makes it anew.';
  static override examples = [
    'mqadmin dlq drop -g GID_orders',
    'mqadmin dlq drop -g GID_orders --count 1 --yes',
    'mqadmin dlq drop -g GID_orders --undo --yes',
  ];
  static override flags = {
    ...groupFlag,
    count: wholeNumber({ description: 'only so many of each broker, the oldest that wait' }),
    undo: Flags.boolean({ description: 'take it back: all letters in the log wait again' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(DlqDrop);
    const { group, undo } = flags;
    if (flags.count !== undefined && flags.count < 1) throw new ValueFault(`--count is 1 or more, not ${flags.count}.`);
    const { dropDeadLetters } = await import('../../core/client/admin/dlq-mark.ts');
    return withAdmin({ flags, io: this.io }, async (admin) => {
      const options = { consumerGroup: group, count: flags.count, undo };
      const what = count(await dropDeadLetters(admin, { ...options, dryRun: true }), 'dead letter');
      const question = {
        what: undo ? `Let ${what} of ${group} wait again?` : `Drop ${what} of ${group}?`,
        unasked: `Nothing was dropped: --yes is needed for ${what} of ${group}.`,
      };
      if (!what.startsWith('0 ') && !flags.yes && !(await isAgreed(this.io, question))) {
        throw new CliFault('Nothing was dropped.', 1);
      }
      const dropped = await dropDeadLetters(admin, options);
      const done = `${count(dropped, 'dead letter')} of ${group} ${undo ? 'wait again' : 'dropped'}.\n`;
      await this.print(
        flags,
        dropped,
        () => done,
        () => ({ consumerGroup: group, [undo ? 'undone' : 'dropped']: dropped }),
      );
      return dropped;
    });
  }
}
