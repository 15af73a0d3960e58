/**
 * A store's directory as the tools of `mqadmin store` look at it: nothing is written, no file is assumed to be there or to
 * have the right length, and a directory that a live process has open is refused. The lengths of the files come from the
 * broker's configuration where it is known, else from the files themselves: the most common length that fits their names.
 */
import { join } from 'node:path';
import { PocketError } from '../../common/errors.ts';
import { DEFAULT_MESSAGE_DELAY_LEVEL } from '../../message/delay-level.ts';
import { UNIT_LENGTH } from '../consumequeue/consume-queue.ts';
import { type Disk, nodeDisk } from '../disk.ts';
import { storeDefaults } from '../message-store-options.ts';
import { storeOwner } from '../store-lock.ts';
import { StorePaths } from '../store-paths.ts';

/** Settings of the broker that shape the files; those that are not given are found out or taken for the defaults. */
export interface StoreShape {
  mappedFileSizeCommitLog: number;
  mappedFileSizeConsumeQueue: number;
  maxHashSlotNum: number;
  maxIndexNum: number;
  messageDelayLevel: string;
}

export interface StoreDirOptions {
  /** storePathRootDir */
  rootDir: string;
  /** storePathCommitLog; `commitlog` in rootDir unless given. */
  commitLogDir?: string | undefined;
  shape?: Partial<StoreShape>;
  /** nodeDisk unless given. */
  disk?: Disk;
}

/** A segment file that is there. */
export interface Segment {
  readonly path: string;
  /** Stream offset of its first byte, by its name. */
  readonly start: number;
  /** Bytes it has, which may be wrong. */
  readonly length: number;
  /** Bytes that have blocks on the disk, undefined where that is not known. */
  readonly allocatedBytes: number | undefined;
}

export interface QueueDir {
  readonly topic: string;
  readonly queueId: number;
  readonly path: string;
  readonly segments: readonly Segment[];
  /** What must not lie there: Java refuses the store for it. */
  readonly strays: readonly string[];
}

export class StoreDir {
  readonly disk: Disk;
  readonly paths: StorePaths;
  /** `abort` is there: the last stop was none, and the next start recovers. */
  readonly crashed: boolean;
  readonly shape: StoreShape;
  readonly segments: readonly Segment[];
  readonly strays: readonly string[];
  readonly queues: readonly QueueDir[];

  /** Throws PocketError NOT_FOUND when no store is there, IN_USE when a live process has it. */
  constructor(options: StoreDirOptions) {
    const { disk = nodeDisk, rootDir, commitLogDir, shape = {} } = options;
    this.disk = disk;
    this.paths = new StorePaths(rootDir, commitLogDir);
    const { root, commitLog, consumeQueue, abort } = this.paths;
    if (disk.list(commitLog) === undefined) {
      throw new PocketError('NOT_FOUND', `there is no store in ${root}: ${commitLog} does not exist`);
    }
    const pid = storeOwner(disk, root);
    if (pid !== undefined) {
      throw new PocketError('IN_USE', `the store ${root} is in use by process ${pid}; stop that process or use a copy`);
    }
    this.crashed = disk.info(abort) !== undefined;
    [this.segments, this.strays] = segmentsOf(disk, commitLog);
    this.queues = [...queuesOf(disk, consumeQueue)];
    this.shape = {
      mappedFileSizeCommitLog:
        shape.mappedFileSizeCommitLog ?? lengthOf(this.segments, 1) ?? storeDefaults.mappedFileSizeCommitLog,
      mappedFileSizeConsumeQueue: wholeUnits(
        shape.mappedFileSizeConsumeQueue ??
          lengthOf(
            this.queues.flatMap(({ segments }) => segments),
            UNIT_LENGTH,
          ) ??
          storeDefaults.mappedFileSizeConsumeQueue,
      ),
      maxHashSlotNum: shape.maxHashSlotNum ?? storeDefaults.maxHashSlotNum,
      maxIndexNum: shape.maxIndexNum ?? storeDefaults.maxIndexNum,
      messageDelayLevel: shape.messageDelayLevel ?? DEFAULT_MESSAGE_DELAY_LEVEL,
    };
  }

  /** Where readable records begin; 0 without files. */
  get minOffset(): number {
    return this.segments[0]?.start ?? 0;
  }

  configPath(name: string): string {
    return join(this.paths.root, 'config', name);
  }
}

function segmentsOf(disk: Disk, dir: string): [Segment[], string[]] {
  const segments: Segment[] = [];
  const strays: string[] = [];
  for (const name of disk.list(dir) ?? []) {
    const path = join(dir, name);
    const info = disk.info(path);
    if (info?.isFile === true && /^\d{20}$/.test(name)) {
      segments.push({ path, start: Number(name), length: info.size, allocatedBytes: info.allocatedBytes });
    } else strays.push(path);
  }
  return [segments, strays];
}

function* queuesOf(disk: Disk, dir: string): Generator<QueueDir> {
  for (const topic of disk.list(dir) ?? []) {
    if (disk.info(join(dir, topic))?.isDirectory !== true) continue;
    for (const name of disk.list(join(dir, topic)) ?? []) {
      if (!/^\d{1,10}$/.test(name)) continue;
      const path = join(dir, topic, name);
      const [segments, strays] = segmentsOf(disk, path);
      yield { topic, queueId: Number(name), path, segments, strays };
    }
  }
}

/** The length that most files have and all names are multiples of; undefined without one. */
function lengthOf(segments: readonly Segment[], unit: number): number | undefined {
  const counts = new Map<number, number>();
  for (const { length } of segments) {
    if (length > 0 && length % unit === 0) counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  const byCount = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0]).map(([length]) => length);
  return byCount.find((length) => segments.every(({ start }) => start % length === 0));
}

const wholeUnits = (length: number): number => Math.ceil(length / UNIT_LENGTH) * UNIT_LENGTH;
