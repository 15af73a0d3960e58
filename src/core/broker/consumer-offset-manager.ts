/**
 * How far each group has consumed each queue: "topic@group" -> queueId -> next offset. Mirrors ConsumerOffsetManager:
 * commits overwrite unconditionally, lower offsets and unknown topics included. consumerOffset.json is written every
 * flushConsumerOffsetInterval (5 s) when something changed, and at stop.
 * Differences from 4.9: Java writes the file whether something changed or not, and takes any number of offsets.
 */

import { prettyFastJson } from '../common/fastjson.ts';
import type { JsonConfigFile } from '../common/json-config-file.ts';
import type { Logger } from '../common/logger.ts';
import { type ConsumerOffsetSerializeWrapper, decodeConsumerOffset } from '../protocol/bodies/consumer-offset.ts';
import { MAX_GROUP_LENGTH, MAX_OFFSET_TOPIC_LENGTH, MAX_OFFSETS } from './table-limits.ts';

const TOPIC_GROUP_SEPARATOR = '@';

type QueueOffsets = Map<number, number>;

export class ConsumerOffsetManager {
  readonly #file: JsonConfigFile;
  readonly #logger: Logger;
  #table = new Map<string, QueueOffsets>();
  /** Offsets in the table. */
  #size = 0;
  #changed = false;

  constructor(file: JsonConfigFile, logger: Logger) {
    this.#file = file;
    this.#logger = logger;
  }

  /** Throws PocketError CONFIG when neither the file nor its .bak can be read. */
  load(): void {
    const wrapper = this.#file.read((text) => decodeConsumerOffset(Buffer.from(text)));
    if (wrapper === undefined) return;
    this.#table = new Map(Object.entries(wrapper.offsetTable));
    for (const offsets of this.#table.values()) this.#size += offsets.size;
  }

  /** False when there are so many offsets that no new one is taken, or a name is longer than any can be. */
  commit(group: string, topic: string, queueId: number, offset: number): boolean {
    const key = topic + TOPIC_GROUP_SEPARATOR + group;
    const offsets = this.#table.get(key);
    if (offsets?.has(queueId) !== true) {
      if (this.#size >= MAX_OFFSETS) return false;
      if (group.length > MAX_GROUP_LENGTH || topic.length > MAX_OFFSET_TOPIC_LENGTH) return false;
      this.#size++;
    }
    if (offsets === undefined) this.#table.set(key, new Map([[queueId, offset]]));
    else offsets.set(queueId, offset);
    this.#changed = true;
    return true;
  }

  /** The committed offset, or -1. */
  query(group: string, topic: string, queueId: number): number {
    return this.#table.get(topic + TOPIC_GROUP_SEPARATOR + group)?.get(queueId) ?? -1;
  }

  /** queueId -> committed offset. */
  queues(group: string, topic: string): ReadonlyMap<number, number> {
    return this.#table.get(topic + TOPIC_GROUP_SEPARATOR + group) ?? new Map();
  }

  /**
   * Gives a group the offsets of another in a topic, in place of its own; nothing where the other has none. False when there
   * are too many offsets, or a name is too long.
   */
  clone(fromGroup: string, toGroup: string, topic: string): boolean {
    const offsets = this.queues(fromGroup, topic);
    if (offsets.size === 0) return true;
    const key = topic + TOPIC_GROUP_SEPARATOR + toGroup;
    const size = this.#size + offsets.size - (this.#table.get(key)?.size ?? 0);
    if (size > MAX_OFFSETS || toGroup.length > MAX_GROUP_LENGTH) return false;
    this.#size = size;
    this.#table.set(key, new Map(offsets));
    this.#changed = true;
    return true;
  }

  topicsOfGroup(group: string): string[] {
    const suffix = TOPIC_GROUP_SEPARATOR + group;
    const topics: string[] = [];
    for (const key of this.#table.keys()) if (key.endsWith(suffix)) topics.push(key.slice(0, -suffix.length));
    return topics;
  }

  groupsOfTopic(topic: string): string[] {
    const prefix = topic + TOPIC_GROUP_SEPARATOR;
    const groups: string[] = [];
    for (const key of this.#table.keys()) if (key.startsWith(prefix)) groups.push(key.slice(prefix.length));
    return groups;
  }

  /** Forgets what groups have consumed of a topic. */
  removeTopic(topic: string): void {
    for (const group of this.groupsOfTopic(topic)) this.#remove(topic + TOPIC_GROUP_SEPARATOR + group);
  }

  /** Forgets what a group has consumed of every topic. */
  removeGroup(group: string): void {
    for (const topic of this.topicsOfGroup(group)) this.#remove(topic + TOPIC_GROUP_SEPARATOR + group);
  }

  #remove(key: string): void {
    this.#size -= this.#table.get(key)?.size ?? 0;
    this.#table.delete(key);
    this.#changed = true;
  }

  /** The whole table, as consumerOffset.json and GET_ALL_CONSUMER_OFFSET have it. */
  serializeWrapper(): ConsumerOffsetSerializeWrapper {
    return { offsetTable: Object.fromEntries(this.#table) };
  }

  /** Writes the table if it changed since the last time. A disk that refuses is logged; the next call tries again. */
  async persist(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    try {
      // In the table's own order: sorting half a million of them by name would hold up everybody else.
      await this.#file.write(prettyFastJson({ offsetTable: this.#table }));
    } catch (error) {
      this.#changed = true;
      this.#logger.error(`${this.#file.path} could not be written`, error);
    }
  }
}
