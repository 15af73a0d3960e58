/**
 * Damage of every kind is planted in a store that is sound, one kind a test, and verify must name the file and its first bad
 * byte. Which byte that is follows from the layout of the files, not from what verify says.
 */
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/common/clock.ts';
import { StoreDir } from '../../../src/core/store/tools/store-dir.ts';
import { type VerifyResult, verifyStore } from '../../../src/core/store/tools/verify-store.ts';
import { crashCopy, openStore, put, putMany, queuePath, segmentPath } from './store-fixture.ts';
import {
  bytesAt,
  type Filled,
  filledStore,
  flip,
  indexByte,
  int32,
  int64,
  logByte,
  lookInto,
  overwrite,
  SHAPE,
  unitByte,
  writeConfig,
} from './tools-fixture.ts';

const verify = (rootDir: string): VerifyResult => verifyStore(lookInto(rootDir), { clock: systemClock });

interface Place {
  readonly file: string;
  readonly offset: number;
}

interface Case {
  readonly what: string;
  /** Plants the damage; returns its first byte. */
  readonly plant: (filled: Filled) => Place;
  /** Part of the reason. */
  readonly why: string | RegExp;
}

/** Fields of a record with IPv4 hosts. */
const At = {
  size: 0,
  magic: 4,
  crc: 8,
  queueId: 12,
  queueOffset: 20,
  physicOffset: 28,
  sysFlag: 36,
  bornTimestamp: 40,
  bornPort: 52,
  storeTimestamp: 56,
  storePort: 68,
  reconsumeTimes: 72,
  bodyLength: 84,
  body: 88,
} as const;

const message = ({ messages }: Filled, number: number) => {
  const found = messages[number];
  if (found === undefined) throw new Error(`there is no message ${number}`);
  return found;
};
/** A byte of message 50, which is in the midst of the log, in T/0. */
const inLog = (filled: Filled, at: number, number = 50): Place => logByte(filled.rootDir, message(filled, number), at);
const topicAt = (filled: Filled): number => At.body + message(filled, 50).body.length + 1;
const propertiesAt = (filled: Filled): number => topicAt(filled) + 1 + 2;
const flipped = (place: Place, mask?: number): Place => {
  flip(place, mask);
  return place;
};
/** A bit of a field is flipped, which is not in its first byte. */
const flippedIn = (place: Place, field: Place, mask?: number): Place => {
  flip(place, mask);
  return field;
};
const replaced = (place: Place, bytes: Buffer): Place => {
  overwrite(place, bytes);
  return place;
};
/** Offset of a text of message 50 within its record. */
const textAt = (filled: Filled, text: string): number => {
  const size = message(filled, 50).storeSize;
  return bytesAt(inLog(filled, 0), size).indexOf(text);
};

const inTheLog: Case[] = [
  { what: 'a bit of a body', plant: (f) => flippedIn(inLog(f, At.body + 5), inLog(f, At.body)), why: 'CRC' },
  { what: 'a bit of the CRC', plant: (f) => flippedIn(inLog(f, At.crc), inLog(f, At.body)), why: 'CRC' },
  {
    what: 'the size, larger',
    plant: (f) => flippedIn(inLog(f, At.size + 3), inLog(f, At.size), 0x40),
    why: 'totalSize',
  },
  { what: 'the size, impossible', plant: (f) => flipped(inLog(f, At.size), 0x80), why: 'totalSize' },
  { what: 'the magic code', plant: (f) => flippedIn(inLog(f, At.magic + 2), inLog(f, At.magic)), why: 'magic code' },
  {
    what: 'the queueId',
    plant: (f) => flippedIn(inLog(f, At.queueId + 3), inLog(f, At.queueId), 0x08),
    why: 'queue 8',
  },
  {
    what: 'the queueId, of a queue that goes on',
    plant: (f) => flippedIn(inLog(f, At.queueId + 3), inLog(f, At.queueId)),
    why: 'queue 1',
  },
  {
    what: 'the queueOffset',
    plant: (f) => flippedIn(inLog(f, At.queueOffset + 7), inLog(f, At.queueOffset), 0x20),
    why: 'number',
  },
  {
    what: 'the physicOffset',
    plant: (f) => flippedIn(inLog(f, At.physicOffset + 5), inLog(f, At.physicOffset)),
    why: 'physicOffset',
  },
  {
    what: 'the sysFlag, an IPv6 host',
    plant: (f) => flippedIn(inLog(f, At.sysFlag + 3), inLog(f, 96), 0x10),
    why: 'bodyLength',
  },
  {
    what: 'the bornTimestamp',
    plant: (f) => flippedIn(inLog(f, At.bornTimestamp), inLog(f, At.bornTimestamp)),
    why: 'no time',
  },
  { what: 'the born port', plant: (f) => flipped(inLog(f, At.bornPort)), why: 'bornHost' },
  { what: 'the storeTimestamp', plant: (f) => flipped(inLog(f, At.storeTimestamp)), why: 'no time' },
  { what: 'the store port', plant: (f) => flipped(inLog(f, At.storePort)), why: 'storeHost' },
  { what: 'an unknown bit of sysFlag', plant: (f) => flipped(inLog(f, At.sysFlag)), why: 'has bits that none has' },
  {
    what: 'a bit of the transaction type',
    plant: (f) => flippedIn(inLog(f, At.sysFlag + 3), inLog(f, At.sysFlag), 0x04),
    why: 'a transaction that is in no queue',
  },
  { what: 'preparedTransactionOffset', plant: (f) => flipped(inLog(f, 76)), why: 'preparedTransactionOffset' },
  { what: 'reconsumeTimes', plant: (f) => flipped(inLog(f, At.reconsumeTimes), 0x80), why: 'reconsumeTimes' },
  {
    what: 'the bodyLength',
    plant: (f) => flippedIn(inLog(f, At.bodyLength + 1), inLog(f, At.bodyLength)),
    why: 'bodyLength',
  },
  { what: 'the topicLength', plant: (f) => flipped(inLog(f, topicAt(f) - 1), 0x80), why: 'topicLength' },
  { what: 'the topic', plant: (f) => flipped(inLog(f, topicAt(f)), 0x80), why: 'topic' },
  { what: 'the topic, another one', plant: (f) => flipped(inLog(f, topicAt(f))), why: 'topic U' },
  {
    what: 'the propertiesLength',
    plant: (f) => flippedIn(inLog(f, propertiesAt(f) - 1), inLog(f, propertiesAt(f) - 2), 0x02),
    why: 'propertiesLength',
  },
  {
    what: 'a separator of the properties',
    plant: (f) => flippedIn(inLog(f, textAt(f, 'KEYS\x01') + 4), inLog(f, textAt(f, 'KEYS')), 0x40),
    why: 'no name or no value',
  },
  { what: 'a character of the properties', plant: (f) => flipped(inLog(f, textAt(f, 'rot')), 0x80), why: 'UTF-8' },
  {
    what: 'the filler at the end of a file',
    plant: ({ rootDir, messages }) => {
      const last = messages.filter(({ commitLogOffset }) => commitLogOffset < 4096).at(-1);
      const offset = (last?.commitLogOffset ?? 0) + (last?.storeSize ?? 0);
      flip({ file: segmentPath(rootDir, 0), offset: offset + 3 });
      return { file: segmentPath(rootDir, 0), offset };
    },
    why: 'filler',
  },
  {
    what: 'zeros over a whole page',
    plant: ({ rootDir, messages }) => {
      const first = messages.find(({ commitLogOffset }) => commitLogOffset >= 8192);
      const offset = (first?.commitLogOffset ?? 0) % 4096;
      return replaced({ file: segmentPath(rootDir, 8192), offset }, Buffer.alloc(2048));
    },
    why: 'zeros where a record is expected',
  },
  {
    what: 'bytes behind the end',
    plant: ({ rootDir, messages }) => {
      const last = messages.at(-1);
      const end = (last?.commitLogOffset ?? 0) + (last?.storeSize ?? 0);
      const place = { file: segmentPath(rootDir, end - (end % 4096)), offset: end % 4096 };
      return replaced(place, Buffer.from('garbage and more'));
    },
    why: /no record behind the last whole one.*although the last stop was clean/,
  },
  {
    what: 'a file cut short',
    plant: ({ rootDir }) => {
      truncateSync(segmentPath(rootDir, 4096), 3000);
      return { file: segmentPath(rootDir, 4096), offset: 3000 };
    },
    why: /3000 bytes, not 4096|inside of a record/,
  },
  {
    what: 'a file too long',
    plant: ({ rootDir }) => {
      appendFileSync(segmentPath(rootDir, 4096), 'x');
      return { file: segmentPath(rootDir, 4096), offset: 4096 };
    },
    why: '4097 bytes, not 4096',
  },
  {
    what: 'a missing file in the middle',
    plant: ({ rootDir }) => {
      unlinkSync(segmentPath(rootDir, 8192));
      return { file: segmentPath(rootDir, 8192), offset: 0 };
    },
    why: 'missing',
  },
  {
    what: 'a file that does not belong there',
    plant: ({ rootDir }) => {
      writeFileSync(join(rootDir, 'commitlog', 'notes.txt'), 'x');
      return { file: join(rootDir, 'commitlog', 'notes.txt'), offset: 0 };
    },
    why: 'does not belong there',
  },
];

const inTheQueues: Case[] = [
  {
    what: 'a unit that points to another message',
    plant: ({ rootDir }) => replaced(unitByte(rootDir, 10, 0), bytesAt(unitByte(rootDir, 11, 0), 20)),
    why: 'unit 10 points to',
  },
  {
    what: 'a unit that points between messages',
    plant: ({ rootDir }) => flippedIn(unitByte(rootDir, 10, 7), unitByte(rootDir, 10, 0)),
    why: 'where no message begins',
  },
  {
    what: 'a unit that points behind the end',
    plant: ({ rootDir }) => flippedIn(unitByte(rootDir, 10, 4), unitByte(rootDir, 10, 0)),
    why: 'behind the last message',
  },
  {
    what: 'a wrong size',
    plant: ({ rootDir }) => flippedIn(unitByte(rootDir, 10, 11), unitByte(rootDir, 10, 8)),
    why: /unit 10 says \d+ bytes/,
  },
  {
    what: 'a wrong tagsCode',
    plant: ({ rootDir }) => flippedIn(unitByte(rootDir, 10, 19), unitByte(rootDir, 10, 12)),
    why: 'tagsCode',
  },
  {
    what: 'a hole',
    plant: ({ rootDir }) => replaced(unitByte(rootDir, 10, 0), Buffer.alloc(60)),
    why: '3 units are empty',
  },
  {
    what: 'the last unit gone',
    plant: ({ rootDir }) => replaced(unitByte(rootDir, 59, 0), Buffer.alloc(20)),
    why: 'message 59 of T/0',
  },
  {
    what: 'a unit too many',
    plant: ({ rootDir }) => replaced(unitByte(rootDir, 60, 0), bytesAt(unitByte(rootDir, 59, 0), 20)),
    why: 'unit 60 points to',
  },
  {
    what: 'the first file gone',
    plant: ({ rootDir }) => {
      unlinkSync(queuePath(rootDir, 0));
      return { file: queuePath(rootDir, 0), offset: 0 };
    },
    why: 'message 0 of T/0',
  },
  {
    what: 'the last file gone',
    plant: ({ rootDir }) => {
      unlinkSync(queuePath(rootDir, 1000));
      return { file: queuePath(rootDir, 1000), offset: 0 };
    },
    why: 'message 50 of T/0',
  },
  {
    what: 'a whole queue gone',
    plant: ({ rootDir }) => {
      rmSync(join(rootDir, 'consumequeue', 'T', '1'), { recursive: true });
      return { file: queuePath(rootDir, 0, 'T', 1), offset: 0 };
    },
    why: 'message 0 of T/1',
  },
  {
    what: 'a file cut short',
    plant: ({ rootDir }) => {
      truncateSync(queuePath(rootDir, 0), 990);
      return { file: queuePath(rootDir, 0), offset: 980 };
    },
    why: /message 49 of T\/0|1 units are empty/,
  },
  {
    what: 'a file that does not belong there',
    plant: ({ rootDir }) => {
      writeFileSync(join(rootDir, 'consumequeue', 'T', '0', 'x'), '');
      return { file: join(rootDir, 'consumequeue', 'T', '0', 'x'), offset: 0 };
    },
    why: 'does not belong there',
  },
];

const inTheIndex: Case[] = [
  {
    what: 'a slot out of bounds',
    plant: ({ rootDir }) => replaced(indexByte(rootDir, 'slot', slotInUse(rootDir)), int32(0x7fffffff)),
    why: 'slot',
  },
  {
    what: 'a slot that names an older entry',
    plant: ({ rootDir }) => replaced(indexByte(rootDir, 'slot', slotInUse(rootDir)), int32(0)),
    why: 'slot',
  },
  {
    what: 'an entry that points behind the end',
    plant: ({ rootDir }) => replaced(indexByte(rootDir, 'entry', 20, 4), int64(10_000_000)),
    why: 'entry 20 points to 10000000',
  },
  {
    what: 'the last entry points behind the end',
    plant: ({ rootDir }) => replaced(indexByte(rootDir, 'entry', 360, 4), int64(10_000_000)),
    why: 'entry 360 points to 10000000',
  },
  {
    what: 'an entry that points between messages',
    plant: ({ rootDir }) => flippedIn(indexByte(rootDir, 'entry', 20, 11), indexByte(rootDir, 'entry', 20, 4)),
    why: /entry 20 points to/,
  },
  {
    what: 'an entry of a key that the message does not have',
    plant: ({ rootDir }) => {
      const place = indexByte(rootDir, 'entry', 20, 0);
      // Another hash of the same slot: the chain stays right.
      return replaced(place, int32((bytesAt(place, 4).readInt32BE(0) + 1000) & 0x7fffffff));
    },
    why: /entry 20 (lists|follows)/,
  },
  {
    what: 'an entry that follows a wrong one',
    plant: ({ rootDir }) => replaced(indexByte(rootDir, 'entry', 20, 16), int32(5)),
    why: 'entry 20 follows entry 5',
  },
  {
    what: 'an entry that follows one out of bounds',
    plant: ({ rootDir }) => replaced(indexByte(rootDir, 'entry', 20, 16), int32(1_000_000)),
    why: 'entry 20 follows entry 1000000',
  },
  {
    what: 'a wrong time',
    plant: ({ rootDir }) => flippedIn(indexByte(rootDir, 'entry', 20, 15), indexByte(rootDir, 'entry', 20, 12), 0x10),
    why: 'entry 20 says',
  },
  {
    what: 'a count too low',
    plant: ({ rootDir }) => replaced(indexByte(rootDir, 'header', 0, 36), int32(300)),
    why: 'indexCount is 300',
  },
  {
    what: 'a count too high',
    plant: ({ rootDir }) => replaced(indexByte(rootDir, 'header', 0, 36), int32(380)),
    why: 'indexCount is 380, but entry 361 is empty',
  },
  {
    what: 'a count out of bounds',
    plant: ({ rootDir }) => replaced(indexByte(rootDir, 'header', 0, 36), int32(100_000)),
    why: 'indexCount 100000 is above 400',
  },
  {
    what: 'beginTimestamp',
    plant: ({ rootDir }) => flippedIn(indexByte(rootDir, 'header', 0, 7), indexByte(rootDir, 'header', 0, 0)),
    why: 'beginTimestamp',
  },
  {
    what: 'endTimestamp',
    plant: ({ rootDir }) => flippedIn(indexByte(rootDir, 'header', 0, 15), indexByte(rootDir, 'header', 0, 8)),
    why: 'endTimestamp',
  },
  {
    what: 'beginPhyOffset',
    plant: ({ rootDir }) => flippedIn(indexByte(rootDir, 'header', 0, 23), indexByte(rootDir, 'header', 0, 16)),
    why: 'beginPhyOffset',
  },
  {
    what: 'endPhyOffset',
    plant: ({ rootDir }) => flippedIn(indexByte(rootDir, 'header', 0, 31), indexByte(rootDir, 'header', 0, 24)),
    why: 'endPhyOffset',
  },
  {
    what: 'hashSlotCount',
    plant: ({ rootDir }) => flippedIn(indexByte(rootDir, 'header', 0, 35), indexByte(rootDir, 'header', 0, 32)),
    why: 'hashSlotCount',
  },
  {
    what: 'a file cut short',
    plant: ({ rootDir }) => {
      const { file } = indexByte(rootDir, 'header', 0);
      truncateSync(file, 5000);
      return { file, offset: 5000 };
    },
    why: '5000 bytes, not 8440',
  },
];

const besideTheLog: Case[] = [
  {
    what: 'a checkpoint in the future',
    plant: ({ rootDir }) => replaced({ file: join(rootDir, 'checkpoint'), offset: 8 }, int64(4_000_000_000_000)),
    why: 'logicsMsgTimestamp is 4000000000000',
  },
  {
    what: 'no checkpoint',
    plant: ({ rootDir }) => {
      unlinkSync(join(rootDir, 'checkpoint'));
      return { file: join(rootDir, 'checkpoint'), offset: 0 };
    },
    why: 'missing',
  },
  {
    what: 'a checkpoint cut short',
    plant: ({ rootDir }) => {
      truncateSync(join(rootDir, 'checkpoint'), 100);
      return { file: join(rootDir, 'checkpoint'), offset: 100 };
    },
    why: '100 bytes, not 4096',
  },
  {
    what: 'topics.json without a topic of the log',
    plant: ({ rootDir }) => {
      writeConfig(rootDir, 'topics.json', { topicConfigTable: { T: { topicName: 'T' } } });
      return { file: join(rootDir, 'config', 'topics.json'), offset: 1 };
    },
    why: 'the topic U has messages',
  },
  {
    what: 'topics.json that is no JSON',
    plant: ({ rootDir }) => {
      writeFileSync(join(rootDir, 'config', 'topics.json'), '{"é":1, ?');
      return { file: join(rootDir, 'config', 'topics.json'), offset: 10 };
    },
    why: 'cannot be read',
  },
  {
    what: 'a consumer offset beyond the end',
    plant: ({ rootDir }) => {
      const content = { offsetTable: { 'U@g': { 0: 30 }, 'T@g': { 0: 61 } } };
      writeConfig(rootDir, 'consumerOffset.json', content);
      const file = join(rootDir, 'config', 'consumerOffset.json');
      return { file, offset: readFileSync(file).indexOf('"T@g"') };
    },
    why: 'T@g is at 61 of T/0, which ends at 60',
  },
  {
    what: 'a delay offset beyond the end',
    plant: ({ rootDir }) => {
      writeConfig(rootDir, 'delayOffset.json', { offsetTable: { 3: 2 } });
      return { file: join(rootDir, 'config', 'delayOffset.json'), offset: 16 };
    },
    why: 'SCHEDULE_TOPIC_XXXX/2',
  },
];

/** The slot of entry 360, the newest. */
function slotInUse(rootDir: string): number {
  return bytesAt(indexByte(rootDir, 'entry', 360), 4).readInt32BE(0) % 100;
}

describe('verify', () => {
  let filled: Filled;

  beforeEach(async () => {
    filled = await filledStore();
  });

  it('finds nothing in a sound store', () => {
    expect(verify(filled.rootDir)).toEqual({
      store: filled.rootDir,
      sound: true,
      crashed: false,
      commitLogFiles: expect.any(Number),
      messages: 120,
      queues: 3,
      timedPending: 0,
      units: 120,
      indexFiles: 1,
      indexEntries: 360,
      faults: [],
      notes: [],
    });
  });

  describe.each([
    ['the commitlog', inTheLog],
    ['the consumequeue', inTheQueues],
    ['the index', inTheIndex],
    ['checkpoint and configuration', besideTheLog],
  ])('%s', (_where, cases) => {
    it.each(cases)('$what', ({ plant, why }) => {
      const { file, offset } = plant(filled);
      const { sound, faults } = verify(filled.rootDir);
      expect(sound).toBe(false);
      const named = faults.find((fault) => fault.file === file);
      expect(named, JSON.stringify(faults, undefined, 1)).toMatchObject({ offset, reason: expect.stringMatching(why) });
    });
  });

  it('sees every byte that something repeats, whichever bit of it is flipped', { timeout: 60_000 }, () => {
    const { rootDir } = filled;
    const size = message(filled, 50).storeSize;
    // flag, compression in sysFlag, times, hosts, reconsumeTimes, preparedTransactionOffset; and the property colour.
    const colour = textAt(filled, 'colour');
    const unseen = new Set([...range(16, 20), 38, 39, ...range(40, 84), ...range(colour, colour + 10)]);
    const places = [
      ...range(0, size)
        .filter((at) => !unseen.has(at))
        .map((at) => inLog(filled, at)),
      ...range(0, 60).map((unit) => unitByte(rootDir, unit, (unit * 7) % 20)),
      ...range(0, 40).map((at) => indexByte(rootDir, 'header', 0, at)),
      ...range(0, 20).map((i) => indexByte(rootDir, 'slot', i * 5 + 2, i % 4)),
      ...range(0, 60).map((i) => indexByte(rootDir, 'entry', i * 6 + 1, (i * 7) % 20)),
    ];
    const missed = places.filter((place, i) => {
      flip(place, 1 << (i % 8));
      const { sound } = verify(rootDir);
      flip(place, 1 << (i % 8));
      return sound;
    });
    expect(missed).toEqual([]);
    expect(verify(rootDir).sound).toBe(true);
  });

  it('names both places where log and queue contradict each other about the tags', () => {
    const place = inLog(filled, textAt(filled, 'even'));
    flip(place);
    expect(verify(filled.rootDir).faults).toMatchObject([
      { ...unitByte(filled.rootDir, message(filled, 50).queueOffset, 12), other: inLog(filled, propertiesAt(filled)) },
    ]);
  });

  it('names both places where log and index contradict each other about a key', () => {
    flip(inLog(filled, textAt(filled, 'k50 ')));
    const { faults } = verify(filled.rootDir);
    // Entries 151 to 153 are those of message 50: UNIQ_KEY, then the keys.
    expect(faults).toMatchObject([
      { ...indexByte(filled.rootDir, 'entry', 152), other: inLog(filled, propertiesAt(filled)) },
    ]);
  });

  it('tells each file of several that are damaged, and how much more there is in it', () => {
    flip(inLog(filled, At.body, 10));
    flip(inLog(filled, At.body, 12));
    flip(inLog(filled, At.body));
    flip(unitByte(filled.rootDir, 10, 19));
    const { faults } = verify(filled.rootDir);
    expect(faults).toMatchObject([
      { ...inLog(filled, At.body, 10), more: 1 },
      { ...inLog(filled, At.body), more: 0 },
      { ...unitByte(filled.rootDir, 10, 12), more: 0 },
    ]);
  });

  it('does not blame the other files for a part of the log that is gone', () => {
    unlinkSync(segmentPath(filled.rootDir, 8192));
    expect(verify(filled.rootDir).faults.map(({ file }) => file)).toEqual([segmentPath(filled.rootDir, 8192)]);
  });

  it('changes nothing, and needs no right to', () => {
    const everything = (): string[] =>
      readdirSync(filled.rootDir, { recursive: true, encoding: 'utf8' }).map((name) => {
        const path = join(filled.rootDir, name);
        const { mtimeMs, size, mode } = statSync(path);
        return `${name} ${mtimeMs} ${size} ${mode} ${size > 0 && statSync(path).isFile() ? readFileSync(path, 'hex') : ''}`;
      });
    for (const name of readdirSync(filled.rootDir)) chmodSync(join(filled.rootDir, name), 0o555);
    chmodSync(filled.rootDir, 0o555);
    const before = everything();
    expect(verify(filled.rootDir).sound).toBe(true);
    expect(everything()).toEqual(before);
    chmodSync(filled.rootDir, 0o755);
    for (const name of readdirSync(filled.rootDir)) chmodSync(join(filled.rootDir, name), 0o755);
  });
});

describe('after retention and deletion', () => {
  it('several index files, of which the first are gone', async () => {
    const { store, rootDir, clock } = await openStore({ maxIndexNum: 20 });
    for (let i = 0; i < 60; i++) {
      clock.time += 1700;
      await put(store, { body: `m${i}`.padEnd(60), properties: { KEYS: `k${i}` } });
    }
    await store.stop();
    const look = (): VerifyResult =>
      verifyStore(new StoreDir({ rootDir, shape: { ...SHAPE, maxIndexNum: 20 } }), { clock: systemClock });
    expect(look()).toMatchObject({ sound: true, indexFiles: 4, indexEntries: 60, notes: [] });
    const [first = '', second = ''] = readdirSync(join(rootDir, 'index')).map((name) => join(rootDir, 'index', name));
    // The first entry of a later file: its time counts from the end of the file before.
    const time = { file: second, offset: 440 + 20 + 12 };
    expect(bytesAt(time, 4).readInt32BE(0)).toBe(1);
    flip({ ...time, offset: time.offset + 3 }, 0x04);
    expect(look().faults).toMatchObject([time]);
    flip({ ...time, offset: time.offset + 3 }, 0x04);
    unlinkSync(first);
    unlinkSync(segmentPath(rootDir, 0));
    expect(look()).toMatchObject({ sound: true, indexFiles: 3 });
  });

  it('units and entries of messages that are gone are no fault', async () => {
    const { rootDir } = await filledStore();
    unlinkSync(segmentPath(rootDir, 0));
    expect(verify(rootDir)).toMatchObject({ sound: true, faults: [], notes: [] });
  });

  it('a topic that was deleted, and one that was made anew', async () => {
    const { store, rootDir } = await openStore();
    await putMany(store, 60);
    await putMany(store, 5, { queueId: 1 });
    await putMany(store, 5, { topic: 'Gone' });
    store.destroyTopic('T');
    store.destroyTopic('Gone');
    await putMany(store, 3);
    await store.stop();
    expect(verify(rootDir).faults).toMatchObject([{ file: queuePath(rootDir, 0, 'Gone') }]);
    writeTopics(rootDir, 'T');
    const { sound, notes } = verify(rootDir);
    expect([sound, notes.map(({ file }) => file)]).toEqual([
      true,
      [queuePath(rootDir, 0, 'T', 1), queuePath(rootDir, 0, 'Gone')],
    ]);
  });
});

describe('after a crash', () => {
  /** 20 messages of which all are written, in the state in which a killed process leaves them. */
  async function crashed(): Promise<{ rootDir: string; ends: number[] }> {
    const { store, rootDir, clock } = await openStore();
    const ends: number[] = [];
    for (let i = 0; i < 20; i++) {
      clock.time++;
      const { physicOffset } = await put(store, { body: `m${i}`.padEnd(60), properties: { KEYS: `k${i}` } });
      ends.push(physicOffset);
    }
    return { rootDir: crashCopy(rootDir), ends };
  }

  it('what queues and index lack is a note', async () => {
    const { rootDir } = await crashed();
    const { sound, crashed: told, notes, messages } = verify(rootDir);
    expect([sound, told, messages]).toEqual([true, true, 20]);
    expect(notes).toMatchObject([
      { file: queuePath(rootDir, 0), offset: 0, reason: expect.stringContaining('recovery puts it there') },
      { file: join(rootDir, 'checkpoint') },
    ]);
  });

  it('a torn tail is a note, and a fault once abort is gone', async () => {
    const { rootDir, ends } = await crashed();
    const place = { file: segmentPath(rootDir, 0), offset: ends[19] ?? 0 };
    overwrite({ ...place, offset: place.offset + 100 }, Buffer.alloc(200));
    const torn = verify(rootDir);
    expect(torn.faults).toEqual([]);
    expect(torn.notes).toContainEqual(
      expect.objectContaining({ file: place.file, reason: expect.stringContaining('recovery cuts them off') }),
    );
    unlinkSync(join(rootDir, 'abort'));
    expect(verify(rootDir).faults).toContainEqual(
      expect.objectContaining({
        file: place.file,
        reason: expect.stringContaining('although the last stop was clean'),
      }),
    );
  });

  it('messages behind a torn one are a note unless the checkpoint calls them durable', async () => {
    const { rootDir, ends } = await crashed();
    const bad = { file: segmentPath(rootDir, 0), offset: (ends[10] ?? 0) + At.magic };
    flip(bad);
    const torn = verify(rootDir);
    expect(torn.faults).toEqual([]);
    expect(torn.notes).toContainEqual({
      ...bad,
      more: 0,
      reason: expect.stringMatching(/cuts the log here, and 9 whole/),
    });
    durableUntil(rootDir, 15);
    expect(verify(rootDir).faults).toMatchObject([{ ...bad, reason: expect.stringContaining('magic code') }]);
  });

  it('damage within a record is a fault when the checkpoint calls it durable, else it may be torn', async () => {
    const { rootDir, ends } = await crashed();
    flip({ file: segmentPath(rootDir, 0), offset: (ends[10] ?? 0) + At.body + 3 });
    const bad = { file: segmentPath(rootDir, 0), offset: (ends[10] ?? 0) + At.body };
    const torn = verify(rootDir);
    expect(torn.faults).toEqual([]);
    expect(torn.notes).toContainEqual({
      ...bad,
      more: 0,
      reason: expect.stringMatching(/cuts the log here, and 9 whole/),
    });
    durableUntil(rootDir, 15);
    expect(verify(rootDir).faults).toMatchObject([bad]);
  });
});

/** The checkpoint says that the log is durable up to message `number` of a crashed store. */
function durableUntil(rootDir: string, number: number): void {
  const checkpoint = Buffer.alloc(4096);
  int64(1_700_000_000_001 + number).copy(checkpoint);
  writeFileSync(join(rootDir, 'checkpoint'), checkpoint);
}

describe('what cannot be looked at', () => {
  it('is refused: no store, and one that a live process has', async () => {
    const { store, rootDir } = await openStore();
    expect(() => lookInto(rootDir)).toThrow(
      `the store ${rootDir} is in use by process ${process.pid}; stop that process or use a copy`,
    );
    await store.stop();
    expect(lookInto(rootDir).crashed).toBe(false);
    expect(() => lookInto(join(rootDir, 'none'))).toThrow(/^there is no store in /);
  });
});

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

function writeTopics(rootDir: string, topic: string): void {
  mkdirSync(join(rootDir, 'config'));
  writeConfig(rootDir, 'topics.json', { topicConfigTable: { [topic]: { topicName: topic } } });
}
