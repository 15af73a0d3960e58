/** The bodies with a MessageQueue or a queueId as key. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prettyFastJson } from '../../../../src/core/common/fastjson.ts';
import { decodeConsumeStats, encodeConsumeStats } from '../../../../src/core/protocol/bodies/consume-stats.ts';
import { decodeConsumerOffset, encodeConsumerOffset } from '../../../../src/core/protocol/bodies/consumer-offset.ts';
import {
  decodeLockBatchRequestBody,
  decodeLockBatchResponseBody,
  encodeLockBatchRequestBody,
  encodeLockBatchResponseBody,
} from '../../../../src/core/protocol/bodies/lock-batch.ts';
import {
  decodeTopicStatsTable,
  encodeTopicStatsTable,
} from '../../../../src/core/protocol/bodies/topic-stats-table.ts';

const mq = { topic: 'T', brokerName: 'broker-a', queueId: 1 };
const mqText = '{"brokerName":"broker-a","queueId":1,"topic":"T"}';

const anyQueue = fc.record({ topic: fc.string(), brokerName: fc.string(), queueId: fc.nat() });
const anyOffset = fc.maxSafeInteger();

describe('topic stats', () => {
  it('have queues as keys', () => {
    const table = { offsetTable: [{ mq, minOffset: 0, maxOffset: 3, lastUpdateTimestamp: 1795390721801 }] };
    expect(encodeTopicStatsTable(table).toString()).toBe(
      `{"offsetTable":{${mqText}:{"lastUpdateTimestamp":1795390721801,"maxOffset":3,"minOffset":0}}}`,
    );
  });

  it('come back, an empty table too', () => {
    const row = fc.record({ mq: anyQueue, minOffset: anyOffset, maxOffset: anyOffset, lastUpdateTimestamp: anyOffset });
    fc.assert(
      fc.property(fc.array(row), (offsetTable) => {
        expect(decodeTopicStatsTable(encodeTopicStatsTable({ offsetTable }))).toEqual({ offsetTable });
      }),
    );
  });
});

describe('consume stats', () => {
  it('have queues as keys and a double', () => {
    const stats = {
      consumeTps: 0,
      offsetTable: [{ mq, brokerOffset: 10, consumerOffset: 9, lastTimestamp: 1795390741520 }],
    };
    expect(encodeConsumeStats(stats).toString()).toBe(
      `{"consumeTps":0.0,"offsetTable":{${mqText}:{"brokerOffset":10,"consumerOffset":9,"lastTimestamp":1795390741520}}}`,
    );
  });

  it('of 5.x have the offset of the last pull', () => {
    const from5x = `{"consumeTps":1.5,"offsetTable":{${mqText}:{"brokerOffset":3,"consumerOffset":2,"lastTimestamp":1,"pullOffset":3}}}`;
    const stats = decodeConsumeStats(Buffer.from(from5x));
    expect(stats.offsetTable).toEqual([{ mq, brokerOffset: 3, consumerOffset: 2, lastTimestamp: 1, pullOffset: 3 }]);
    expect(encodeConsumeStats(stats).toString()).toBe(from5x);
  });
});

describe('consumer offsets', () => {
  const wrapper = {
    offsetTable: {
      'T@g': new Map([
        [0, 5],
        [1, 7],
      ]),
    },
  };

  it('have bare queue ids as keys', () => {
    expect(encodeConsumerOffset(wrapper).toString()).toBe('{"offsetTable":{"T@g":{0:5,1:7}}}');
  });

  it('read from the indented file, with bare keys or quoted ones', () => {
    const file = prettyFastJson(wrapper);
    expect(decodeConsumerOffset(Buffer.from(file))).toEqual(wrapper);
    expect(decodeConsumerOffset(Buffer.from(file.replace('0:', '"0":').replace('1:', '"1":')))).toEqual(wrapper);
  });
});

describe('locks', () => {
  it('come back without members a queue does not have in Java', () => {
    const request = { clientId: 'c', consumerGroup: 'g', mqSet: [{ ...mq, offset: 5 }] };
    expect(encodeLockBatchRequestBody(request).toString()).toBe(
      `{"clientId":"c","consumerGroup":"g","mqSet":[${mqText}]}`,
    );
    expect(decodeLockBatchRequestBody(encodeLockBatchRequestBody(request))).toEqual({ ...request, mqSet: [mq] });
    expect(decodeLockBatchResponseBody(encodeLockBatchResponseBody({ lockOKMQSet: [mq] }))).toEqual({
      lockOKMQSet: [mq],
    });
  });
});
