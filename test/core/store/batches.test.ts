/**
 * What the store promises about a batch: all of it or nothing, in one piece and by one write, whatever its body holds, when
 * the disk fails and after a crash.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeInnerMessages } from '../../../src/core/message/batch-codec.ts';
import { encodeProperties } from '../../../src/core/message/properties.ts';
import type { MessageStore, PutListener } from '../../../src/core/store/message-store.ts';
import {
  bodies,
  crashCopy,
  draftOf,
  drain,
  errno,
  hexOf,
  numbered,
  openStore,
  type Put,
  put,
  putMany,
  type Sent,
  segmentPath,
  settle,
} from './store-fixture.ts';

/** The record of a message with the body `m0` and without properties. */
const RECORD = 94;

function batchOf(count: number, from = 0, properties: Record<string, string> = {}): Buffer {
  const encoded = Buffer.from(encodeProperties(properties));
  return encodeInnerMessages(
    numbered(count, from).map((text) => ({ flag: 0, body: Buffer.from(text), properties: encoded })),
  );
}

function putBatch(store: MessageStore, body: Buffer, sent: Sent = {}): Promise<Put> {
  return new Promise((resolve) => {
    store.putMessageBatch(draftOf({ ...sent, body }), {
      onPut: (status, physicOffset, queueOffset, storeTimestamp, count, physicOffsets) =>
        resolve({ status, physicOffset, queueOffset, storeTimestamp, count, physicOffsets }),
    });
  });
}

describe('a batch among other puts', () => {
  it('has consecutive offsets in its queue, and one answer', async () => {
    const { store } = await openStore();
    const answers = await Promise.all([
      put(store, { body: 'm0' }),
      putBatch(store, batchOf(3, 1)),
      put(store, { body: 'm4' }),
      putBatch(store, batchOf(2, 0), { queueId: 1 }),
      putBatch(store, batchOf(2, 5)),
    ]);
    expect(answers.map(({ status, queueOffset, count }) => [status, queueOffset, count])).toEqual([
      ['PUT_OK', 0, 1],
      ['PUT_OK', 1, 3],
      ['PUT_OK', 4, 1],
      ['PUT_OK', 0, 2],
      ['PUT_OK', 5, 2],
    ]);
    expect(answers[1]?.physicOffsets).toEqual([RECORD, 2 * RECORD, 3 * RECORD]);
    expect(bodies(store)).toEqual(numbered(7));
    expect(drain(store).map((message) => message.queueOffset)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(bodies(store, 'T', 1)).toEqual(numbered(2));
    expect(store.stats).toMatchObject({ putMessageTimesTotal: 9, putMessageFailedTimes: 0 });
  });

  it('may be put by the listener of a put that makes room for another batch', async () => {
    const { store } = await openStore({ mappedFileSizeCommitLog: 64 * 1024 * 1024, maxMessageSize: 8 * 1024 * 1024 });
    const statuses: string[] = [];
    const note: PutListener = { onPut: (status) => statuses.push(status) };
    store.putMessage(draftOf({ body: Buffer.alloc(4_000_000) }), {
      onPut: () => store.putMessageBatch(draftOf({ body: batchOf(2, 10), queueId: 1 }), note),
    });
    // Larger than what still fits into this tick's write, so that the first put is answered from within this call.
    const large = { flag: 0, body: Buffer.alloc(300_000, 'x'), properties: Buffer.alloc(0) };
    store.putMessageBatch(draftOf({ body: encodeInnerMessages([large, large]), queueId: 2 }), note);
    await settle();
    expect(statuses).toEqual(['PUT_OK', 'PUT_OK']);
    expect(bodies(store, 'T', 1)).toEqual(['m10', 'm11']);
    expect(bodies(store, 'T', 2)).toEqual([large.body.toString(), large.body.toString()]);
  });

  it('takes IPv6 hosts and the fields of the batch for each message', async () => {
    const bornHost = Buffer.from(`${'20010db8'}${'00'.repeat(11)}01${'00002a9f'}`, 'hex');
    const { store } = await openStore({ storeHost: bornHost });
    const draft = { ...draftOf({ body: batchOf(2), queueId: 3 }), bornHost, sysFlag: 1, reconsumeTimes: 4, flag: 9 };
    store.putMessageBatch(draft, { onPut: () => undefined });
    await settle();
    for (const message of drain(store, 'T', 3)) {
      expect(message).toMatchObject({
        bornHost: '[2001:db8:0:0:0:0:0:1]:10911',
        storeHost: '[2001:db8:0:0:0:0:0:1]:10911',
        sysFlag: 0x31,
        reconsumeTimes: 4,
        flag: 0,
        bornTimestamp: draft.bornTimestamp,
      });
    }
    expect(drain(store, 'T', 3)).toHaveLength(2);
  });

  it('is found by the tags of its messages, and told to who waits for each of them', async () => {
    const { store } = await openStore();
    const told: unknown[] = [];
    store.onArrive = (topic, queueId, maxOffset, code) => told.push([topic, queueId, maxOffset, code]);
    store.watch('T', 0);
    const tagged = (text: string) => ({ flag: 0, body: Buffer.from('b'), properties: Buffer.from(text) });
    const body = encodeInnerMessages([tagged('TAGS\x01A'), tagged(''), tagged('TAGS\x01A\x02TAGS\x01B\x02')]);
    await putBatch(store, body);
    expect(told).toEqual([
      ['T', 0, 1, 65],
      ['T', 0, 2, 0],
      ['T', 0, 3, 66],
    ]);
    // Readers take the last of two properties of one name, so the batch's own TAGS win.
    await putBatch(store, body, { properties: { TAGS: 'C' } });
    expect(told.slice(3)).toEqual([
      ['T', 0, 4, 67],
      ['T', 0, 5, 67],
      ['T', 0, 6, 67],
    ]);
    expect(drain(store).map((message) => message.properties.TAGS)).toEqual(['A', undefined, 'B', 'C', 'C', 'C']);
  });
});

describe('a batch in one piece', () => {
  it('lies in one file, its records one behind the other, however files and batches fit', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(sizes, { minLength: 1, maxLength: 12 }), async (batches) => {
        const fileSize = 4096;
        const { store } = await openStore({ mappedFileSizeCommitLog: fileSize });
        const puts = batches.map((lengths) => {
          const parts = lengths.map((length) => ({ flag: 0, body: Buffer.alloc(length), properties: Buffer.alloc(0) }));
          return putBatch(store, encodeInnerMessages(parts));
        });
        let queueOffset = 0;
        for (const [index, answer] of (await Promise.all(puts)).entries()) {
          const lengths = batches[index] as number[];
          expect(answer).toMatchObject({ status: 'PUT_OK', queueOffset, count: lengths.length });
          queueOffset += lengths.length;
          const { physicOffsets = [] } = answer;
          const [first = -1] = physicOffsets;
          let at = first;
          for (const [i, length] of lengths.entries()) {
            expect(physicOffsets[i]).toBe(at);
            at += 92 + length;
          }
          // A BLANK of 8 bytes still fits behind it.
          expect(Math.floor((at + 7) / fileSize)).toBe(Math.floor(first / fileSize));
        }
        expect(drain(store).map((message) => message.queueOffset)).toEqual([...Array(queueOffset).keys()]);
        await store.stop();
      }),
      { numRuns: 25 },
    );
  });

  it('goes out in one write, also where the memory it is gathered in is nearly full', async () => {
    const { store, disk } = await openStore({ mappedFileSizeCommitLog: 16 * 1024 * 1024 });
    const { write } = disk;
    const ranges: [number, number][] = [];
    disk.write = (fd, buffer, start, length, position) => {
      ranges.push([position, position + length]);
      return write(fd, buffer, start, length, position);
    };
    const part = { flag: 0, body: Buffer.alloc(10_000), properties: Buffer.alloc(0) };
    const puts: Promise<Put>[] = [];
    for (let i = 0; i < 9; i++) puts.push(putBatch(store, encodeInnerMessages(Array(30).fill(part))));
    for (const { physicOffsets = [] } of await Promise.all(puts)) {
      const from = physicOffsets[0] as number;
      const to = (physicOffsets.at(-1) as number) + 10_092;
      expect(ranges.filter(([start, end]) => start <= from && to <= end)).toHaveLength(1);
    }
    expect(drain(store)).toHaveLength(270);
  });
});

describe('a batch that is not stored', () => {
  const common = { properties: { k: 'v'.repeat(20_000) } };
  it.each([
    ['cut short', batchOf(3).subarray(0, -1), {}, 'MALFORMED_BATCH'],
    ['empty', Buffer.alloc(0), {}, 'MALFORMED_BATCH'],
    ['larger than maxMessageSize', Buffer.alloc(2001), {}, 'MESSAGE_ILLEGAL'],
    ['of a half message', batchOf(1), { sysFlag: 4 }, 'MESSAGE_ILLEGAL'],
    ['with a topic no directory may have', batchOf(1), { topic: 'a/b' }, 'MESSAGE_ILLEGAL'],
    [
      'whose properties are too long together',
      batchOf(1, 0, { o: 'w'.repeat(1900) }),
      { k: 31_000 },
      'MESSAGE_ILLEGAL',
    ],
    ['that does not fit into a file', batchOf(60), {}, 'MESSAGE_ILLEGAL'],
    ['that would grow beyond all measure', batchOf(60), common, 'MESSAGE_ILLEGAL'],
  ])('%s leaves nothing and takes no offset', async (_what, body, sent: Sent & { k?: number }, status) => {
    const { store } = await openStore({ maxMessageSize: 2000, mappedFileSizeCommitLog: 5000 });
    await put(store, { body: 'm0' });
    const properties = sent.k === undefined ? sent.properties : { k: 'v'.repeat(sent.k) };
    expect(await putBatch(store, body, { ...sent, ...(properties && { properties }) })).toMatchObject({
      status,
      physicOffset: -1,
      queueOffset: -1,
      count: 0,
    });
    expect(store.dispatchBehindBytes).toBe(0);
    expect(await put(store, { body: 'm1' })).toMatchObject({ queueOffset: 1, physicOffset: RECORD });
    expect(store.stats).toMatchObject({ putMessageTimesTotal: 2, putMessageFailedTimes: 1 });
    expect(bodies(store)).toEqual(numbered(2));
  });

  it('is measured against maxMessageSize as a whole, and against the records that come of it', async () => {
    const large = { maxMessageSize: 2000, mappedFileSizeCommitLog: 4 * 1024 * 1024 };
    const { store } = await openStore(large);
    const body = batchOf(60);
    expect(body.length).toBeLessThan(2000);
    expect((await putBatch(store, body)).status).toBe('PUT_OK');
    // 60 records of 1,500 bytes and more are within 16 times 2,000 and 64 KiB; 60 of 20,000 are not.
    expect((await putBatch(store, body, { properties: { k: 'v'.repeat(1400) } })).status).toBe('PUT_OK');
    expect((await putBatch(store, body, common)).status).toBe('MESSAGE_ILLEGAL');
  });

  it('holds more messages than an answer could name', async () => {
    const { store } = await openStore({
      maxMessageSize: 16 * 1024 * 1024,
      mappedFileSizeCommitLog: 64 * 1024 * 1024,
    });
    expect((await putBatch(store, Buffer.alloc(22 * 262_145))).status).toBe('MESSAGE_ILLEGAL');
    expect(store.commitLogMaxOffset).toBe(0);
  });

  it('never crashes the store nor leaves a part, whatever its bytes are', async () => {
    const { store } = await openStore({ mappedFileSizeCommitLog: 1024 * 1024 });
    const part = fc.record({
      flag: fc.constantFrom(0, -1),
      body: fc.uint8Array({ maxLength: 20 }).map((bytes): Buffer => Buffer.from(bytes)),
      properties: fc
        .constantFrom('', 'a\x01b', 'TAGS\x01A\x02', '\x02\x01', '\xff')
        .map((text): Buffer => Buffer.from(text)),
    });
    /** A place, and the bytes that are written there: lengths from far below zero to far too much. */
    const edit = fc.tuple(fc.nat(200), fc.constantFrom('00', 'ff', '7f', '80', 'ffff', '8000', '7fff', '0000ffff'));
    let taken = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 5 }),
        fc.array(edit, { maxLength: 2 }),
        fc.constantFrom(0, 0, 0, 0, -1, -8, 5, 22, 30),
        async (parts, edits, tail) => {
          const whole = encodeInnerMessages(parts);
          for (const [place, hex] of edits) Buffer.from(hex, 'hex').copy(whole, place % whole.length);
          const body = tail < 0 ? whole.subarray(0, tail) : Buffer.concat([whole, Buffer.alloc(tail)]);
          const expected = wholeMessages(body);
          const [log, end] = [store.commitLogMaxOffset, store.maxOffsetInQueue('T', 0)];
          const answer = await putBatch(store, body);
          if (expected === undefined) {
            expect(answer.status).toBe('MALFORMED_BATCH');
            expect([store.commitLogMaxOffset, store.maxOffsetInQueue('T', 0)]).toEqual([log, end]);
            refused++;
          } else {
            expect(answer).toMatchObject({ status: 'PUT_OK', count: expected.length, queueOffset: end });
            const stored = answer.physicOffsets?.map((offset) => store.lookMessageByOffset(offset)?.length);
            expect(stored).toEqual(expected.map((length) => 92 + length));
            expect(store.maxOffsetInQueue('T', 0)).toBe(end + expected.length);
            taken++;
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(50);
    expect(drain(store)).toHaveLength(store.maxOffsetInQueue('T', 0));
  });
});

/** Bytes of body and properties of each message as the format page describes them; undefined when the body is no batch. */
function wholeMessages(body: Buffer): number[] | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const lengths: number[] = [];
  let at = 0;
  try {
    while (at < body.length) {
      const bodyLength = view.getInt32(at + 16);
      const propertiesLength = bodyLength < 0 ? -1 : view.getInt16(at + 20 + bodyLength);
      const next = at + 22 + bodyLength + propertiesLength;
      if (propertiesLength < 0 || next > body.length) return undefined;
      lengths.push(bodyLength + propertiesLength);
      at = next;
    }
  } catch {
    return undefined;
  }
  return lengths.length === 0 ? undefined : lengths;
}

describe('a batch whose write fails', () => {
  it('half way is gone, and counts as one failed put', async () => {
    const { store, disk, rootDir } = await openStore();
    await putMany(store, 2);
    const { write } = disk;
    let calls = 0;
    disk.write = (fd, buffer, start, length, position) => {
      calls++;
      // Two messages and a half reach the file.
      if (calls === 1) return write(fd, buffer, start, 2 * RECORD + 40, position);
      if (calls === 2) throw errno('ENOSPC');
      return write(fd, buffer, start, length, position);
    };
    expect(await putBatch(store, batchOf(5, 50))).toMatchObject({ status: 'SERVICE_NOT_AVAILABLE', count: 0 });
    expect(store.stats).toMatchObject({ putMessageTimesTotal: 2, putMessageFailedTimes: 1 });
    expect(hexOf(segmentPath(rootDir, 0), 2 * RECORD, 4096)).toBe('00'.repeat(4096 - 2 * RECORD));
    const crashed = await openStore({ rootDir: crashCopy(rootDir) });
    expect(bodies(crashed.store)).toEqual(numbered(2));
    expect(await putBatch(store, batchOf(3, 2))).toMatchObject({ status: 'PUT_OK', queueOffset: 2 });
    expect(bodies(store)).toEqual(numbered(5));
  });
});

describe('a batch after a crash', () => {
  it('is there in whole when it was answered', async () => {
    const { store, rootDir } = await openStore();
    await putMany(store, 3);
    await putBatch(store, batchOf(20, 3));
    const crashed = await openStore({ rootDir: crashCopy(rootDir) });
    expect(bodies(crashed.store)).toEqual(numbered(23));
    expect(await putBatch(crashed.store, batchOf(2, 23))).toMatchObject({ status: 'PUT_OK', queueOffset: 23 });
    expect(bodies(crashed.store)).toEqual(numbered(25));
  });

  it('has kept whole messages of its front only, in order, when the system lost the end of its write', async () => {
    const { store, disk, rootDir } = await openStore();
    await putMany(store, 3);
    const { write } = disk;
    disk.write = (fd, buffer, start, length, position) => {
      // What a power cut in the middle of the write leaves: the answer is never given there.
      write(fd, buffer, start, 2 * RECORD + 40, position);
      return length;
    };
    await putBatch(store, batchOf(5, 3));
    const crashed = await openStore({ rootDir: crashCopy(rootDir) });
    expect(bodies(crashed.store)).toEqual(numbered(5));
    expect(await put(crashed.store, { body: 'm5' })).toMatchObject({ queueOffset: 5, physicOffset: 5 * RECORD });
    expect(bodies(crashed.store)).toEqual(numbered(6));
  });
});
