/**
 * mqadmin store import: puts the messages of JSON lines, as `store export` writes them, into a store that is not running, a new
 * one or one that is there. Done when the disk has them. Interrupted, or at a line that is no message, it ends with 7 and says
 * how many messages are in.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { UsageFault } from '../../cli/faults.ts';
import { watchInterrupts } from '../../cli/interrupt.ts';
import { Progress, storeFlags, storePlaceOfLine } from '../../cli/store-flags.ts';
import type { ImportResult } from '../../core/store/tools/import-messages.ts';

export default class StoreImport extends BaseCommand {
  static override summary = 'Put messages of JSON lines into a stopped or new store';
  static override takesNamesrv = false;
  static override flags = {
    ...storeFlags,
    file: Flags.string({ char: 'f', description: 'file of the lines; default: stdin' }),
  };

  override async run(): Promise<ImportResult> {
    const { flags } = await this.parse(StoreImport);
    const { file } = flags;
    if (file === undefined && process.stdin.isTTY)
      throw new UsageFault('-f (--file) is required where stdin is a terminal.');
    const { rootDir, commitLogDir, shape, storeHost } = await storePlaceOfLine(flags, this.io);
    const [{ importMessages }, { linesOf }, { encodeHostAddress }, { open }] = await Promise.all([
      import('../../core/store/tools/import-messages.ts'),
      import('../../core/store/tools/line-files.ts'),
      import('../../core/message/host-address.ts'),
      import('node:fs/promises'),
    ]);
    const input = file === undefined ? process.stdin : (await open(file)).createReadStream();
    const progress = new Progress(this.io, 'importing');
    const abort = new AbortController();
    const watch = watchInterrupts();
    watch.interrupted.catch(() => {
      abort.abort();
      // A stream that brings nothing more would never ask whether to go on.
      input.destroy();
    });
    try {
      const result = await importMessages(linesOf(input), {
        ...{ rootDir, commitLogDir, shape },
        storeHost: encodeHostAddress(storeHost),
        signal: abort.signal,
        progress: progress.count,
      });
      progress.end();
      await this.print(
        flags,
        result,
        ({ imported, store, topics }) => `${imported} messages of ${topics.length} topics are in ${store}.\n`,
      );
      return result;
    } finally {
      progress.end();
      watch.dispose();
    }
  }
}
