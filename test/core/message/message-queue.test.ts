import { describe, expect, it } from 'vitest';
import { compareMessageQueues, messageQueueKey } from '../../../src/core/message/message-queue.ts';

const queue = (topic: string, brokerName: string, queueId: number) => ({ topic, brokerName, queueId });

describe('message queues', () => {
  it('are ordered by topic, broker name and queue number', () => {
    const ordered = [
      queue('%RETRY%g', 'b', 0),
      queue('A', 'b', 0),
      queue('a', 'a', 10),
      queue('a', 'b', 2),
      queue('a', 'b', 10),
      queue('é', 'a', 0),
    ];
    expect([...ordered].reverse().sort(compareMessageQueues)).toEqual(ordered);
    expect(compareMessageQueues(queue('a', 'b', 1), queue('a', 'b', 1))).toBe(0);
  });

  it('have equal keys only when they are equal', () => {
    expect(messageQueueKey(queue('T', 'b', 1))).toBe(messageQueueKey({ queueId: 1, brokerName: 'b', topic: 'T' }));
    const others = [
      queue('T', 'b', 11),
      queue('T', 'b1', 1),
      queue('Tb', '', 1),
      queue('T@b', '', 1),
      queue('', 'Tb', 1),
    ];
    expect(new Set([queue('T', 'b', 1), ...others].map(messageQueueKey)).size).toBe(6);
  });
});
