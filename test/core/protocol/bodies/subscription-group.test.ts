import { describe, expect, it } from 'vitest';
import {
  decodeSubscriptionGroupConfig,
  decodeSubscriptionGroupWrapper,
  defaultSubscriptionGroupConfig,
  encodeSubscriptionGroupConfig,
  encodeSubscriptionGroupWrapper,
} from '../../../../src/core/protocol/bodies/subscription-group.ts';

describe('a subscription group config', () => {
  it('has the defaults where members are missing', () => {
    expect(decodeSubscriptionGroupConfig(Buffer.from('{"groupName":"g"}'))).toEqual(
      defaultSubscriptionGroupConfig('g'),
    );
  });

  it('keeps what is set, and loses what 5.x adds', () => {
    const from5x = Buffer.from(
      '{"attributes":{},"brokerId":1,"consumeBroadcastEnable":false,"consumeEnable":false,"consumeFromMinEnable":false,"consumeMessageOrderly":false,"consumeTimeoutMinute":15,"groupName":"g","groupSysFlag":0,"notifyConsumerIdsChangedEnable":false,"retryMaxTimes":3,"retryQueueNums":2,"whichBrokerWhenConsumeSlowly":0}',
    );
    const config = decodeSubscriptionGroupConfig(from5x);
    expect(config).toEqual({
      groupName: 'g',
      consumeEnable: false,
      consumeFromMinEnable: false,
      consumeBroadcastEnable: false,
      retryQueueNums: 2,
      retryMaxTimes: 3,
      brokerId: 1,
      whichBrokerWhenConsumeSlowly: 0,
      notifyConsumerIdsChangedEnable: false,
    });
    expect(encodeSubscriptionGroupConfig(config).toString()).toBe(
      '{"brokerId":1,"consumeBroadcastEnable":false,"consumeEnable":false,"consumeFromMinEnable":false,"groupName":"g","notifyConsumerIdsChangedEnable":false,"retryMaxTimes":3,"retryQueueNums":2,"whichBrokerWhenConsumeSlowly":0}',
    );
  });

  it('comes back in its table', () => {
    const wrapper = {
      dataVersion: { counter: 1, timestamp: 2 },
      subscriptionGroupTable: { g: defaultSubscriptionGroupConfig('g') },
    };
    expect(decodeSubscriptionGroupWrapper(encodeSubscriptionGroupWrapper(wrapper))).toEqual(wrapper);
  });
});
