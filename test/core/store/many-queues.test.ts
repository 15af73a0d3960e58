import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodies, getNow, messagesOf, numbered, openStore, put, putMany } from './store-fixture.ts';

const QUEUES = { mappedFileSizeCommitLog: 64 * 1024 * 1024, maxOpenFiles: 32 };

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

describe('many queues', () => {
  it('are held with a bounded number of open files, through writes, fsyncs and a restart', async () => {
    const before = openDescriptors();
    const { store, clock, rootDir } = await openStore(QUEUES);
    const topics = Array.from({ length: 250 }, (_, i) => `T${i}`);
    for (const topic of topics) {
      await Promise.all([0, 1, 2, 3].map((queueId) => put(store, { topic, queueId, body: `${topic}/${queueId}` })));
    }
    clock.advance(200);
    expect(openDescriptors() - before).toBeLessThan(32 + 16);
    // New files are written a few a turn, and moved into place by the fsync of the next second.
    const published = (): number => {
      clock.advance(1000);
      return readdirSync(`${rootDir}/consumequeue`).length;
    };
    await expect.poll(published, { timeout: 10_000 }).toBe(250);
    expect(openDescriptors() - before).toBeLessThan(32 + 16);
    await store.stop();
    const again = await openStore({ ...QUEUES, rootDir });
    expect([...again.store.queues()]).toHaveLength(1000);
    for (const topic of topics) expect(bodies(again.store, topic, 3)).toEqual([`${topic}/3`]);
    expect(openDescriptors() - before).toBeLessThan(32 + 16);
  });

  it('are written a few a turn, so that nobody waits for the files of all', async () => {
    const { store, clock, rootDir } = await openStore(QUEUES);
    for (let i = 0; i < 400; i++) await put(store, { topic: `T${i}` });
    const staged = (): number => readdirSync(`${rootDir}/staging`).filter((name) => name.includes('.stream')).length;
    clock.advance(200);
    const atOnce = staged();
    expect(atOnce).toBeGreaterThan(0);
    expect(atOnce).toBeLessThan(100);
    await expect.poll(staged, { timeout: 10_000 }).toBe(400);
    await store.stop();
    expect(readdirSync(`${rootDir}/consumequeue`)).toHaveLength(400);
  });

  it('cost nothing on the disk before their first message', async () => {
    const { store, rootDir } = await openStore(QUEUES);
    for (let i = 0; i < 10_000; i++) for (let queueId = 0; queueId < 4; queueId++) store.watch(`T${i}`, queueId);
    await put(store, { topic: 'T7', queueId: 2 });
    await store.stop();
    expect(readdirSync(`${rootDir}/consumequeue`)).toEqual(['T7']);
  });
});

describe('one queue', () => {
  it('reads from memory, from its file and across both, before and after each write', async () => {
    const { store, clock } = await openStore({ ...QUEUES, mappedFileSizeConsumeQueue: 6_000_000 });
    let count = 0;
    for (const part of [10, 100, 3000, 1, 5000]) {
      await putMany(store, part, {}, count);
      count += part;
      expect(bodies(store)).toEqual(numbered(count));
      clock.advance(200);
      expect(bodies(store)).toEqual(numbered(count));
    }
    clock.advance(1000);
    expect(bodies(store)).toEqual(numbered(count));
  });
});

describe('units read from the files', () => {
  it('are those of the queue asked, however many others are read in between', async () => {
    const { store, clock } = await openStore();
    const queues = Array.from({ length: 300 }, (_, queueId) => queueId);
    for (const round of [0, 1, 2]) {
      await Promise.all(queues.map((queueId) => put(store, { queueId, body: `${queueId} ${round}` })));
    }
    clock.advance(1000);
    for (const offset of [0, 1]) {
      for (const queueId of queues) {
        const bodies = messagesOf(getNow(store, 'T', queueId, offset, 2)).map(({ body }) => body.toString());
        expect(bodies).toEqual([`${queueId} ${offset}`, `${queueId} ${offset + 1}`]);
      }
    }
  });

  it('are read again when more have come', async () => {
    const { store, clock } = await openStore();
    await putMany(store, 3);
    clock.advance(1000);
    expect(messagesOf(getNow(store, 'T', 0, 0, 32))).toHaveLength(3);
    await putMany(store, 40, {}, 3);
    clock.advance(1000);
    expect(messagesOf(getNow(store, 'T', 0, 0, 32))).toHaveLength(32);
    expect(messagesOf(getNow(store, 'T', 0, 2, 5)).map(({ body }) => body.toString())).toEqual([
      'm2',
      'm3',
      'm4',
      'm5',
      'm6',
    ]);
  });
});
