import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateAveragely } from '../../../../../src/core/client/consumer/allocate/average.ts';
import { shareOf } from '../../../../../src/core/client/consumer/allocate/strategy.ts';
import { type MessageQueue, messageQueueKey } from '../../../../../src/core/message/message-queue.ts';

const allocateAverage = (all: MessageQueue[], clients: string[], client: string): MessageQueue[] =>
  shareOf(allocateAveragely, 'G', all, clients, client);

function queues(count: number, brokerName = 'broker-a'): MessageQueue[] {
  return Array.from({ length: count }, (_, queueId) => ({ topic: 'T', brokerName, queueId }));
}

const ids = (share: readonly MessageQueue[]): number[] => share.map((mq) => mq.queueId);

describe('AVG', () => {
  it('gives contiguous blocks, the first n mod c clients one queue more', () => {
    const clients = ['c', 'a', 'b'];
    expect(ids(allocateAverage(queues(8), clients, 'a'))).toEqual([0, 1, 2]);
    expect(ids(allocateAverage(queues(8), clients, 'b'))).toEqual([3, 4, 5]);
    expect(ids(allocateAverage(queues(8), clients, 'c'))).toEqual([6, 7]);
  });

  it('leaves clients without a queue when there are more clients than queues', () => {
    expect(ids(allocateAverage(queues(2), ['a', 'b', 'c'], 'b'))).toEqual([1]);
    expect(allocateAverage(queues(2), ['a', 'b', 'c'], 'c')).toEqual([]);
  });

  it('gives nothing to a client the group does not list', () => {
    expect(allocateAverage(queues(4), ['a', 'b'], 'z')).toEqual([]);
  });

  it('counts an id that the broker lists twice once', () => {
    expect(ids(allocateAverage(queues(4), ['a', 'b', 'a'], 'b'))).toEqual([2, 3]);
  });

  it('sorts ids by code unit and queue numbers as numbers', () => {
    expect(ids(allocateAverage(queues(12).reverse(), ['a', 'B'], 'B'))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(ids(allocateAverage(queues(12).reverse(), ['a', 'B'], 'a'))).toEqual([6, 7, 8, 9, 10, 11]);
  });

  it('divides every queue to exactly one client, evenly, whatever the order of both lists', () => {
    const queueList = fc.uniqueArray(
      fc.record({
        topic: fc.constant('T'),
        brokerName: fc.constantFrom('broker-a', 'broker-b', 'Broker'),
        queueId: fc.nat(40),
      }),
      { selector: messageQueueKey, maxLength: 60 },
    );
    const clientList = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(queueList, clientList, (all, clients) => {
        const shares = clients.map((client) => allocateAverage(all, clients, client));
        expect(shares.flat().map(messageQueueKey).sort()).toEqual(all.map(messageQueueKey).sort());
        const sizes = shares.map((share) => share.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        const turned = [...clients].reverse();
        expect(turned.map((client) => allocateAverage([...all].reverse(), turned, client)).reverse()).toEqual(shares);
      }),
    );
  });

  it('agrees with dealing the sorted queues out one by one', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 12 }), (count, clientCount) => {
        const clients = Array.from({ length: clientCount }, (_, i) => String.fromCharCode(97 + i));
        // How many each client gets when cards are dealt round, then blocks of that many in order.
        const sizes = new Array<number>(clientCount).fill(0);
        for (let i = 0; i < count; i++) sizes[i % clientCount] = (sizes[i % clientCount] ?? 0) + 1;
        let start = 0;
        clients.forEach((client, index) => {
          const end = start + (sizes[index] ?? 0);
          const block = Array.from({ length: end - start }, (_, i) => start + i);
          expect(ids(allocateAverage(queues(count), clients, client))).toEqual(block);
          start = end;
        });
      }),
    );
  });
});
