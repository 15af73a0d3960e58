import { expect, it } from 'vitest';
import { listeningLogger, overwrite } from './damage-story.ts';
import { crashCopy, HeldClock, openStore, put, segmentPath } from './store-fixture.ts';

const SIZE = 64 * 1024 * 1024;
const BODY = Buffer.alloc(1024 * 1024, 1);

/** A clock that goes on by a second whenever somebody looks at it. */
class RestlessClock extends HeldClock {
  override monotonic(): number {
    this.time += 1000;
    return this.time;
  }
}

async function crashed(messages: number): Promise<string> {
  const { store, rootDir } = await openStore({ mappedFileSizeCommitLog: SIZE });
  for (let i = 0; i < messages; i++) await put(store, { body: BODY });
  return crashCopy(rootDir);
}

it('a long recovery says every few seconds how far it is, and at the end what it did', async () => {
  const rootDir = await crashed(60);
  const { logger, lines } = listeningLogger();
  const told: string[] = [];
  const options = { rootDir, logger, mappedFileSizeCommitLog: SIZE, clock: new RestlessClock() };
  const { store } = await openStore({ ...options, progressIntervalMs: 1500, onProgress: (line) => told.push(line) });
  expect(store.maxOffsetInQueue('T', 0)).toBe(60);
  // Three slices of 16 MiB end before the log does; the clock goes on by a second for each.
  expect(told).toEqual([
    // The next file may be there already.
    expect.stringMatching(/^recovering the commitlog: (2\d|5\d) %, 3\d\.\d of (64\.0|128) MiB, \d+ MiB\/s$/),
    expect.stringMatching(
      /^recovery after a crash: 60 records \(60\.0 MiB\) of the commitlog were checked from offset 0 on, 0 bytes/,
    ),
  ]);
  expect(lines).toEqual(expect.arrayContaining(told));
});

it('a short one says what it did in the log only', async () => {
  const rootDir = await crashed(2);
  const { logger, lines } = listeningLogger();
  const told: string[] = [];
  await openStore({ rootDir, logger, mappedFileSizeCommitLog: SIZE, onProgress: (line) => told.push(line) });
  expect(told).toEqual([]);
  expect(lines.filter((line) => line.startsWith('recover'))).toEqual([
    expect.stringMatching(/^recovery after a crash: 2 records .* 2 units were added to the consumequeue$/),
  ]);
});

it('says how much of a torn end was cut', async () => {
  const { store, rootDir } = await openStore();
  await put(store, { body: 'whole' });
  const end = store.commitLogMaxOffset;
  await put(store, { body: 'torn' });
  const copy = crashCopy(rootDir);
  overwrite(segmentPath(copy, 0), end + 50, Buffer.alloc(100));
  const { logger, lines } = listeningLogger();
  await openStore({ rootDir: copy, logger });
  expect(lines.some((line) => /, (4\d|50) bytes behind the last whole one were cut, /.test(line))).toBe(true);
});
