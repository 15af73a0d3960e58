/**
 * mqadmin dlq peek: dead letters of a group with what they say of themselves. Changes nothing, for any group.
 */

import { withAdmin } from '../../cli/admin-session.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { groupFlag, selectionFlags, selectionOf } from '../../cli/dlq-flags.ts';
import { wholeNumber } from '../../cli/flags.ts';
import { deadLetterDocument, renderDeadLetter } from '../../cli/output/dead-letters.ts';
import { PocketError } from '../../core/common/errors.ts';

const DEFAULT_COUNT = 10;

export default class DlqPeek extends BaseCommand {
  static override summary = 'Look at dead letters of a group';
  static override notes =
    'The oldest first. Nothing is consumed and no offset moves. Where the dead letter topic may not be read (brokers of ' +
    '4.9.1 make it so) the letters are fetched one by one, and its permission stays as it is.';
  static override examples = [
    'mqadmin dlq peek -g GID_orders -n 127.0.0.1:9876',
    'mqadmin dlq peek -g GID_orders --key order-7 --output yaml',
    "mqadmin dlq peek -g GID_orders --match '/time(d )?out/i' --count 100",
  ];
  static override flags = {
    ...groupFlag,
    ...selectionFlags,
    count: wholeNumber({ default: DEFAULT_COUNT, description: `at most so many; default ${DEFAULT_COUNT}, 0: all` }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(DlqPeek);
    const { group, count, output } = flags;
    const selection = selectionOf(flags);
    const [{ deadLetters }, { machineStream }] = await Promise.all([
      import('../../core/client/admin/dead-letters.ts'),
      import('../../cli/machine-stream.ts'),
    ]);
    const shown = await withAdmin({ flags, io: this.io }, async (admin) => {
      const document =
        output === 'text' ? undefined : await machineStream(output, 'letters', (text) => this.io.out(text));
      let number = 0;
      for await (const letter of deadLetters(admin, group, selection)) {
        if (document !== undefined) document.add(deadLetterDocument(letter));
        else this.io.out(`${number === 0 ? '' : '\n'}${renderDeadLetter(letter)}`);
        if (++number === count) break;
      }
      document?.end({ consumerGroup: group });
      return number;
    });
    if (shown === 0) throw noneFound(group);
    return shown;
  }
}

const noneFound = (group: string): PocketError =>
  new PocketError(
    'NOT_FOUND',
    `no dead letter of ${group} is like that: 'mqadmin dlq list' counts those that wait, --handled shows the others, too`,
  );
