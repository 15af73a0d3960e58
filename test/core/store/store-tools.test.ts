/** What `mqadmin store` reads out of a stopped store, and puts into one: stats, inspect, export, import. */
import { existsSync, mkdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/common/clock.ts';
import { parseFastJson } from '../../../src/core/common/fastjson.ts';
import type { MessageLine } from '../../../src/core/message/message-line.ts';
import { SysFlag } from '../../../src/core/message/sys-flag.ts';
import { exportMessages } from '../../../src/core/store/tools/export-messages.ts';
import { importMessages } from '../../../src/core/store/tools/import-messages.ts';
import { inspectRecord } from '../../../src/core/store/tools/inspect-record.ts';
import { linesOf } from '../../../src/core/store/tools/line-files.ts';
import { StoreDir } from '../../../src/core/store/tools/store-dir.ts';
import { topicStats } from '../../../src/core/store/tools/topic-stats.ts';
import { verifyStore } from '../../../src/core/store/tools/verify-store.ts';
import { bodies, crashCopy, openStore, put, putMany, STORE_HOST, segmentPath, tempDir } from './store-fixture.ts';
import { type Filled, filledStore, flip, logByte, lookInto, SHAPE, unitByte, writeConfig } from './tools-fixture.ts';

function exported(rootDir: string, options: Parameters<typeof exportMessages>[1] = {}): MessageLine[] {
  const lines: MessageLine[] = [];
  exportMessages(lookInto(rootDir), options, (line) => lines.push(line));
  return lines;
}

const first = ({ messages }: Filled, number: number) => {
  const found = messages[number];
  if (found === undefined) throw new Error(`there is no message ${number}`);
  return found;
};

describe('stats', () => {
  it('count messages, bytes and times by topic', async () => {
    const { rootDir, messages } = await filledStore();
    const sum = (topic: string): number =>
      messages.filter((message) => message.topic === topic).reduce((total, { storeSize }) => total + storeSize, 0);
    const result = topicStats(lookInto(rootDir));
    expect(result).toMatchObject({ store: rootDir, crashed: false, minOffset: 0 });
    expect(result.maxOffset).toBe((messages[119]?.commitLogOffset ?? 0) + (messages[119]?.storeSize ?? 0));
    expect(result.topics).toEqual([
      { topic: 'T', queues: 2, messages: 90, bytes: sum('T'), oldest: 1_700_000_001_000, newest: 1_700_000_119_000 },
      { topic: 'U', queues: 1, messages: 30, bytes: sum('U'), oldest: 1_700_000_004_000, newest: 1_700_000_120_000 },
    ]);
  });

  it('leave out what retention has deleted', async () => {
    const { rootDir, messages } = await filledStore();
    unlinkSync(segmentPath(rootDir, 0));
    const left = messages.filter(({ commitLogOffset }) => commitLogOffset >= 4096);
    const { topics, minOffset } = topicStats(lookInto(rootDir));
    expect(topics.map((topic) => topic.messages)).toEqual([
      left.filter(({ topic }) => topic === 'T').length,
      left.filter(({ topic }) => topic === 'U').length,
    ]);
    expect(minOffset).toBe(4096);
  });

  it('after a crash count what recovery would add', async () => {
    const { store, rootDir } = await openStore();
    await putMany(store, 30);
    const { topics } = topicStats(lookInto(crashCopy(rootDir)));
    expect(topics).toMatchObject([{ topic: 'T', queues: 1, messages: 30 }]);
  });

  it('do not read the log', async () => {
    const { rootDir } = await filledStore();
    let bytes = 0;
    const dir = new StoreDir({ rootDir, shape: SHAPE });
    const { disk } = dir;
    const counting = {
      ...disk,
      read: (...args: Parameters<typeof disk.read>) => {
        const count = disk.read(...args);
        bytes += count;
        return count;
      },
    };
    topicStats(new StoreDir({ rootDir, shape: SHAPE, disk: counting }));
    // Five queue files, and the first and last record of three queues.
    expect(bytes).toBeLessThan(5 * 1000 + 6 * 1000);
  });
});

describe('inspect', () => {
  it('finds a record by its offset and by its place in a queue', async () => {
    const filled = await filledStore();
    const message = first(filled, 50);
    const dir = lookInto(filled.rootDir);
    const byOffset = inspectRecord(dir, message.commitLogOffset);
    expect(byOffset).toMatchObject({
      place: logByte(filled.rootDir, message, 0),
      bodyCRC: message.bodyCRC,
      message: {
        topic: 'T',
        queueId: 0,
        queueOffset: 25,
        keys: 'k50 common',
        tags: 'even',
        body: 'body of message 50',
      },
    });
    expect(byOffset.fault).toBeUndefined();
    const byQueue = inspectRecord(dir, { topic: 'T', queueId: 0, queueOffset: 25 });
    expect(byQueue).toMatchObject({
      message: byOffset.message,
      unit: { place: unitByte(filled.rootDir, 25, 0), physicOffset: message.commitLogOffset, size: message.storeSize },
    });
  });

  it('says what is wrong with a record, and with the unit that points to it', async () => {
    const filled = await filledStore();
    flip(logByte(filled.rootDir, first(filled, 50), 90));
    expect(inspectRecord(lookInto(filled.rootDir), first(filled, 50).commitLogOffset).fault).toEqual({
      ...logByte(filled.rootDir, first(filled, 50), 88),
      reason: 'the body of 18 bytes does not have the CRC of the record',
    });
    flip(unitByte(filled.rootDir, 10, 11));
    expect(inspectRecord(lookInto(filled.rootDir), { topic: 'T', queueId: 0, queueOffset: 10 }).fault).toMatchObject(
      unitByte(filled.rootDir, 10, 0),
    );
  });

  it('says where there is no record', async () => {
    const filled = await filledStore();
    const dir = lookInto(filled.rootDir);
    expect(() => inspectRecord(dir, 1)).toThrow(/^no message begins at 1 of the log/);
    expect(() => inspectRecord(dir, 10_000_000)).toThrow(/the file ends/);
    expect(() => inspectRecord(dir, { topic: 'T', queueId: 9, queueOffset: 0 })).toThrow('no queue T/9');
    expect(() => inspectRecord(dir, { topic: 'T', queueId: 0, queueOffset: 60 })).toThrow('no message 60');
  });
});

describe('export', () => {
  it('has every message in the order of the log, or those of a topic and a time', async () => {
    const { rootDir, messages } = await filledStore();
    expect(exported(rootDir).map(({ body }) => body)).toEqual(messages.map((_, i) => `body of message ${i}`));
    const ofTopic = exported(rootDir, { topic: 'U', from: 1_700_000_008_000, to: 1_700_000_012_000 });
    expect(ofTopic.map(({ body }) => body)).toEqual(['body of message 7', 'body of message 11']);
    expect(ofTopic[0]).toMatchObject({
      topic: 'U',
      queueId: 0,
      queueOffset: 1,
      tags: 'odd',
      keys: 'k7 common',
      bornTimestamp: 1_700_000_000_000,
      bornHost: '127.0.0.1:50000',
      storeTimestamp: 1_700_000_008_000,
      storeHost: '127.0.0.1:10911',
      properties: { KEYS: 'k7 common', UNIQ_KEY: 'U7', TAGS: 'odd', colour: 'rot' },
    });
    expect(exported(rootDir, { topic: 'T2' })).toEqual([]);
  });

  it('has text as text, other bytes in base64, and compressed bodies as they were', async () => {
    const { store, rootDir } = await openStore();
    await put(store, { body: 'zwölf\n"€"' });
    await put(store, { body: Buffer.from([0xff, 0x00]) });
    await put(store, { body: deflateSync('pressed'), sysFlag: SysFlag.COMPRESSED });
    await put(store, { body: '' });
    await store.stop();
    const lines = exported(rootDir);
    expect(lines.map(({ body, bodyBase64, sysFlag }) => body ?? { bodyBase64, sysFlag })).toEqual([
      'zwölf\n"€"',
      { bodyBase64: '/wA=', sysFlag: 0 },
      'pressed',
      '',
    ]);
    expect(lines[2]?.sysFlag).toBe(0);
  });

  it('passes over what is damaged and counts it', async () => {
    const filled = await filledStore();
    flip(logByte(filled.rootDir, first(filled, 10), 90));
    flip(logByte(filled.rootDir, first(filled, 60), 4));
    let count = 0;
    const result = exportMessages(lookInto(filled.rootDir), {}, () => count++);
    expect([result, count]).toEqual([{ exported: 118, damaged: 2 }, 118]);
  });
});

async function* from(...lines: (object | string)[]): AsyncGenerator<string> {
  for (const line of lines) yield typeof line === 'string' ? line : JSON.stringify(line);
}

const line = (number: number, more: object = {}): object => ({ topic: 'T', queueId: 0, body: `m${number}`, ...more });

describe('import', () => {
  it('an export comes back, with new offsets', async () => {
    const { rootDir } = await filledStore();
    const before = exported(rootDir);
    const target = join(tempDir(), 'new');
    const result = await importMessages(from(...before), { rootDir: target, shape: SHAPE, storeHost: STORE_HOST });
    expect(result).toEqual({ store: target, imported: 120, topics: ['T', 'U'] });
    const kept = ({ commitLogOffset, offsetMsgId, storeTimestamp, ...rest }: MessageLine): object => rest;
    expect(exported(target).map(kept)).toEqual(before.map(kept));
    const verified = verifyStore(lookInto(target), { clock: systemClock });
    expect(verified).toMatchObject({
      sound: true,
      crashed: false,
      messages: 120,
      units: 120,
      indexEntries: 360,
      notes: [],
    });
  });

  it('goes on behind what a store has, and enters topics', async () => {
    const { store, rootDir } = await openStore();
    await putMany(store, 3);
    await store.stop();
    mkdirSync(join(rootDir, 'config'));
    const known = { topicName: 'T', readQueueNums: 4, writeQueueNums: 4, perm: 2, order: true };
    writeConfig(rootDir, 'topics.json', { dataVersion: { counter: 7, timestamp: 1 }, topicConfigTable: { T: known } });
    const lines = from(line(3), '', line(4), line(5, { topic: '__proto__', queueId: 2 }));
    // The lengths of its files are those it has.
    await importMessages(lines, { rootDir, storeHost: STORE_HOST, shape: { maxHashSlotNum: 100, maxIndexNum: 400 } });
    const again = await openStore({ rootDir });
    expect(bodies(again.store)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect(bodies(again.store, '__proto__', 2)).toEqual(['m5']);
    const topics = parseFastJson(readFileSync(join(rootDir, 'config', 'topics.json'), 'utf8'));
    expect(topics).toMatchObject({ dataVersion: { counter: 8 }, topicConfigTable: { T: known } });
    expect(Object.entries((topics as { topicConfigTable: object }).topicConfigTable)).toContainEqual([
      '__proto__',
      expect.objectContaining({ topicName: '__proto__', readQueueNums: 3, writeQueueNums: 3, perm: 6 }),
    ]);
  });

  it.each([
    ['{', 'it is no JSON'],
    ['[]', 'it is no JSON object'],
    [line(1, { colour: 'red' }), 'nothing is known of the field colour'],
    [{ topic: 'T', queueId: 0 }, 'either body or bodyBase64 is needed'],
    [{ queueId: 0, body: '' }, 'topic and queueId are needed'],
    [line(1, { topic: '../x' }), 'illegal characters'],
    [line(1, { queueId: 1.5 }), 'queueId must be a whole number'],
    [line(1, { queueId: -1 }), 'queueId must be a whole number'],
    [line(1, { body: 7 }), 'body must be a text'],
    [{ topic: 'T', queueId: 0, bodyBase64: '*' }, 'bodyBase64 is no base64'],
    [line(1, { properties: { a: 1 } }), 'the property "a" must be a text'],
    [line(1, { properties: { a: 'x\u0001y' } }), 'the property "a" must be a text'],
    [line(1, { bornHost: 'here' }), "'here' is no address"],
  ])('refuses the line %j by its number, and says how many came before', async (bad, why) => {
    const rootDir = tempDir();
    const options = { rootDir, shape: SHAPE, storeHost: STORE_HOST };
    await expect(importMessages(from(line(0), line(1), bad, line(3)), options)).rejects.toMatchObject({
      code: 'PARTLY',
      message: expect.stringMatching(
        new RegExp(`^2 messages are imported, then: line 3 is no message: .*${escaped(why)}`),
      ),
    });
    expect(exported(rootDir).map(({ body }) => body)).toEqual(['m0', 'm1']);
    expect(existsSync(join(rootDir, 'abort'))).toBe(false);
    await expect(importMessages(from(bad), options)).rejects.toMatchObject({ code: 'ILLEGAL_ARGUMENT' });
  });

  it('interrupted, leaves a sound store and says how many messages are in', async () => {
    const rootDir = tempDir();
    const abort = new AbortController();
    async function* endless(): AsyncGenerator<string> {
      for (let i = 0; ; i++) {
        if (i === 2500) abort.abort();
        yield JSON.stringify(line(i));
      }
    }
    const options = { rootDir, shape: SHAPE, storeHost: STORE_HOST, signal: abort.signal };
    await expect(importMessages(endless(), options)).rejects.toMatchObject({
      code: 'PARTLY',
      message: '2500 messages are imported, then: interrupted',
    });
    expect(verifyStore(lookInto(rootDir), { clock: systemClock })).toMatchObject({ sound: true, messages: 2500 });
  });

  it('refuses a store that a live process has', async () => {
    const { rootDir } = await openStore();
    const importing = importMessages(from(line(0)), { rootDir, shape: SHAPE, storeHost: STORE_HOST });
    await expect(importing).rejects.toMatchObject({ code: 'IN_USE' });
  });
});

describe('linesOf', () => {
  const read = async (...chunks: (string | Buffer)[]): Promise<string[]> => {
    async function* stream(): AsyncGenerator<Buffer> {
      for (const chunk of chunks) yield Buffer.from(chunk);
    }
    const lines: string[] = [];
    for await (const one of linesOf(stream())) lines.push(one);
    return lines;
  };

  it('puts lines together from chunks, however they are cut', async () => {
    const euro = Buffer.from('€');
    expect(await read('a\nb', 'c\n\nd', euro.subarray(0, 1), euro.subarray(1))).toEqual(['a', 'bc', '', 'd€']);
    expect(await read('a\n')).toEqual(['a']);
    expect(await read()).toEqual([]);
  });

  it('refuses bytes that are no UTF-8 by the number of the line', async () => {
    await expect(read('a\n', Buffer.from([0xff, 0x0a]))).rejects.toThrow('line 2 is no UTF-8');
  });
});

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
