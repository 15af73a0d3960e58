/** Messages for the consumer tests. */

import type { MessageExt } from '../../../../src/core/message/message.ts';

/** A pulled message; only what a test changes matters. */
export function pulled(queueOffset: number, change: Partial<MessageExt> = {}): MessageExt {
  return {
    topic: 'T',
    body: Buffer.from(`m${queueOffset}`),
    flag: 0,
    properties: {},
    storeSize: 100,
    bodyCRC: 0,
    queueId: 0,
    queueOffset,
    commitLogOffset: queueOffset * 100,
    sysFlag: 0,
    bornTimestamp: 1,
    bornHost: '127.0.0.1:1',
    storeTimestamp: 2,
    storeHost: '127.0.0.1:10911',
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    msgId: `id${queueOffset}`,
    offsetMsgId: `offset${queueOffset}`,
    ...change,
  };
}
