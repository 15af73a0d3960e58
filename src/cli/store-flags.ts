/**
 * What the commands of `mqadmin store` share: which store they mean, and progress on a terminal.
 */

import { Flags } from '@oclif/core';
import type { StorePlace } from '../core/cluster/store-place.ts';
import type { StoreDir } from '../core/store/tools/store-dir.ts';
import { dataDirOf } from './find-namesrv.ts';
import type { GlobalFlags } from './flags.ts';
import type { Io } from './io.ts';

export const storeFlags = {
  store: Flags.string({ char: 's', description: "directory of the store; default: the data directory's only one" }),
  configFile: Flags.string({
    char: 'c',
    description: "the broker's configuration file, which says where its store is and how long its files are",
  }),
};

interface StoreLine extends Pick<GlobalFlags, 'data-dir'> {
  readonly store?: string | undefined;
  readonly configFile?: string | undefined;
}

export async function storePlaceOfLine(flags: StoreLine, io: Io): Promise<StorePlace> {
  const { storePlaceOf } = await import('../core/cluster/store-place.ts');
  const dataDir = await dataDirOf(flags, io.env);
  return storePlaceOf({ dataDir, store: flags.store, configFile: flags.configFile });
}

/** The stopped store of a line. Throws what StoreDir throws. */
export async function storeDirOfLine(flags: StoreLine, io: Io): Promise<StoreDir> {
  const { StoreDir } = await import('../core/store/tools/store-dir.ts');
  const { rootDir, commitLogDir, shape } = await storePlaceOfLine(flags, io);
  return new StoreDir({ rootDir, commitLogDir, shape });
}

/** What is done so far on stderr while it is a terminal, on one line that goes when all is done. */
export class Progress {
  readonly #io: Io;
  readonly #what: string;
  #shown = '';

  constructor(io: Io, what: string) {
    this.#io = io;
    this.#what = what;
  }

  readonly tell = (done: number, total: number): void => {
    this.#show(`${total === 0 ? 0 : Math.floor((done * 100) / total)} %`);
  };

  readonly count = (done: number): void => this.#show(String(done));

  end(): void {
    if (this.#shown !== '') this.#io.err(`\r${' '.repeat(this.#what.length + 2 + this.#shown.length)}\r`);
    this.#shown = '';
  }

  #show(text: string): void {
    if (!this.#io.stderrIsTerminal || text === this.#shown) return;
    this.#shown = text;
    this.#io.err(`\r${this.#what}: ${text}`);
  }
}
