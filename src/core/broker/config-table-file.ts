/**
 * A table of the broker that is written whole whenever it changes (topics.json, subscriptionGroup.json). Changes of one
 * turn of the event loop make one text and one write; a write that fails is logged, told to the caller, and tried again with
 * the next change.
 */

import type { JsonConfigFile } from '../common/json-config-file.ts';
import type { Logger } from '../common/logger.ts';

export class ConfigTableFile {
  readonly #file: JsonConfigFile;
  readonly #encode: () => string;
  readonly #logger: Logger;
  #waiting: Promise<boolean> | undefined;

  constructor(file: JsonConfigFile, encode: () => string, logger: Logger) {
    this.#file = file;
    this.#encode = encode;
    this.#logger = logger;
  }

  /** The content read by `decode`, undefined when there is none. Throws PocketError CONFIG when it cannot be read. */
  read<T>(decode: (text: string) => T): T | undefined {
    return this.#file.read(decode);
  }

  /** The last `read` took the file itself: not its .bak, which may be older, nor nothing. */
  get isWhole(): boolean {
    return this.#file.isWhole;
  }

  /** Writes the table as it is at the end of this turn, or when the write under way has ended. Resolves to whether it is on the disk now; never rejects. */
  save(): Promise<boolean> {
    this.#waiting ??= this.#write();
    return this.#waiting;
  }

  /** Resolves when nothing waits to be written. */
  async flush(): Promise<void> {
    await this.#waiting;
    await this.#file.flush().catch(() => undefined);
  }

  async #write(): Promise<boolean> {
    // What changes while a write is under way goes into one text: many changes must not make many.
    await this.#file.idle();
    this.#waiting = undefined;
    try {
      await this.#file.write(this.#encode());
      return true;
    } catch (error) {
      this.#logger.error(`${this.#file.path} could not be written`, error);
      return false;
    }
  }
}
