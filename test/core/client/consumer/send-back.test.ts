import { describe, expect, it } from 'vitest';
import { retryMessage } from '../../../../src/core/client/consumer/send-back.ts';
import { pulled } from './message-fixture.ts';

describe('retryMessage', () => {
  it('is the copy Java clients send to the retry topic', () => {
    const properties = { KEYS: 'k', UNIQ_KEY: 'u', MIN_OFFSET: '0', MAX_OFFSET: '9', TRAN_MSG: 'true' };
    const copy = retryMessage(pulled(3, { reconsumeTimes: 2, flag: 7, properties }), 'G', 16);
    expect(copy).toEqual({
      topic: '%RETRY%G',
      body: Buffer.from('m3'),
      flag: 7,
      properties: {
        KEYS: 'k',
        UNIQ_KEY: 'u',
        RETRY_TOPIC: 'T',
        ORIGIN_MESSAGE_ID: 'offset3',
        RECONSUME_TIME: '3',
        MAX_RECONSUME_TIMES: '16',
        DELAY: '5',
      },
    });
    expect(properties).toHaveProperty('MIN_OFFSET');
  });

  it('keeps the id of the first copy', () => {
    const copy = retryMessage(pulled(3, { properties: { ORIGIN_MESSAGE_ID: 'first' } }), 'G', 16);
    expect(copy.properties).toMatchObject({ ORIGIN_MESSAGE_ID: 'first' });
  });
});
