/**
 * A table of the broker that is written whole whenever it changes (topics.json, subscriptionGroup.json). Changes of one
 * turn of the event loop make one text and one write; a write that fails is logged and the next change tries again.
 */

import type { JsonConfigFile } from '../common/json-config-file.ts';
import type { Logger } from '../common/logger.ts';

export class ConfigTableFile {
  readonly #file: JsonConfigFile;
  readonly #encode: () => string;
  readonly #logger: Logger;
  #waiting: Promise<void> | undefined;

  constructor(file: JsonConfigFile, encode: () => string, logger: Logger) {
    this.#file = file;
    this.#encode = encode;
    this.#logger = logger;
  }

  /** The content read by `decode`, undefined when there is none. Throws PocketError CONFIG when it cannot be read. */
  read<T>(decode: (text: string) => T): T | undefined {
    return this.#file.read(decode);
  }

  /** Writes the table as it is at the end of this turn. Resolves when it is on the disk or the disk has refused. */
  save(): Promise<void> {
    this.#waiting ??= this.#write();
    return this.#waiting;
  }

  /** Resolves when nothing waits to be written. */
  async flush(): Promise<void> {
    await this.#waiting;
    await this.#file.flush().catch(() => undefined);
  }

  async #write(): Promise<void> {
    await Promise.resolve();
    this.#waiting = undefined;
    try {
      await this.#file.write(this.#encode());
    } catch (error) {
      this.#logger.error(`${this.#file.path} could not be written`, error);
    }
  }
}
