import { describe, expect, it } from 'vitest';
import { javaHashOrder, javaStringHashOrder, messageQueueHash } from '../../../src/core/client/java-hash-order.ts';

const queueOrder = (topic: string): number[] =>
  javaHashOrder(
    [0, 1, 2, 3].map((queueId) => ({ topic, brokerName: 'broker-a', queueId })),
    messageQueueHash,
  ).map((mq) => mq.queueId);

describe('javaHashOrder', () => {
  it('gives queues as the recorded printMsg and consumeMessage name them', () => {
    expect(queueOrder('FailTopic')).toEqual([3, 2, 1, 0]);
    expect(queueOrder('TxTopic')).toEqual([0, 1, 2, 3]);
  });

  it('keeps the order of the recorded topicList, which is a HashSet of 21 names', () => {
    const recorded = (
      '%RETRY%GID_orderly %RETRY%GID_trace_consumer RMQ_SYS_TRANS_HALF_TOPIC FailTopic %RETRY%GID_fail DelayTopic ' +
      '%DLQ%GID_fail BenchmarkTest OFFSET_MOVED_EVENT OrderTopic TBW102 SELF_TEST_TOPIC TxTopic DefaultCluster ' +
      'TraceTopic SCHEDULE_TOPIC_XXXX %RETRY%GID_bcast RMQ_SYS_TRACE_TOPIC DefaultCluster_REPLY_TOPIC broker-a ' +
      '%RETRY%GID_orders'
    ).split(' ');
    expect(javaStringHashOrder(recorded)).toEqual(recorded);
    expect(javaStringHashOrder([...recorded].sort())).not.toEqual([...recorded].sort());
  });

  it('makes the table larger beyond three quarters: 12 keys stand in 16 buckets, 13 in 32', () => {
    const keys = Array.from({ length: 13 }, (_, i) => (i === 0 ? 16 : i));
    expect(javaHashOrder(keys.slice(0, 12), (key) => key)[0]).toBe(16);
    expect(javaHashOrder(keys, (key) => key)[12]).toBe(16);
  });

  it('drops repeated names', () => {
    expect(javaStringHashOrder(['a', 'b', 'a'])).toEqual(['a', 'b']);
  });
});
