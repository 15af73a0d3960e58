/**
 * All consumequeues of a broker: finds them, writes their pending units behind, fsyncs them, bounds their memory.
 * Mirrors the queue table of DefaultMessageStore and its FlushConsumeQueueService. Difference: Java maps every file; here a
 * dirty queue is written with one call every 200 ms, or sooner when much is pending.
 */
import { join } from 'node:path';
import { errnoOf } from '../../common/errors.ts';
import type { Logger } from '../../common/logger.ts';
import { topicFault } from '../../message/topic-validator.ts';
import type { Disk } from '../disk.ts';
import { type SegmentConfig, SegmentFiles } from '../segment-files.ts';
import { checkSegmentSize, type ListedSegment, listSegments } from '../segment-listing.ts';
import { ConsumeQueue, type ConsumeQueueOwner, UNIT_LENGTH } from './consume-queue.ts';
import { LostFiles } from './lost-files.ts';
import { trimQueue } from './queue-recovery.ts';
import { TopicQueues } from './topic-queues.ts';

const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
/** So many queues are written in one go before other work gets its turn. */
const WRITES_PER_TURN = 512;
/** A queue's new file takes as long as so many writes. */
const NEW_FILE_COST = 16;
const PAGE = 4096;
const MAX_QUEUE_ID = 0x7fffffff;
const SYNCS_AT_ONCE = 8;
/** Queues that have units read from their files in memory: 5 KiB each. */
const MAX_WINDOWS = 128;
/** Queues whose files are looked at in one turn of the event loop. */
const TRIMS_PER_TURN = 64;

export interface ConsumeQueueStoreOptions {
  dir: string;
  segments: SegmentConfig;
  logger: Logger;
  /** A write to a queue file failed (with the error), or works again (undefined). */
  onFault: (error: unknown) => void;
}

export class ConsumeQueueStore implements ConsumeQueueOwner {
  /** What `load` could not take. */
  readonly lostFiles: LostFiles;
  readonly #options: ConsumeQueueStoreOptions;
  readonly #topics = new Map<string, TopicQueues>();
  /** Queues with units that are not in their file, oldest first. */
  #dirty: ConsumeQueue[] = [];
  /** Queues that hold a buffer although all is written: given back at the next tick if nothing came. */
  #idle: ConsumeQueue[] = [];
  readonly #unsynced = new Set<ConsumeQueue>();
  /** Of these not even the names of their files are known to be durable. */
  readonly #unnamed = new Set<ConsumeQueue>();
  /** Queues with a window, the one that got it first comes first. */
  readonly #windows = new Set<ConsumeQueue>();
  #bufferedBytes = 0;
  #faulty = false;

  constructor(options: ConsumeQueueStoreOptions) {
    this.#options = options;
    this.lostFiles = new LostFiles(options.segments.disk, options.logger);
  }

  /** Memory of all pending units, in bytes. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /**
   * The topic's queues, made when they are not known; undefined for a name that is none (it would become a directory).
   */
  topic(topic: string): TopicQueues | undefined {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    return topicFault(topic) === undefined ? this.#addTopic(topic) : undefined;
  }

  /** The queue, made when it is not known; it has no files before its first message. */
  queue(topic: TopicQueues, queueId: number): ConsumeQueue {
    const known = topic.queues[queueId];
    if (known !== undefined) return known;
    const dir = join(this.#options.dir, topic.topic, String(queueId));
    const queue = new ConsumeQueue(this, topic.topic, queueId, new SegmentFiles(this.#options.segments, dir));
    topic.queues[queueId] = queue;
    return queue;
  }

  find(topic: string, queueId: number): ConsumeQueue | undefined {
    return this.#topics.get(topic)?.queues[queueId];
  }

  *all(): Generator<ConsumeQueue> {
    for (const { queues } of this.#topics.values()) {
      // Not the array's own iterator, which would go through the holes of a sparse one.
      for (const queue of Object.values(queues)) if (queue !== undefined) yield queue;
    }
  }

  /** maxOffset of all queues taken together. */
  unitCount(): number {
    let count = 0;
    for (const { maxOffset } of this.all()) count += maxOffset;
    return count;
  }

  /** Takes the files on the disk. Changes nothing; throws PocketError STORE naming what must not be there. */
  load(): void {
    const { dir, segments } = this.#options;
    this.lostFiles.clear();
    this.#topics.clear();
    const listed = new Map<ConsumeQueue, ListedSegment[]>();
    for (const topic of segments.disk.list(dir) ?? []) {
      // Java's rules: a file among the topics, or a queue directory whose name is no number, is none of ours.
      if (segments.disk.info(join(dir, topic))?.isDirectory !== true) continue;
      for (const name of segments.disk.list(join(dir, topic)) ?? []) {
        if (!/^\d{1,10}$/.test(name) || Number(name) > MAX_QUEUE_ID) continue;
        const queue = this.queue(this.#topics.get(topic) ?? this.#addTopic(topic), Number(name));
        listed.set(queue, listSegments(segments.disk, queue.files.dir));
      }
    }
    checkSegmentSize([...listed.values()].flat(), segments.fileSize, 'mappedFileSizeConsumeQueue');
    for (const [queue, files] of listed) this.#take(queue, files);
  }

  /** Takes the files up to the first that was cut short or is missing. Those behind are in the way. */
  #take(queue: ConsumeQueue, files: readonly ListedSegment[]): void {
    const { fileSize } = this.#options.segments;
    const first = files[0]?.start ?? 0;
    const isUsable = ({ size, start }: ListedSegment, i: number): boolean =>
      size === fileSize && start === first + i * fileSize;
    const wrong = files.findIndex((file, i) => !isUsable(file, i));
    queue.files.take(first, wrong < 0 ? files.length : wrong);
    if (wrong >= 0)
      this.lostFiles.add(
        queue,
        files.slice(wrong).map(({ path }) => path),
      );
  }

  queueDirty(queue: ConsumeQueue): void {
    this.#dirty.push(queue);
  }

  bufferedBytesChanged(difference: number): void {
    this.#bufferedBytes += difference;
  }

  window(queue: ConsumeQueue, bytes: number): Buffer {
    const [oldest] = this.#windows;
    let window: Buffer | undefined;
    if (oldest !== undefined && this.#windows.size >= MAX_WINDOWS) {
      this.#windows.delete(oldest);
      window = oldest.takeWindow();
    }
    this.#windows.add(queue);
    return window ?? Buffer.allocUnsafeSlow(bytes);
  }

  /** True when so much is pending that it must be written now. */
  get overfull(): boolean {
    return this.#bufferedBytes > MAX_BUFFERED_BYTES;
  }

  writeQueue(queue: ConsumeQueue): boolean {
    try {
      queue.write();
    } catch (error) {
      if (!this.#faulty) this.#options.onFault(error);
      this.#faulty = true;
      return false;
    }
    if (this.#faulty) this.#options.onFault(undefined);
    this.#faulty = false;
    this.#unsynced.add(queue);
    return true;
  }

  /** A process that died wrote the units from this offset on: it may not have come to sync them. */
  doubt(queue: ConsumeQueue, offset: number): void {
    queue.syncedOffset = Math.min(queue.syncedOffset, offset);
    this.#unsynced.add(queue);
    this.#unnamed.add(queue);
  }

  /** Queues of which something is not durable. */
  get unsyncedCount(): number {
    return this.#unsynced.size + this.#dirty.length;
  }

  /** A write failed and none has succeeded since. */
  get faulty(): boolean {
    return this.#faulty;
  }

  /**
   * Writes pending units of so many queues as `limit` writes pay for; true when none is left. What cannot be written stays
   * pending.
   */
  writeBehind(limit = WRITES_PER_TURN): boolean {
    let done = 0;
    for (let cost = 0; cost < limit && done < this.#dirty.length; done++) {
      const queue = this.#dirty[done] as ConsumeQueue;
      const files = queue.files.count;
      if (!this.writeQueue(queue)) break;
      cost += queue.files.count > files ? NEW_FILE_COST : 1;
      queue.dirty = false;
      this.#idle.push(queue);
    }
    this.#dirty.splice(0, done);
    return this.#dirty.length === 0;
  }

  /** Writes all pending units. */
  writeAll(): boolean {
    return this.writeBehind(Number.POSITIVE_INFINITY);
  }

  /** Writes all, then gives the memory of the queues back. */
  writeAndRelease(): void {
    this.writeAll();
    this.releaseIdle();
  }

  /** Gives the memory back of the queues written since the last call that got no units after that. */
  releaseIdle(): void {
    for (const queue of this.#idle) if (!queue.dirty) queue.release();
    this.#idle = [];
  }

  /**
   * Makes written units durable: of queues with at least `leastPages` pages of them, of those with a new file, or of all with
   * 0. False when a new file could not be moved into place: it is tried again. Throws the disk's error when an fsync failed:
   * then the store must not rely on its queues any more.
   */
  async sync(leastPages: number): Promise<boolean> {
    const due: ConsumeQueue[] = [];
    for (const queue of this.#unsynced) {
      const isFew = (queue.writtenOffset - queue.syncedOffset) * UNIT_LENGTH < leastPages * PAGE;
      if (isFew && !queue.files.hasStaged) continue;
      due.push(queue);
      this.#unsynced.delete(queue);
    }
    const directories = new Set<string>();
    let complete = true;
    for (let i = 0; i < due.length; i += SYNCS_AT_ONCE) {
      const turn = due.slice(i, i + SYNCS_AT_ONCE);
      const done = await Promise.all(turn.map((queue) => this.#syncQueue(queue, directories)));
      if (done.includes(false)) complete = false;
    }
    // A new queue has a directory of its own: the disk takes several at a time for little more than the price of one.
    const all = [...directories];
    for (let i = 0; i < all.length; i += SYNCS_AT_ONCE) {
      await Promise.all(all.slice(i, i + SYNCS_AT_ONCE).map((directory) => this.#syncDirectory(directory)));
    }
    return complete;
  }

  /**
   * Deletes queue files all of whose records lie before `commitLogMin`, and corrects the queues' first offsets. Waits for
   * `pause` after a queue of which files were deleted.
   */
  async trim(commitLogMin: number, pause: () => Promise<void>): Promise<void> {
    let looked = 0;
    for (const queue of [...this.all()]) {
      if (++looked % TRIMS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      if ((await trimQueue(queue, commitLogMin)) > 0) await pause();
    }
  }

  /** Deletes the queue with its files; its numbering begins at 0 again. */
  destroyQueue(queue: ConsumeQueue): void {
    queue.files.deleteFrom(0);
    queue.open(0, 0, -1);
    queue.takeWindow();
    this.#windows.delete(queue);
    removeEmptied(this.#options.segments.disk, queue.files.dir);
    this.#unsynced.delete(queue);
    this.#unnamed.delete(queue);
    this.#dirty = this.#dirty.filter((other) => other !== queue);
    this.#idle = this.#idle.filter((other) => other !== queue);
    queue.dirty = false;
  }

  /** Deletes all queues of the topic with their files; the numbering begins at 0 again. */
  destroyTopic(topic: string): void {
    const known = this.#topics.get(topic);
    if (known === undefined) return;
    const { disk } = this.#options.segments;
    for (const queue of Object.values(known.queues)) {
      if (queue !== undefined) this.destroyQueue(queue);
    }
    removeEmptied(disk, join(this.#options.dir, topic));
    this.#topics.delete(topic);
  }

  async #syncDirectory(path: string): Promise<void> {
    try {
      await this.#options.segments.disk.syncDirectoryLater(path);
    } catch (error) {
      // Its topic was destroyed meanwhile.
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }

  #addTopic(topic: string): TopicQueues {
    const queues = new TopicQueues(topic);
    this.#topics.set(topic, queues);
    return queues;
  }

  async #syncQueue(queue: ConsumeQueue, directories: Set<string>): Promise<boolean> {
    const { handles, disk, fileSize } = this.#options.segments;
    const { files, writtenOffset } = queue;
    const end = writtenOffset * UNIT_LENGTH;
    for (let at = files.fileStart(queue.syncedOffset * UNIT_LENGTH); at < end; at += fileSize) {
      if (!files.has(at)) continue;
      const handle = handles.pin(files.path(at));
      try {
        await disk.dataSync(handle.fd);
      } finally {
        handles.unpin(handle);
      }
    }
    if (files.hasStaged || this.#unnamed.delete(queue)) {
      directories.add(files.dir).add(join(files.dir, '..')).add(this.#options.dir);
    }
    if (files.hasStaged) {
      try {
        files.publish(end);
      } catch (error) {
        this.#options.logger.warn(`new files of ${files.dir} cannot be moved into place yet: ${String(error)}`);
        this.#unsynced.add(queue);
        return false;
      }
    }
    if (queue.syncedOffset < writtenOffset) queue.syncedOffset = writtenOffset;
    return true;
  }
}

/** Somebody else's file in it keeps a directory. */
function removeEmptied(disk: Disk, path: string): void {
  if (disk.list(path)?.length === 0) disk.removeDirectory(path);
}
