/**
 * mqadmin store export: the messages of a stopped store as JSON, one a line, in the order of the log; all of them, or those of a
 * topic or a time. Damaged parts are passed over and told at the end (exit code 7). Changes nothing.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import type { Io } from '../../cli/io.ts';
import { machineStream } from '../../cli/machine-stream.ts';
import { Progress, storeDirOfLine, storeFlags } from '../../cli/store-flags.ts';
import { parseTimeValue } from '../../cli/time-value.ts';
import { PocketError } from '../../core/common/errors.ts';
import type { MessageLine } from '../../core/message/message-line.ts';
import type { ExportResult } from '../../core/store/tools/export-messages.ts';

const time = (text: string | undefined, name: string): number | undefined =>
  text === undefined ? undefined : parseTimeValue(text, name);

export default class StoreExport extends BaseCommand {
  static override summary = 'Write the messages of a stopped store as JSON lines';
  static override takesNamesrv = false;
  static override flags = {
    ...storeFlags,
    topic: Flags.string({ char: 't', description: 'topic name; default: all topics' }),
    from: Flags.string({ description: 'not before this store time: milliseconds or yyyy-MM-dd#HH:mm:ss:SSS' }),
    to: Flags.string({ description: 'not after this store time' }),
    file: Flags.string({ char: 'f', description: 'file for the lines instead of stdout, which then says how many' }),
  };

  override async run(): Promise<ExportResult> {
    const { flags } = await this.parse(StoreExport);
    const { topic, file, output } = flags;
    const options = { topic, from: time(flags.from, '--from'), to: time(flags.to, '--to') };
    const dir = await storeDirOfLine(flags, this.io);
    const [{ exportMessages }, { LineBlocks, OutputFile }] = await Promise.all([
      import('../../core/store/tools/export-messages.ts'),
      import('../../core/store/tools/line-files.ts'),
    ]);
    const progress = new Progress(this.io, 'exporting');
    const run = (take: (message: MessageLine) => void): ExportResult => {
      const result = exportMessages(dir, { ...options, progress: progress.tell }, take);
      progress.end();
      return result;
    };
    const toLines = (write: (text: string) => void): ExportResult => {
      const blocks = new LineBlocks(write);
      const result = run((message) => blocks.add(JSON.stringify(message)));
      blocks.flush();
      return result;
    };
    let result: ExportResult;
    if (file !== undefined) {
      const target = new OutputFile(file);
      result = target.fill(toLines);
      await this.print(flags, { ...result, file }, ({ exported }) => `${exported} messages are in ${file}.\n`);
    } else if (output === 'text') result = toLines((text) => this.io.out(text));
    else result = await toDocument(this.io, output, run);
    if (result.damaged > 0) {
      const what = `${result.exported} messages are exported, ${result.damaged} damaged parts are left out`;
      throw new PocketError('PARTLY', `${what}: 'mqadmin store verify' names them`);
    }
    return result;
  }
}

type Run = (take: (message: MessageLine) => void) => ExportResult;

async function toDocument(io: Io, output: 'json' | 'yaml', run: Run): Promise<ExportResult> {
  const document = await machineStream(output, 'messages', (text) => io.out(text));
  const result = run((message) => document.add(message));
  document.end({ ...result });
  return result;
}
