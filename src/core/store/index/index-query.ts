/**
 * Looks a key up in the index files, newest first. Mirrors IndexService.queryOffset and IndexFile.selectPhyOffset. Messages
 * whose key has the same hash are found, too: whoever asked compares the key itself, as with Java.
 * Long chains are walked in turns of the event loop.
 */
import type { IndexEntry, IndexFile } from './index-file.ts';

/** Entries looked at in one turn. */
const STEPS_PER_TURN = 2000;

export interface IndexQuery {
  /** indexKeyHash() of topic and key. */
  keyHash: number;
  /** At most so many messages. */
  maxNum: number;
  /** storeTimestamps, ms, both included. */
  begin: number;
  end: number;
}

/** Commitlog offsets, ascending, each once. Rejects with the disk's error. */
export async function queryOffsets(files: readonly IndexFile[], query: IndexQuery): Promise<number[]> {
  const found = new Set<number>();
  const turn = { steps: 0 };
  for (const file of [...files].reverse()) {
    if (query.begin <= file.endTimestamp && query.end >= file.beginTimestamp) await walkChain(file, query, found, turn);
    if (file.beginTimestamp < query.begin || found.size >= query.maxNum) break;
  }
  return [...found].sort((a, b) => a - b);
}

async function walkChain(
  file: IndexFile,
  { keyHash, maxNum, begin, end }: IndexQuery,
  found: Set<number>,
  turn: { steps: number },
): Promise<void> {
  if (file.indexCount <= 1) return;
  const entry: IndexEntry = { keyHash: 0, phyOffset: 0, timeDiff: 0, previous: 0 };
  for (let number = file.chain(keyHash); number > 0 && number < file.indexCount; ) {
    if (found.size >= maxNum) return;
    if (++turn.steps % STEPS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    file.read(number, entry);
    if (entry.timeDiff < 0) return;
    const time = file.beginTimestamp + entry.timeDiff * 1000;
    if (entry.keyHash === keyHash && time >= begin && time <= end) found.add(entry.phyOffset);
    // A chain goes back in time and number; anything else is damage.
    if (time < begin || entry.previous >= number) return;
    number = entry.previous;
  }
}
