/** Transactions over an end of the broker, clean or not, and over a disk that refuses. */
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, nodeDisk } from '../../../src/core/store/disk.ts';
import { until } from './test-broker.ts';
import {
  COMMIT,
  checked,
  crashed,
  ended,
  halves,
  keysOf,
  queueOf,
  ROLLBACK,
  startBench,
  type TransactionBench,
} from './transaction-bench.ts';

/** A disk that takes so many more writes to the commitlog, and then none. */
function failingDisk(): { disk: Disk; left: number } {
  const paths = new Map<number, string>();
  const state = {
    left: Number.POSITIVE_INFINITY,
    disk: Object.create(nodeDisk, {
      open: {
        value: (...args: Parameters<Disk['open']>) => {
          const fd = nodeDisk.open(...args);
          paths.set(fd, basename(dirname(args[0])));
          return fd;
        },
      },
      write: {
        value: (...args: Parameters<Disk['write']>) => {
          if (paths.get(args[0]) === 'commitlog' && state.left-- <= 0) {
            throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
          }
          return nodeDisk.write(...args);
        },
      },
    }) as Disk,
  };
  return state;
}

const restarted = async ({ broker, storeDir, clock }: TransactionBench): Promise<TransactionBench> => {
  await broker.stop();
  return startBench({ storeDir }, clock);
};

const killed = ({ storeDir, clock }: TransactionBench): Promise<TransactionBench> =>
  startBench({ storeDir: crashed(storeDir) }, clock);

const ends = [
  ['a clean stop', restarted],
  ['a kill', killed],
] as const;

describe.each(ends)('after %s', (_what, again) => {
  it('what hangs is asked about and what is ended is not', async () => {
    const before = await startBench();
    await before.producer.end(await before.producer.half('a'), COMMIT);
    await before.producer.half('b');
    await before.producer.end(await before.producer.half('c'), ROLLBACK);
    const { producer, clock } = await again(before);
    await checked(clock, () => producer.asked.length > 0);
    expect(new Set(keysOf(producer.asked.map(({ message }) => message)))).toEqual(new Set(['b']));
    const { tranStateTableOffset = 0, commitLogOffset = 0 } = producer.asked[0]?.header ?? {};
    const header = { producerGroup: 'P', msgId: 'Ub', commitOrRollback: 0, tranStateTableOffset, commitLogOffset };
    expect(await producer.end(header, COMMIT)).toMatchObject({ code: 0 });
    expect(keysOf(await queueOf(producer))).toEqual(['a', 'b']);
  });

  it('a commit of the first copy ends all, also when the copies are older than the broker', async () => {
    const before = await startBench();
    const header = await before.producer.half('k');
    await checked(before.clock, () => before.producer.asked.length > 0);
    const { producer, clock } = await again(before);
    const copies = (await halves(producer)).length;
    expect(copies).toBeGreaterThan(1);
    for (let i = 0; i < 2; i++) expect(await producer.end(header, COMMIT)).toMatchObject({ code: 0 });
    expect(keysOf(await queueOf(producer))).toEqual(['k']);
    await producer.half('next');
    await checked(clock, () => producer.asked.length > 0);
    expect(keysOf(producer.asked.map(({ message }) => message))).not.toContain('k');
    expect(await ended(producer)).toEqual([copies - 1]);
  });
});

describe('a kill', () => {
  it('between a copy that was put back and its offset leaves one copy to ask about', async () => {
    const before = await startBench();
    await before.producer.half('k');
    await checked(before.clock, () => before.producer.asked.length > 0);
    const { producer, clock } = await killed(before);
    const copies = (await halves(producer)).length;
    await checked(clock, () => producer.asked.length > 0);
    const offsets = producer.asked.map(({ header }) => header.tranStateTableOffset);
    expect(offsets[0]).toBe(copies);
    expect(new Set(offsets).size).toBe(offsets.length);
  });

  it('between a commit and its op message does not deliver the message twice', async () => {
    const failing = failingDisk();
    const before = await startBench({ disk: failing.disk });
    const header = await before.producer.half('k');
    failing.left = 1;
    expect(await before.producer.end(header, COMMIT)).toMatchObject({ code: 0 });
    expect(await ended(before.producer)).toEqual([]);
    const { producer, clock } = await killed(before);
    await producer.half('next');
    await checked(clock, () => producer.asked.length > 0);
    expect(keysOf(producer.asked.map(({ message }) => message))).not.toContain('k');
    expect(await producer.end(header, COMMIT)).toMatchObject({ code: 0 });
    expect([keysOf(await queueOf(producer)), await ended(producer)]).toEqual([['k'], [0]]);
  });
});

describe('a full disk', () => {
  it('keeps a commit from being marked, and the mark follows when it has room', async () => {
    const failing = failingDisk();
    const { producer, clock } = await startBench({ disk: failing.disk });
    const header = await producer.half('k');
    failing.left = 1;
    await producer.end(header, COMMIT);
    failing.left = Number.POSITIVE_INFINITY;
    await until(async () => {
      clock.advance(1000);
      return (await ended(producer)).length > 0;
    });
    expect([keysOf(await queueOf(producer)), await ended(producer), producer.asked]).toEqual([['k'], [0], []]);
  });

  it('refuses a commit, and what it did not take is asked about later', async () => {
    const failing = failingDisk();
    const { producer, clock } = await startBench({ disk: failing.disk });
    const header = await producer.half('k');
    failing.left = 0;
    expect(await producer.end(header, COMMIT)).not.toMatchObject({ code: 0 });
    failing.left = Number.POSITIVE_INFINITY;
    await checked(clock, () => producer.asked.length > 0);
    expect(await queueOf(producer)).toEqual([]);
  });

  it('keeps a check from going on without its copies', async () => {
    const failing = failingDisk();
    const { producer, clock } = await startBench({ disk: failing.disk });
    await producer.half('k');
    failing.left = 0;
    for (let i = 0; i < 3; i++) {
      clock.advance(10_000);
      expect(await halves(producer)).toHaveLength(1);
    }
    failing.left = Number.POSITIVE_INFINITY;
    await checked(clock, () => producer.asked.length > 0);
    expect(producer.asked[0]?.message.properties).toMatchObject({ TRANSACTION_CHECK_TIMES: '1' });
  });
});
