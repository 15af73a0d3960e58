import { describe, expect, it } from 'vitest';
import {
  decodeCheckClientRequestBody,
  encodeCheckClientRequestBody,
} from '../../../../src/core/protocol/bodies/check-client-config.ts';
import { decodeHeartbeatData, encodeHeartbeatData } from '../../../../src/core/protocol/bodies/heartbeat-data.ts';
import { decodeSubscriptionData } from '../../../../src/core/protocol/bodies/subscription-data.ts';

const subscription = {
  topic: 'T',
  subString: 'TagA || TagB',
  expressionType: 'TAG',
  subVersion: 1795384234756,
  tagsSet: ['TagA', 'TagB'],
  codeSet: [2598919, 2598920],
  classFilterMode: false,
};

describe('a heartbeat', () => {
  const heartbeat = {
    clientID: '127.0.0.1@1#2',
    producerDataSet: [{ groupName: 'CLIENT_INNER_PRODUCER' }],
    consumerDataSet: [
      {
        groupName: 'g',
        consumeType: 'CONSUME_PASSIVELY' as const,
        messageModel: 'CLUSTERING' as const,
        consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET' as const,
        subscriptionDataSet: [subscription],
        unitMode: false,
      },
    ],
  };

  it('is written as Java writes it and comes back', () => {
    const written = encodeHeartbeatData(heartbeat);
    expect(written.toString()).toBe(
      '{"clientID":"127.0.0.1@1#2","consumerDataSet":[{"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","consumeType":"CONSUME_PASSIVELY","groupName":"g","messageModel":"CLUSTERING","subscriptionDataSet":[{"classFilterMode":false,"codeSet":[2598919,2598920],"expressionType":"TAG","subString":"TagA || TagB","subVersion":1795384234756,"tagsSet":["TagA","TagB"],"topic":"T"}],"unitMode":false}],"producerDataSet":[{"groupName":"CLIENT_INNER_PRODUCER"}]}',
    );
    expect(decodeHeartbeatData(written)).toEqual(heartbeat);
  });

  it('with unknown enum words is not refused', () => {
    const odd =
      '{"clientID":"c","consumerDataSet":[{"groupName":"g","consumeType":"push","messageModel":"Clustering"}]}';
    expect(decodeHeartbeatData(Buffer.from(odd))).toEqual({
      clientID: 'c',
      producerDataSet: [],
      consumerDataSet: [{ groupName: 'g', messageModel: 'CLUSTERING', subscriptionDataSet: [], unitMode: false }],
    });
  });

  it('of 5.x reads without its fingerprint', () => {
    const from5x =
      '{"clientID":"c","consumerDataSet":[],"heartbeatFingerprint":5,"producerDataSet":[],"withoutSub":false}';
    expect(decodeHeartbeatData(Buffer.from(from5x))).toEqual({
      clientID: 'c',
      producerDataSet: [],
      consumerDataSet: [],
    });
  });

  it.each(['', 'x', '[]', '{"consumerDataSet":5}', '{"producerDataSet":[1]}'])('%j is refused', (text) => {
    expect(() => decodeHeartbeatData(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
  });
});

describe('a subscription', () => {
  it('without an expression type is one of tags', () => {
    expect(decodeSubscriptionData(Buffer.from('{"topic":"T","subString":"*"}'))).toEqual({
      topic: 'T',
      subString: '*',
      expressionType: 'TAG',
      subVersion: 0,
      tagsSet: [],
      codeSet: [],
      classFilterMode: false,
    });
  });

  it('to be checked comes back, and must be there', () => {
    const request = { clientId: 'c', group: 'g', subscriptionData: subscription };
    expect(decodeCheckClientRequestBody(encodeCheckClientRequestBody(request))).toEqual(request);
    expect(() => decodeCheckClientRequestBody(Buffer.from('{"clientId":"c"}'))).toThrow(
      'the subscription is no JSON object',
    );
  });
});
