import { describe, expect, it } from 'vitest';
import {
  selectQueueByHash,
  selectQueueByMachineRoom,
  selectQueueByRandom,
} from '../../../../src/core/client/producer/queue-selector.ts';

const queues = (brokerName: string, count: number) =>
  Array.from({ length: count }, (_, queueId) => ({ topic: 'T', brokerName, queueId }));
const message = { topic: 'T', body: 'x' };

describe('selectQueueByHash', () => {
  // hashCode() of Java: of Strings, of Integers, of Longs.
  it.each([
    ['', 0],
    ['a', 97 % 7],
    ['order-1', Math.abs(-1207111310 % 7)],
    ['polygenelubricants', Math.abs(-2147483648 % 7)],
    ['订单', 1129459 % 7],
    [-5, 5],
    [2147483647, 2147483647 % 7],
    [2147483648, Math.abs(-2147483648 % 7)],
    [1n << 32n, 1],
    [-1n, 0],
  ])('%s goes to queue %i of seven', (arg, queueId) => {
    expect(selectQueueByHash(queues('a', 7), message, arg)?.queueId).toBe(queueId);
  });
});

it('selectQueueByRandom takes every queue at some time', () => {
  const taken = Array.from({ length: 200 }, () => selectQueueByRandom(queues('a', 3), message, 0)?.queueId);
  expect(new Set(taken)).toEqual(new Set([0, 1, 2]));
});

it('selectQueueByMachineRoom takes queues of its rooms only', () => {
  const all = [...queues('east@a', 2), ...queues('west@b', 2), ...queues('c', 1)];
  const select = selectQueueByMachineRoom(['west']);
  expect([0, 1, 2].map((arg) => select(all, message, arg)?.queueId)).toEqual([0, 1, 0]);
  expect(select(all, message, 0)?.brokerName).toBe('west@b');
  expect(selectQueueByMachineRoom(['north'])(all, message, 0)).toBeUndefined();
});
