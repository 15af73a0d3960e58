/**
 * Bytes of a store are flipped, zeroed or cut at random, in every kind of file, after an orderly stop and after a crash.
 * DAMAGE_SEED=n plays one case again, DAMAGE_CASES=n that many of each kind, from that seed on.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MessageStore } from '../../../src/core/store/message-store.ts';
import { type Random, randomOf } from '../../chaos/power-disk.ts';
import {
  anyFile,
  asMap,
  consume,
  consumeAll,
  cut,
  type DamagedStore,
  flip,
  listeningLogger,
  nameOf,
  overwrite,
  QUEUES,
  SMALL,
  type Stored,
  storyOf,
} from './damage-story.ts';
import { names, openStore, put, putMany, segmentPath } from './store-fixture.ts';

const COUNT = 100;
const given = process.env.DAMAGE_SEED;
const firstSeed = Number(given ?? 20_261_127);
const cases = Number(process.env.DAMAGE_CASES ?? (given === undefined ? 2 : 1));
const seeds = Array.from({ length: cases }, (_, i) => firstSeed + i);

interface Range {
  start: number;
  end: number;
}

/** Commitlog offsets that were damaged. */
type DamageLog = (story: DamagedStore, random: Random) => Range;

const upTo = (random: Random, limit: number): number => Math.floor(random() * limit);

function inLog(rootDir: string, start: number, length: number, random: Random): Range {
  const file = start - (start % 4096);
  const end = Math.min(start + length, file + 4096);
  flip(segmentPath(rootDir, file), start - file, end - start, random);
  return { start, end };
}

const anyMessage = ({ messages }: DamagedStore, random: Random): Stored =>
  messages[upTo(random, messages.length)] as Stored;

const logDamages: [string, DamageLog][] = [
  [
    'bytes anywhere',
    (story, random) => inLog(story.rootDir, upTo(random, story.logEnd), 1 + upTo(random, 200), random),
  ],
  ['a size field', (story, random) => inLog(story.rootDir, anyMessage(story, random).physicOffset, 4, random)],
  ['the head of a record', (story, random) => inLog(story.rootDir, anyMessage(story, random).physicOffset, 40, random)],
  ['a body length', (story, random) => inLog(story.rootDir, anyMessage(story, random).physicOffset + 84, 4, random)],
  [
    'one bit of a body',
    (story, random) => inLog(story.rootDir, anyMessage(story, random).physicOffset + 88, 1, random),
  ],
  [
    'a BLANK',
    ({ rootDir, messages }, random) => {
      const firsts = messages.filter(({ physicOffset }) => physicOffset > 0 && physicOffset % 4096 === 0);
      const { physicOffset } = firsts[upTo(random, firsts.length)] as Stored;
      const before = messages.filter((message) => message.physicOffset < physicOffset).at(-1) as Stored;
      return inLog(rootDir, before.physicOffset + before.size, 8, random);
    },
  ],
  [
    'zeros over a part of a file',
    ({ rootDir, logEnd }, random) => {
      const start = upTo(random, logEnd);
      const file = start - (start % 4096);
      const length = Math.min(1 + upTo(random, 2000), file + 4096 - start);
      overwrite(segmentPath(rootDir, file), start - file, Buffer.alloc(length));
      return { start, end: start + length };
    },
  ],
  [
    'a file that was cut short',
    ({ rootDir }, random) => {
      const files = names(join(rootDir, 'commitlog'));
      const start = Number(files[upTo(random, files.length)]);
      const kept = upTo(random, 4096);
      truncateSync(segmentPath(rootDir, start), kept);
      return { start: start + kept, end: start + 4096 };
    },
  ],
];

async function reopened(rootDir: string): Promise<{ store: MessageStore; lines: string[] }> {
  const { logger, lines } = listeningLogger();
  const { store } = await openStore({ ...SMALL, rootDir, logger });
  return { store, lines };
}

/** The store goes on, and after a stop everything that was there is still there. */
async function expectToGoOn(store: MessageStore, rootDir: string, next: (queue: string) => number): Promise<void> {
  const before = await consumeAll(store);
  for (const [topic, queueId] of QUEUES) {
    const answer = await put(store, { topic, queueId, body: 'next' });
    expect(answer).toMatchObject({ status: 'PUT_OK', queueOffset: next(`${topic}/${queueId}`) });
    before.set(`${topic}/${queueId}/${answer.queueOffset}`, 'next');
  }
  expect(await consumeAll(store)).toEqual(before);
  await store.stop();
  const again = await reopened(rootDir);
  expect(await consumeAll(again.store)).toEqual(before);
  await again.store.stop();
}

function countIn(messages: readonly Stored[]): (queue: string) => number {
  return (queue) => messages.filter(({ topic, queueId }) => `${topic}/${queueId}` === queue).length;
}

describe.each(logDamages)('%s in the commitlog', (_, damage) => {
  it(`after an orderly stop costs the messages it hit, and no number (seeds from ${firstSeed})`, async () => {
    for (const seed of seeds) {
      const random = randomOf(seed);
      const story = await storyOf(random, { crashed: false, count: COUNT });
      const hit = damage(story, random);
      const whole = story.messages.filter((message) => isOutside(message, hit));
      const { store, lines } = await reopened(story.rootDir);
      const got = await consumeAll(store);
      const all = asMap(story.messages);
      for (const message of whole)
        expect(got.get(nameOf(message)), `DAMAGE_SEED=${seed} ${nameOf(message)}`).toBe(message.body);
      // A field that no CRC covers may be hit: then the message is still the one that was stored.
      for (const [name, body] of got) expect(body, `DAMAGE_SEED=${seed} ${name}`).toBe(all.get(name));
      for (const { topic, queueId, queueOffset } of story.messages.filter((message) => !got.has(nameOf(message)))) {
        const told = lines.some((line) => line.includes(`message ${queueOffset} of ${topic}/${queueId} is damaged`));
        expect(told, `DAMAGE_SEED=${seed} ${topic}/${queueId}/${queueOffset}`).toBe(true);
      }
      await expectToGoOn(store, story.rootDir, countIn(story.messages));
    }
  });

  it(`after a crash ends the log there, and what was whole behind it is kept aside (seeds from ${firstSeed})`, async () => {
    for (const seed of seeds) {
      const random = randomOf(seed);
      const story = await storyOf(random, { crashed: true, count: COUNT });
      const files = join(story.rootDir, 'commitlog');
      const hit = damage(story, random);
      const content = new Map(names(files).map((name) => [name, readFileSync(join(files, name))]));
      const { store, lines } = await reopened(story.rootDir);
      const got = await consumeAll(store);
      const before = story.messages.filter(({ physicOffset, size }) => physicOffset + size <= hit.start);
      for (const message of before)
        expect(got.get(nameOf(message)), `DAMAGE_SEED=${seed} ${nameOf(message)}`).toBe(message.body);
      const all = asMap(story.messages);
      for (const [name, body] of got) expect(body, `DAMAGE_SEED=${seed} ${name}`).toBe(all.get(name));
      const lost = story.messages.filter((message) => !got.has(nameOf(message)) && isOutside(message, hit));
      if (lost.length > 0) expectAside(lost, { rootDir: story.rootDir, content, lines, seed });
      else expect(existsSync(join(story.rootDir, 'damaged')), `DAMAGE_SEED=${seed}`).toBe(false);
      await expectToGoOn(store, story.rootDir, (queue) => nextOf(got, queue));
    }
  });
});

function isOutside({ physicOffset, size }: Stored, hit: Range): boolean {
  return physicOffset + size <= hit.start || physicOffset >= hit.end;
}

function nextOf(got: ReadonlyMap<string, string>, queue: string): number {
  const offsets = [...got.keys()].filter((name) => name.startsWith(`${queue}/`));
  return Math.max(-1, ...offsets.map((name) => Number(name.slice(queue.length + 1)))) + 1;
}

/** The records of these messages lie in the directory that the log names, byte for byte and each at its place. */
function expectAside(
  messages: readonly Stored[],
  {
    rootDir,
    content,
    lines,
    seed,
  }: { rootDir: string; content: ReadonlyMap<string, Buffer>; lines: string[]; seed: number },
): void {
  const [directory] = readdirSync(join(rootDir, 'damaged')).map((name) => join(rootDir, 'damaged', name));
  expect(
    lines.some((line) => line.includes(`are kept in ${directory}`)),
    `DAMAGE_SEED=${seed}`,
  ).toBe(true);
  for (const { physicOffset, size } of messages) {
    const name = String(physicOffset - (physicOffset % 4096)).padStart(20, '0');
    const at = physicOffset % 4096;
    const kept = readFileSync(join(directory as string, name)).subarray(at, at + size);
    expect(kept.equals(content.get(name)?.subarray(at, at + size) as Buffer), `DAMAGE_SEED=${seed}`).toBe(true);
  }
}

const derivedDamages: [string, (story: DamagedStore, random: Random) => void][] = [
  [
    'bytes of a consumequeue file',
    ({ rootDir }, random) => {
      // Tags codes are left alone: nothing tells a wrong one.
      const path = anyFile(join(rootDir, 'consumequeue'), random);
      flip(path, upTo(random, 20) * 20 + upTo(random, 12), 1 + upTo(random, 3), random);
    },
  ],
  [
    'zeros in a consumequeue file',
    ({ rootDir }, random) => {
      const at = upTo(random, 19) * 20;
      overwrite(anyFile(join(rootDir, 'consumequeue'), random), at, Buffer.alloc(20 + upTo(random, 380 - at)));
    },
  ],
  [
    'a consumequeue file that was cut',
    ({ rootDir }, random) => cut(anyFile(join(rootDir, 'consumequeue'), random), random),
  ],
  ['a consumequeue file that is gone', ({ rootDir }, random) => rmSync(anyFile(join(rootDir, 'consumequeue'), random))],
  ['a consumequeue that is gone', ({ rootDir }) => rmSync(join(rootDir, 'consumequeue'), { recursive: true })],
  [
    'a topic of the consumequeue that is gone',
    ({ rootDir }) => rmSync(join(rootDir, 'consumequeue/T'), { recursive: true }),
  ],
  [
    'bytes of an index file',
    ({ rootDir }, random) => {
      const path = anyFile(join(rootDir, 'index'), random);
      flip(path, upTo(random, statSync(path).size), 1 + upTo(random, 60), random);
    },
  ],
  ['an index file that was cut', ({ rootDir }, random) => cut(anyFile(join(rootDir, 'index'), random), random)],
  ['an index that is gone', ({ rootDir }) => rmSync(join(rootDir, 'index'), { recursive: true })],
  [
    'bytes of the checkpoint',
    ({ rootDir }, random) => {
      const path = join(rootDir, 'checkpoint');
      if (!existsSync(path)) writeFileSync(path, Buffer.alloc(4096));
      flip(path, upTo(random, 24), 1 + upTo(random, 8), random);
    },
  ],
  ['a checkpoint that is gone', ({ rootDir }) => rmSync(join(rootDir, 'checkpoint'), { force: true })],
  ['a checkpoint that was cut', ({ rootDir }) => writeFileSync(join(rootDir, 'checkpoint'), Buffer.alloc(5, 0x7f))],
  [
    'bytes in abort and lock',
    ({ rootDir }) => {
      if (existsSync(join(rootDir, 'abort'))) writeFileSync(join(rootDir, 'abort'), 'noise');
      writeFileSync(join(rootDir, 'lock'), Buffer.alloc(100, 0xff));
    },
  ],
  [
    'notes of the last stop that are damaged',
    ({ rootDir }, random) => {
      for (const name of ['pocketmq.stopped', 'pocketmq.indexed']) {
        const path = join(rootDir, name);
        if (existsSync(path)) flip(path, upTo(random, statSync(path).size), 1, random);
      }
    },
  ],
];

describe.each(derivedDamages)('%s', (what, damage) => {
  it.each([false, true])(`costs no message, crashed: %s (seeds from ${firstSeed})`, async (crashed) => {
    for (const seed of seeds) {
      const random = randomOf(seed);
      const story = await storyOf(random, { crashed, count: COUNT });
      damage(story, random);
      const { store } = await reopened(story.rootDir);
      expect(await consumeAll(store), `DAMAGE_SEED=${seed}`).toEqual(asMap(story.messages));
      // Where a slot or an entry of an index that was closed in order is damaged, keys may not be found.
      const mayMiss = what === 'bytes of an index file' && !crashed;
      for (const message of story.messages) {
        const { topic, key, body } = message;
        const query = { topic, key, maxNum: 64, begin: 0, end: Number.MAX_SAFE_INTEGER };
        const { records } = await store.queryMessage(query);
        const isFound = records.some((record) => record.includes(body));
        if (!mayMiss) expect(isFound, `DAMAGE_SEED=${seed} ${key}`).toBe(true);
      }
      await expectToGoOn(store, story.rootDir, countIn(story.messages));
    }
  });
});

describe('a queue of which more messages are lost than a wrong number could claim', () => {
  const HALF_MIB = 512 * 1024;
  const large = { mappedFileSizeCommitLog: HALF_MIB, mappedFileSizeConsumeQueue: 1_000_000, messageIndexEnable: false };

  it('keeps the messages behind the gap, and their numbers', async () => {
    const { store, rootDir } = await openStore(large);
    const puts = await putMany(store, 17_000);
    await store.stop();
    for (const start of [HALF_MIB, 2 * HALF_MIB]) overwrite(segmentPath(rootDir, start), 0, Buffer.alloc(HALF_MIB));
    rmSync(join(rootDir, 'consumequeue'), { recursive: true });
    const again = await openStore({ ...large, rootDir });
    const kept = puts.filter(({ physicOffset }) => physicOffset < HALF_MIB || physicOffset >= 3 * HALF_MIB);
    expect(kept.length).toBeLessThan(7000);
    const got = await consume(again.store, 'T', 0);
    expect([...got.keys()]).toEqual(kept.map(({ queueOffset }) => queueOffset));
    expect(again.store.maxOffsetInQueue('T', 0)).toBe(17_000);
  });

  it('does not take one wrong number for a gap', async () => {
    const { store, rootDir } = await openStore(large);
    const puts = await putMany(store, 3000);
    await store.stop();
    // queueOffset is at 20 of a record; no CRC covers it. It becomes 20,000.
    overwrite(segmentPath(rootDir, 0), (puts[2000]?.physicOffset ?? 0) + 26, Buffer.from([0x4e, 0x20]));
    rmSync(join(rootDir, 'consumequeue'), { recursive: true });
    const again = await openStore({ ...large, rootDir });
    const got = await consume(again.store, 'T', 0);
    expect([...got.keys()]).toEqual([...Array(3000).keys()].filter((offset) => offset !== 2000));
  });
});
