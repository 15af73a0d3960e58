/**
 * mqadmin dlq export: dead letters of a group as JSON, one a line, in the form of `store export`. Changes nothing.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../../cli/admin-session.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { groupFlag, selectionFlags, selectionOf } from '../../cli/dlq-flags.ts';
import { Progress } from '../../cli/store-flags.ts';

export default class DlqExport extends BaseCommand {
  static override summary = 'Write dead letters of a group as JSON lines';
  static override notes =
    "The form is that of 'mqadmin store export': 'mqadmin store import' takes the lines, and so does whatever reads JSON. " +
    'Export before you drop.';
  static override examples = [
    'mqadmin dlq export -g GID_orders --file letters.jsonl',
    'mqadmin dlq export -g GID_orders --handled | jq -r .body',
  ];
  static override flags = {
    ...groupFlag,
    ...selectionFlags,
    file: Flags.string({ char: 'f', description: 'file for the lines instead of stdout, which then says how many' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(DlqExport);
    const { group, file, output } = flags;
    const selection = selectionOf(flags);
    const [{ deadLetterLines }, { LineBlocks, OutputFile }, { machineStream }] = await Promise.all([
      import('../../core/client/admin/dead-letters.ts'),
      import('../../core/store/tools/line-files.ts'),
      import('../../cli/machine-stream.ts'),
    ]);
    const progress = new Progress(this.io, 'exporting');
    return withAdmin({ flags, io: this.io }, async (admin) => {
      const lines = deadLetterLines(admin, group, selection);
      const toLines = async (write: (text: string) => void): Promise<number> => {
        const blocks = new LineBlocks(write);
        let exported = 0;
        for await (const line of lines) {
          blocks.add(JSON.stringify(line));
          if (file !== undefined) progress.count(++exported);
          else exported++;
        }
        blocks.flush();
        return exported;
      };
      if (file !== undefined) {
        const exported = await new OutputFile(file).fillLater(toLines);
        progress.end();
        const done = { consumerGroup: group, exported, file };
        await this.print(flags, done, () => `${exported} dead letters are in ${file}.\n`);
        return exported;
      }
      if (output === 'text') return toLines((text) => this.io.out(text));
      const document = await machineStream(output, 'messages', (text) => this.io.out(text));
      let exported = 0;
      for await (const line of lines) {
        document.add(line);
        exported++;
      }
      document.end({ consumerGroup: group, exported });
      return exported;
    });
  }
}
