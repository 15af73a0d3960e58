/** Where the parts of a store lie. Mirrors StorePathConfigHelper; staging directories and what lies in them are ours. */
import { dirname, join, resolve } from 'node:path';

export class StorePaths {
  readonly root: string;
  readonly commitLog: string;
  readonly consumeQueue: string;
  readonly index: string;
  readonly indexNote: string;
  readonly abort: string;
  /** Where new files are made before they are moved into place. */
  readonly staging: string;
  /** The same for the commitlog: a file can be renamed within one file system only. */
  readonly commitLogStaging: string;
  /** What recovery cuts off a damaged commitlog is kept here; on the commitlog's file system, too. */
  readonly damaged: string;
  /** How the last orderly stop left log and queues (stop-note.ts). */
  readonly stopNote: string;
  /** From where on the log may not be on the disk (unflushed-mark.ts). */
  readonly unflushedMark: string;

  /** storePathRootDir, and storePathCommitLog where it is elsewhere. */
  constructor(rootDir: string, commitLogDir?: string) {
    this.root = resolve(rootDir);
    this.commitLog = resolve(commitLogDir ?? join(this.root, 'commitlog'));
    this.consumeQueue = join(this.root, 'consumequeue');
    this.index = join(this.root, 'index');
    this.indexNote = join(this.root, 'pocketmq.indexed');
    this.abort = join(this.root, 'abort');
    this.staging = join(this.root, 'staging');
    const isInRoot = dirname(this.commitLog) === this.root;
    this.commitLogStaging = isInRoot ? this.staging : `${this.commitLog}.staging`;
    this.damaged = isInRoot ? join(this.root, 'damaged') : `${this.commitLog}.damaged`;
    this.stopNote = join(this.root, 'pocketmq.stopped');
    this.unflushedMark = join(this.root, 'pocketmq.unflushed');
  }

  /** Directories a store has from its start. */
  get directories(): string[] {
    return [this.root, this.commitLog, this.consumeQueue, ...this.stagingDirectories];
  }

  get stagingDirectories(): string[] {
    return [...new Set([this.staging, this.commitLogStaging])];
  }
}
