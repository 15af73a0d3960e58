import { describe, expect, it } from 'vitest';
import { decodeConsumeMessageDirectlyResult } from '../../../../src/core/protocol/bodies/consume-message-directly-result.ts';
import {
  decodeConsumeQueueAnswer,
  encodeConsumeQueueAnswer,
} from '../../../../src/core/protocol/bodies/query-consume-queue.ts';

const subscription =
  '{"classFilterMode":false,"codeSet":[2598919],"expressionType":"TAG","subString":"TagA","subVersion":7,"tagsSet":["TagA"],"topic":"T"}';

describe('an answer about a consumequeue', () => {
  it.each([
    '{"maxQueueIndex":3,"minQueueIndex":1,"queueData":[]}',
    '{"filterData":"G@T is not online!","maxQueueIndex":0,"minQueueIndex":0,"queueData":[]}',
    `{"filterData":"null","maxQueueIndex":2,"minQueueIndex":0,"queueData":[{"eval":false,"physicOffset":0,"physicSize":210,"tagsCode":-5},{"bitMap":"01","eval":true,"extendDataJson":"{}","msg":"m","physicOffset":210,"physicSize":1,"tagsCode":1795384234756}],"subscriptionData":${subscription}}`,
  ])('%s', (text) => {
    expect(encodeConsumeQueueAnswer(decodeConsumeQueueAnswer(Buffer.from(text))).toString()).toBe(text);
  });

  it('is refused without a body', () => {
    expect(() => decodeConsumeQueueAnswer(undefined)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
  });
});

describe('the result of a consumer', () => {
  it('is read with its defaults', () => {
    const text =
      '{"autoCommit":false,"consumeResult":"CR_THROW_EXCEPTION","order":true,"remark":"why","spentTimeMills":5}';
    expect(decodeConsumeMessageDirectlyResult(Buffer.from(text))).toEqual(JSON.parse(text));
    expect(decodeConsumeMessageDirectlyResult(Buffer.from('{}'))).toEqual({
      order: false,
      autoCommit: true,
      consumeResult: undefined,
      remark: undefined,
      spentTimeMills: 0,
    });
  });
});
