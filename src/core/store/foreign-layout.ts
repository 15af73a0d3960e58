/**
 * Directories of stores that are not of RocketMQ 4.9's kind: what they hold beside (or instead of) commitlog and consumequeue
 * would be left out without a word, so they are refused. Nothing is changed here.
 */
import { join } from 'node:path';
import { PocketError } from '../common/errors.ts';
import type { Disk } from './disk.ts';
import type { StorePaths } from './store-paths.ts';

/** Throws PocketError STORE in one sentence that names what was found. */
export function refuseForeignLayout(disk: Disk, paths: StorePaths): void {
  const { root, consumeQueue } = paths;
  for (const dir of paths.directories) {
    if (disk.info(dir)?.isDirectory === false) throw new PocketError('STORE', `${dir} is a file and no directory`);
  }
  for (const name of disk.list(root) ?? []) {
    const path = join(root, name);
    if (/^dledger-/.test(name) && disk.info(path)?.isDirectory === true) {
      refuse(path, 'the store is one of DLedger (enableDLegerCommitLog), which PocketMQ does not read');
    }
    if (name === 'consumequeue_rocksdb')
      refuse(path, 'the consumequeue is one of RocksDB, which PocketMQ does not read');
    if (name === 'batchconsumequeue' && disk.list(path)?.length !== 0) {
      refuse(path, 'the store has batch queues of RocketMQ 5, which PocketMQ does not read');
    }
  }
  const rocksDb = join(consumeQueue, 'CURRENT');
  if (disk.info(rocksDb)?.isFile === true)
    refuse(rocksDb, 'the consumequeue is one of RocksDB, which PocketMQ does not read');
  const tiered = join(root, 'config', 'tieredStoreMetadata.json');
  if (disk.info(tiered) !== undefined) refuse(tiered, 'the store is tiered, which PocketMQ does not read');
}

function refuse(path: string, what: string): never {
  throw new PocketError('STORE', `${path} is there: ${what}; use another store directory`);
}
