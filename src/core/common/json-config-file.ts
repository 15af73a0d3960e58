/**
 * One JSON configuration file that survives a crash at any moment: topics.json, subscriptionGroup.json, consumerOffset.json
 * of a broker and kvConfig.json of a namesrv. Mirrors ConfigManager and MixAll.string2File.
 *
 * Write: X.tmp is written and fsynced, the old X becomes X.bak, X.tmp becomes X, the folder is fsynced.
 * Read: X, or X.bak when X is missing, empty or unreadable; X.tmp is never read.
 *
 * Differences from 4.9: Java does not fsync, and an unreadable X without an X.bak counts as empty there, which loses the
 * content without a word; here it is an error. A damaged X never replaces a good X.bak.
 */

import { readFileSync } from 'node:fs';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf, PocketError } from './errors.ts';
import type { Logger } from './logger.ts';

type Outcome<T> =
  | { kind: 'value'; value: T }
  | { kind: 'missing' }
  | { kind: 'empty' }
  | { kind: 'damaged'; error: unknown };

export class JsonConfigFile {
  readonly path: string;
  readonly #logger: Logger;
  /** The text that waits for the write under way; later texts replace earlier ones. */
  #pending: string | undefined;
  #writing: Promise<void> | undefined;
  #keepBackup = false;
  #isWhole = false;

  constructor(path: string, logger: Logger) {
    this.path = path;
    this.#logger = logger;
  }

  /**
   * The content as `decode` reads it, or undefined when there is none yet. `decode` throws for text it cannot use.
   * Throws PocketError CONFIG when neither the file nor its .bak can be read.
   */
  read<T>(decode: (text: string) => T): T | undefined {
    const main = readOutcome(this.path, decode);
    this.#isWhole = main.kind === 'value';
    if (main.kind === 'value') return main.value;
    const backupPath = `${this.path}.bak`;
    const backup = readOutcome(backupPath, decode);
    this.#keepBackup = true;
    if (backup.kind === 'value') {
      this.#logger.warn(`${this.path} is ${main.kind}, its content was read from ${backupPath}`);
      return backup.value;
    }
    if (main.kind !== 'damaged' && backup.kind !== 'damaged') return undefined;
    throw this.#unreadable(main, backup);
  }

  /** The last `read` took the file itself: not its .bak, which may be older, nor nothing. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  #unreadable<T>(main: Outcome<T>, backup: Outcome<T>): PocketError {
    const of = (outcome: Outcome<T>): string =>
      outcome.kind !== 'damaged'
        ? `is ${outcome.kind}`
        : `cannot be read (${outcome.error instanceof Error ? outcome.error.message : String(outcome.error)})`;
    const cause = main.kind === 'damaged' ? main.error : backup.kind === 'damaged' ? backup.error : undefined;
    return new PocketError(
      'CONFIG',
      `${this.path} ${of(main)} and ${this.path}.bak ${of(backup)}; restore one of them, or move both away to start without their content`,
      { cause },
    );
  }

  /**
   * Replaces the content; resolves when this text (or a newer one) is on the disk. Calls during a write under way are
   * joined into one. Rejects with PocketError STORE when the disk refuses; the old content is then still readable.
   */
  write(text: string): Promise<void> {
    this.#pending = text;
    if (this.#writing !== undefined) {
      return this.#writing.then(
        () => this.flush(),
        () => this.flush(),
      );
    }
    return this.flush();
  }

  /** Resolves when no write is under way, whatever became of it; at the end of this turn at the earliest. */
  async idle(): Promise<void> {
    await this.#writing?.catch(() => undefined);
  }

  /** Resolves when nothing waits to be written. */
  flush(): Promise<void> {
    if (this.#writing !== undefined) return this.#writing.then(() => this.flush());
    const text = this.#pending;
    if (text === undefined) return Promise.resolve();
    this.#pending = undefined;
    const writing = this.#replace(text).finally(() => {
      this.#writing = undefined;
    });
    this.#writing = writing;
    return writing;
  }

  async #replace(text: string): Promise<void> {
    const folder = dirname(this.path);
    try {
      await mkdir(folder, { recursive: true });
      await writeSynced(`${this.path}.tmp`, text);
      if (!this.#keepBackup) await renameIfThere(this.path, `${this.path}.bak`);
      await rename(`${this.path}.tmp`, this.path);
      await syncFolder(folder);
      this.#keepBackup = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PocketError('STORE', `${this.path} cannot be written: ${reason}`, { cause: error });
    }
  }
}

function readOutcome<T>(path: string, decode: (text: string) => T): Outcome<T> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? { kind: 'missing' } : { kind: 'damaged', error };
  }
  if (text.trim() === '') return { kind: 'empty' };
  try {
    return { kind: 'value', value: decode(text) };
  } catch (error) {
    return { kind: 'damaged', error };
  }
}

/** A file that cannot be written whole goes again. */
async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await unlink(path).catch(() => {});
    throw error;
  } finally {
    await file.close();
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

/** Makes the renames durable. Windows cannot open a folder and needs no sync of it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
