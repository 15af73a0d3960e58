import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from '../../../src/core/message/message-codec.ts';
import {
  bodies,
  draftOf,
  drain,
  hexOf,
  makeStore,
  messagesOf,
  names,
  numbered,
  openStore,
  put,
  putMany,
  queuePath,
  segmentPath,
  settle,
  tempDir,
} from './store-fixture.ts';

describe('putting and getting', () => {
  it('answers with the offsets and hands the message out as it came', async () => {
    const { store } = await openStore();
    const first = await put(store, { body: 'one', properties: { TAGS: 'A' } });
    const second = await put(store, { body: 'two' });
    expect(first).toMatchObject({ status: 'PUT_OK', physicOffset: 0, queueOffset: 0, count: 1 });
    expect(second).toMatchObject({ status: 'PUT_OK', physicOffset: 91 + 3 + 1 + 6, queueOffset: 1 });
    const messages = drain(store);
    expect(messages.map((message) => message.body.toString())).toEqual(['one', 'two']);
    expect(messages[1]).toMatchObject({
      queueOffset: 1,
      storeTimestamp: 1_700_000_000_000,
      storeHost: '127.0.0.1:10911',
    });
    expect(store.lookMessageByOffset(second.physicOffset)).toEqual(encodeMessage(messages[1] ?? expect.fail()));
  });

  it('copies the draft: the caller may use its buffers again at once', async () => {
    const { store } = await openStore();
    const draft = draftOf({ body: 'keep' });
    const done = new Promise<void>((resolve) => store.putMessage(draft, { onPut: () => resolve() }));
    draft.body.fill(0);
    draft.topic = 'other';
    await done;
    expect(bodies(store)).toEqual(['keep']);
  });

  it('acknowledges nothing and shows nothing before the bytes are in the file', async () => {
    const { store, rootDir } = await openStore();
    const seen: string[] = [];
    store.putMessage(draftOf({ body: 'x' }), {
      onPut: () => seen.push(hexOf(segmentPath(rootDir, 0), 88, 89)),
    });
    expect(seen).toEqual([]);
    expect(store.maxOffsetInQueue('T', 0)).toBe(0);
    expect(store.dispatchBehindBytes).toBe(93);
    await settle();
    expect(seen).toEqual(['78']);
    expect(store.maxOffsetInQueue('T', 0)).toBe(1);
    expect(store.dispatchBehindBytes).toBe(0);
  });

  it('writes the puts of one tick in one call, and answers them in order', async () => {
    const { store, disk } = await openStore();
    let writes = 0;
    const { write } = disk;
    disk.write = (...args) => {
      writes++;
      return write(...args);
    };
    const answered: number[] = [];
    for (let i = 0; i < 20; i++) {
      store.putMessage(draftOf({ queueId: i % 3 }), { onPut: (_, physicOffset) => answered.push(physicOffset) });
    }
    await settle();
    expect(writes).toBe(1);
    expect(answered).toEqual(Array.from({ length: 20 }, (_, i) => i * 97));
    expect([0, 1, 2].map((queueId) => store.maxOffsetInQueue('T', queueId))).toEqual([7, 7, 6]);
  });

  it('goes on when a listener throws or puts again', async () => {
    const { store } = await openStore();
    const later: string[] = [];
    store.putMessage(draftOf({ body: 'a' }), {
      onPut: () => {
        store.putMessage(draftOf({ body: 'c' }), { onPut: (status) => later.push(status) });
        throw new Error('a bad listener');
      },
    });
    store.putMessage(draftOf({ body: 'b' }), { onPut: (status) => later.push(status) });
    await settle();
    expect(later).toEqual(['PUT_OK', 'PUT_OK']);
    expect(bodies(store)).toEqual(['a', 'b', 'c']);
  });

  it('writes inline when very much is pending, so that memory stays bounded', async () => {
    const { store } = await openStore({ mappedFileSizeCommitLog: 64 * 1024 * 1024 });
    const body = Buffer.alloc(1_000_000, 1);
    let answered = 0;
    for (let i = 0; i < 12; i++) store.putMessage(draftOf({ body }), { onPut: () => answered++ });
    expect(answered).toBe(8);
    expect(store.dispatchBehindBytes).toBeLessThan(4.2 * 1024 * 1024);
    await settle();
    expect(drain(store).filter((message) => message.body.equals(body))).toHaveLength(12);
  });

  it.each<[string, Parameters<typeof put>[1]]>([
    ['a body above the limit', { body: Buffer.alloc(2001) }],
    ['properties above 32,767 bytes', { properties: { a: 'x'.repeat(32_766) } }],
    ['a record that fits into no file', { body: Buffer.alloc(1000), properties: { a: 'x'.repeat(3000) } }],
    ['a topic above 127 characters', { topic: 'x'.repeat(128) }],
    ['a topic that is no name', { topic: '../../etc' }],
    ['a negative queue', { queueId: -1 }],
  ])('refuses %s', async (_, sent) => {
    const { store } = await openStore({ maxMessageSize: 2000 });
    expect(await put(store, sent)).toMatchObject({
      status: 'MESSAGE_ILLEGAL',
      physicOffset: -1,
      queueOffset: -1,
      count: 0,
    });
    expect(store.commitLogMaxOffset).toBe(0);
    expect(store.stats.putMessageFailedTimes).toBe(1);
    expect(await put(store, { body: Buffer.alloc(2000) })).toMatchObject({ status: 'PUT_OK' });
  });

  it('refuses puts before start and after stop', async () => {
    const { store } = makeStore();
    expect((await put(store)).status).toBe('SERVICE_NOT_AVAILABLE');
    await store.start();
    expect((await put(store)).status).toBe('PUT_OK');
    await store.stop();
    expect((await put(store)).status).toBe('SERVICE_NOT_AVAILABLE');
    await expect(store.start()).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('answers a put that was pending when it is stopped', async () => {
    const { store, rootDir } = await openStore();
    const pending = put(store, { body: 'last' });
    await store.stop();
    expect((await pending).status).toBe('PUT_OK');
    const again = await openStore({ rootDir });
    expect(bodies(again.store)).toEqual(['last']);
  });

  it('leaves prepared and rolled back records out of the queue', async () => {
    const { store } = await openStore();
    await put(store, { body: 'a' });
    expect(await put(store, { body: 'b', sysFlag: 4 })).toMatchObject({ status: 'PUT_OK', queueOffset: 0 });
    await put(store, { body: 'c', sysFlag: 12 });
    expect(await put(store, { body: 'd', sysFlag: 8 })).toMatchObject({ queueOffset: 1 });
    expect(bodies(store)).toEqual(['a', 'd']);
  });

  it('counts', async () => {
    const { store, clock } = await openStore();
    clock.advance(1000);
    await putMany(store, 10);
    drain(store);
    clock.advance(1000);
    expect(store.stats).toMatchObject({
      putMessageTimesTotal: 10,
      putMessageSizeTotal: 10 * 94,
      getMessageTimesTotalFound: 1,
      getMessageTimesTotalMiss: 1,
      getMessageTransferredMsgCount: 10,
    });
    expect(store.stats.putMessageDistributeTime[0]).toBe(10);
    expect(store.stats.putTps).toEqual([10, 10, 10]);
    expect(store.stats.getTransferredTps).toEqual([10, 10, 10]);
  });
});

describe('the layout on the disk', () => {
  it('is the one of the worked example', async () => {
    const { store, rootDir, clock } = await openStore({ mappedFileSizeCommitLog: 1024 });
    clock.time = 1700000000123;
    const draft = draftOf({ body: 'hi', properties: { KEYS: 'k1', TAGS: 'A' } });
    await new Promise<void>((resolve) => store.putMessage(draft, { onPut: () => resolve() }));
    await store.stop();
    expect(hexOf(segmentPath(rootDir, 0), 0, 109)).toBe(
      `0000006cdaa320a758932aac000000000000000000000000000000000000000000000000000000000000018bcfe568007f0000010000c3500000018bcfe5687b7f00000100002a9f0000000000000000000000000000000268690154000e4b455953016b310254414753014100`,
    );
    expect(hexOf(queuePath(rootDir, 0), 0, 40)).toBe(`00000000000000000000006c0000000000000041${'00'.repeat(20)}`);
    expect(hexOf(join(rootDir, 'checkpoint'), 0, 32)).toBe(`0000018bcfe5687b0000018bcfe5687b${'00'.repeat(16)}`);
    expect(readFileSync(join(rootDir, 'lock'), 'utf8')).toBe('lock');
    expect(names(rootDir)).toEqual([
      ...[
        'checkpoint',
        'commitlog',
        'consumequeue',
        'index',
        'lock',
        'pocketmq.indexed',
        'pocketmq.stopped',
        'staging',
      ],
    ]);
    expect(names(join(rootDir, 'staging'))).toEqual([]);
    expect(statSync(join(rootDir, 'checkpoint')).size).toBe(4096);
  });

  it('has full-length sparse files by default', async () => {
    const { store, rootDir } = await openStore({
      mappedFileSizeCommitLog: undefined,
      mappedFileSizeConsumeQueue: undefined,
    });
    await put(store);
    await store.stop();
    const segment = statSync(segmentPath(rootDir, 0));
    const queue = statSync(queuePath(rootDir, 0));
    expect([segment.size, queue.size]).toEqual([1_073_741_824, 6_000_000]);
    expect(segment.blocks * 512).toBeLessThan(100_000);
    expect(queue.blocks * 512).toBeLessThan(100_000);
  });

  it('ends a file with a BLANK and a queue file at its last unit', async () => {
    const { store, rootDir } = await openStore({ mappedFileSizeCommitLog: 512, mappedFileSizeConsumeQueue: 100 });
    // 111 bytes a record: four fit into 512, and 68 remain.
    const puts = await putMany(store, 6, { properties: { TAGS: 'A', KEYS: 'kkkkk' } });
    expect(puts.map((answer) => answer.physicOffset)).toEqual([0, 111, 222, 333, 512, 623]);
    await store.stop();
    expect(hexOf(segmentPath(rootDir, 0), 444, 512)).toBe(`00000044cbd43194${'00'.repeat(60)}`);
    expect(names(join(rootDir, 'consumequeue/T/0'))).toEqual(['00000000000000000000', '00000000000000000100']);
    expect(hexOf(queuePath(rootDir, 100), 0, 12)).toBe('000000000000026f0000006f');
    const again = await openStore({ rootDir, mappedFileSizeCommitLog: 512, mappedFileSizeConsumeQueue: 100 });
    expect(again.store.commitLogMaxOffset).toBe(734);
    expect(bodies(again.store)).toEqual(numbered(6));
    expect(await put(again.store, { body: 'next' })).toMatchObject({ queueOffset: 6 });
  });

  it('gives the units of delayed messages the time they are due', async () => {
    const { store, rootDir, clock } = await openStore();
    clock.time = 0x1a2053afb6a;
    await put(store, {
      topic: 'SCHEDULE_TOPIC_XXXX',
      queueId: 2,
      properties: { DELAY: '3', REAL_TOPIC: 'T', REAL_QID: '0', TAGS: 'A' },
    });
    await store.stop();
    expect(hexOf(queuePath(rootDir, 0, 'SCHEDULE_TOPIC_XXXX', 2), 12, 20)).toBe('000001a2053b227a');
  });

  it('marks a running store with abort', async () => {
    const { store, rootDir } = await openStore();
    expect(existsSync(join(rootDir, 'abort'))).toBe(true);
    await store.stop();
    expect(existsSync(join(rootDir, 'abort'))).toBe(false);
    await store.stop();
  });

  it('keeps a commitlog elsewhere, with its staging directory beside it', async () => {
    const commitLogDir = join(tempDir(), 'elsewhere');
    const { store, rootDir } = await openStore({ commitLogDir });
    await put(store);
    await store.stop();
    expect(names(commitLogDir)).toEqual(['00000000000000000000']);
    expect(existsSync(join(rootDir, 'commitlog'))).toBe(false);
    const again = await openStore({ rootDir, commitLogDir });
    expect(bodies(again.store)).toEqual(['hello']);
  });
});

describe('batches', () => {
  function batchBody(messages: [string, string][]): Buffer {
    return Buffer.concat(
      messages.map(([body, properties]) => {
        const bytes = Buffer.alloc(22 + body.length + properties.length);
        bytes.writeInt32BE(bytes.length, 0);
        bytes.writeInt32BE(7, 12);
        bytes.writeInt32BE(body.length, 16);
        bytes.write(body, 20);
        bytes.writeInt16BE(properties.length, 20 + body.length);
        bytes.write(properties, 22 + body.length);
        return bytes;
      }),
    );
  }

  it('are stored as ordinary messages, contiguous, with one answer', async () => {
    const { store } = await openStore({ mappedFileSizeCommitLog: 512 });
    await putMany(store, 3);
    const body = batchBody([
      ['a', 'TAGS\x01A'],
      ['b', ''],
      ['c', 'KEYS\x01k\x02'],
    ]);
    const answers: unknown[][] = [];
    store.putMessageBatch(draftOf({ body, properties: { CLUSTER: 'c' } }), {
      onPut: (...answer) => answers.push(answer),
    });
    await settle();
    // 282 bytes are used and 338 needed: the whole batch goes to the next file.
    expect(answers).toEqual([['PUT_OK', 512, 3, 1_700_000_000_000, 3, [512, 621, 723]]]);
    const messages = drain(store).slice(3);
    expect(messages.map((message) => [message.body.toString(), message.flag, message.queueOffset])).toEqual([
      ['a', 7, 3],
      ['b', 7, 4],
      ['c', 7, 5],
    ]);
    expect(messages.map((message) => ({ ...message.properties }))).toEqual([
      { TAGS: 'A', CLUSTER: 'c' },
      { CLUSTER: 'c' },
      { KEYS: 'k', CLUSTER: 'c' },
    ]);
    expect(messagesOf(store.getMessage('T', 0, 3, 32, (code) => code === 65))).toHaveLength(1);
  });

  it('are refused whole when one message of them is broken', async () => {
    const { store } = await openStore();
    const body = batchBody([
      ['a', ''],
      ['b', ''],
    ]);
    const statuses: string[] = [];
    const listener = { onPut: (status: string) => statuses.push(status) };
    store.putMessageBatch(draftOf({ body: body.subarray(0, body.length - 1) }), listener);
    store.putMessageBatch(draftOf({ body: Buffer.alloc(0) }), listener);
    for (const sysFlag of [4, 8, 12]) store.putMessageBatch(draftOf({ body, sysFlag }), listener);
    expect(statuses).toEqual([
      'MALFORMED_BATCH',
      'MALFORMED_BATCH',
      'MESSAGE_ILLEGAL',
      'MESSAGE_ILLEGAL',
      'MESSAGE_ILLEGAL',
    ]);
    expect(store.commitLogMaxOffset).toBe(0);
  });
});

describe('arriving messages', () => {
  it('are told for watched queues only, when they can be read', async () => {
    const { store } = await openStore();
    const told: unknown[][] = [];
    store.onArrive = (topic, queueId, maxOffset, code) => {
      told.push([topic, queueId, maxOffset, code, store.maxOffsetInQueue(topic, queueId)]);
    };
    expect(store.watch('T', 1)).toBe(true);
    await Promise.all([put(store), put(store, { queueId: 1, properties: { TAGS: 'A' } }), put(store, { queueId: 1 })]);
    expect(told).toEqual([
      ['T', 1, 1, 65, 2],
      ['T', 1, 2, 0, 2],
    ]);
    store.unwatch('T', 1);
    await put(store, { queueId: 1 });
    expect(told).toHaveLength(2);
  });

  it('can be watched before the first message, which makes no queue', async () => {
    const { store } = await openStore();
    store.watch('T', 5);
    expect(store.watch('a/b', 0)).toBe(false);
    expect([...store.queues()]).toEqual([]);
    expect(store.getMessage('T', 5, 0, 32).status).toBe('NO_MESSAGE_IN_QUEUE');
  });
});

describe('destroying a topic', () => {
  it('deletes its queues and begins at 0 again', async () => {
    const { store, rootDir } = await openStore();
    await putMany(store, 60);
    await put(store, { topic: 'U' });
    store.destroyTopic('T');
    store.destroyTopic('unknown');
    expect([...store.queues()]).toEqual([{ topic: 'U', queueId: 0 }]);
    expect(existsSync(queuePath(rootDir, 0))).toBe(false);
    expect(await put(store, { body: 'anew' })).toMatchObject({ queueOffset: 0 });
    expect(bodies(store)).toEqual(['anew']);
    await store.stop();
    const again = await openStore({ rootDir });
    expect(bodies(again.store)).toEqual(['anew']);
    expect(decodeMessage(again.store.lookMessageByOffset(0) ?? expect.fail()).body.toString()).toBe('m0');
  });
});
