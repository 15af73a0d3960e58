/**
 * Offsets of a broadcasting consumer, which are its own: a file on this machine instead of the brokers' tables. Mirrors
 * LocalFileOffsetStore: <folder>/<clientId>/<group>/offsets.json with the text before it in offsets.json.bak.
 *
 * Known differences: nothing is written when nothing changed; the file survives a crash in the middle of a write; a file
 * that cannot be read, and whose .bak cannot either, is an error in both.
 */

import { homedir } from 'node:os';
import { join } from 'node:path';
import { JsonConfigFile } from '../../common/json-config-file.ts';
import type { Logger } from '../../common/logger.ts';
import { type MessageQueue, messageQueueKey } from '../../message/message-queue.ts';
import { decodeLocalOffsets, encodeLocalOffsets, type LocalOffset } from '../../protocol/bodies/local-offsets.ts';
import type { QueueOffset } from '../../protocol/bodies/reset-offset.ts';
import type { OffsetStore } from './offset-store.ts';

export interface LocalFileOffsetStoreOptions {
  /** Default: `.rocketmq_offsets` in the home directory, as rocketmq.client.localOffsetStoreDir. */
  readonly folder: string | undefined;
  readonly clientId: string;
  readonly group: string;
  readonly logger: Logger;
}

export class LocalFileOffsetStore implements OffsetStore {
  readonly #file: JsonConfigFile;
  readonly #logger: Logger;
  readonly #offsets = new Map<string, LocalOffset>();
  #changed = false;

  constructor(options: LocalFileOffsetStoreOptions) {
    const { folder = join(homedir(), '.rocketmq_offsets'), clientId, group, logger } = options;
    this.#file = new JsonConfigFile(join(folder, clientId, group, 'offsets.json'), logger);
    this.#logger = logger;
  }

  /** Reads the file. Throws PocketError CONFIG when neither it nor its .bak can be read. */
  load(): void {
    for (const entry of this.#file.read(decodeLocalOffsets) ?? []) this.#offsets.set(messageQueueKey(entry.mq), entry);
  }

  update(mq: MessageQueue, offset: number, increaseOnly: boolean): void {
    const key = messageQueueKey(mq);
    const known = this.#offsets.get(key)?.offset;
    if (known === offset || (increaseOnly && known !== undefined && known > offset)) return;
    this.#offsets.set(key, { mq, offset });
    this.#changed = true;
  }

  read(mq: MessageQueue): number | undefined {
    return this.#offsets.get(messageQueueKey(mq))?.offset;
  }

  known(topic: string): QueueOffset[] {
    return [...this.#offsets.values()].filter(({ mq }) => mq.topic === topic);
  }

  async fetch(mq: MessageQueue): Promise<number | undefined> {
    return this.read(mq);
  }

  async persistAll(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    try {
      await this.#file.write(encodeLocalOffsets([...this.#offsets.values()]));
    } catch (error) {
      this.#changed = true;
      this.#logger.warn(`the offsets were not kept: ${String(error)}`);
    }
  }

  persist(): Promise<void> {
    return this.persistAll();
  }

  /** Nobody else consumes for this client: what is known stays. */
  remove(): void {}
}
