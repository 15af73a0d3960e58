import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProcessQueue } from '../../../../src/core/client/consumer/process-queue.ts';
import { pulled } from './message-fixture.ts';

const MQ = { topic: 'T', brokerName: 'a', queueId: 0 };
const WIDE = { messages: 1000, bytes: 1e9, span: 1e9 };

const messages = (...offsets: number[]): ReturnType<typeof pulled>[] => offsets.map((offset) => pulled(offset));

/** Whether room() has resolved by now. */
async function hasResolved(promise: Promise<void>): Promise<boolean> {
  let resolved = false;
  promise.then(() => {
    resolved = true;
  });
  await new Promise(setImmediate);
  return resolved;
}

describe('ProcessQueue', () => {
  it('commits up to the lowest message that is not consumed yet', () => {
    const queue = new ProcessQueue(MQ, WIDE);
    queue.put(messages(5, 6, 7, 9));
    expect(queue.remove(messages(6, 7))).toBe(5);
    expect(queue.remove(messages(5))).toBe(9);
    expect(queue.remove(messages(9))).toBe(10);
  });

  it('has nothing to commit before it held anything', () => {
    expect(new ProcessQueue(MQ, WIDE).remove([])).toBeUndefined();
  });

  it('takes an offset only once', () => {
    const queue = new ProcessQueue(MQ, WIDE);
    queue.put(messages(1, 2));
    expect(queue.put(messages(2, 3)).map((message) => message.queueOffset)).toEqual([3]);
    queue.remove(messages(1, 2, 3));
    expect(queue.put(messages(3))).toEqual([]);
  });

  it('never commits past a message that is held, in whatever order messages are consumed', () => {
    const orders = fc
      .uniqueArray(fc.nat(60), { minLength: 1 })
      .chain((offsets) =>
        fc.tuple(
          fc.constant([...offsets].sort((a, b) => a - b)),
          fc.shuffledSubarray(offsets, { minLength: offsets.length }),
        ),
      );
    fc.assert(
      fc.property(orders, ([ascending, order]) => {
        const queue = new ProcessQueue(MQ, WIDE);
        queue.put(messages(...ascending));
        const left = new Set(ascending);
        for (const offset of order) {
          left.delete(offset);
          const expected = left.size > 0 ? Math.min(...left) : Math.max(...ascending) + 1;
          expect(queue.remove(messages(offset))).toBe(expected);
        }
      }),
    );
  });

  it.each([
    ['messages', { ...WIDE, messages: 2 }],
    ['bytes', { ...WIDE, bytes: 5 }],
    ['span', { ...WIDE, span: 1 }],
  ])('lets no pull through beyond the limit of %s until enough is consumed', async (_, limits) => {
    const queue = new ProcessQueue(MQ, limits);
    queue.put(messages(1, 2));
    expect(await hasResolved(queue.room())).toBe(true);
    queue.put(messages(3));
    const room = queue.room();
    expect(await hasResolved(room)).toBe(false);
    queue.remove(messages(1));
    expect(await hasResolved(room)).toBe(true);
  });

  it('lets a waiting pull go when the queue is dropped', async () => {
    const queue = new ProcessQueue(MQ, { ...WIDE, messages: 0 });
    queue.put(messages(1));
    const room = queue.room();
    queue.drop();
    expect(await hasResolved(room)).toBe(true);
    expect(queue.dropped).toBe(true);
  });
});
