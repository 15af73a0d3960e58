/** Headers and bodies that tests of pulling and of consumers have in common. */
import type { ConsumerData, HeartbeatData } from '../../../src/core/protocol/bodies/heartbeat-data.ts';
import { encodeHeartbeatData } from '../../../src/core/protocol/bodies/heartbeat-data.ts';
import type { pullMessage } from '../../../src/core/protocol/requests/pull-message.ts';
import type { RequestHeaderOf } from '../../../src/core/protocol/schema.ts';

export type PullHeader = RequestHeaderOf<typeof pullMessage>;

export const COMMIT_OFFSET = 1;
export const SUSPEND = 2;
export const SUBSCRIPTION = 4;

export function pullHeader(fields: Partial<PullHeader> = {}): PullHeader {
  return {
    consumerGroup: 'G',
    topic: 'TopicTest',
    queueId: 0,
    queueOffset: 0,
    maxMsgNums: 32,
    sysFlag: SUBSCRIPTION,
    commitOffset: 0,
    suspendTimeoutMillis: 20_000,
    subscription: '*',
    subVersion: 0,
    expressionType: 'TAG',
    ...fields,
  };
}

export function consumerData(fields: Partial<ConsumerData> = {}): ConsumerData {
  return {
    groupName: 'G',
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    subscriptionDataSet: [subscriptionData()],
    unitMode: false,
    ...fields,
  };
}

export function subscriptionData(topic = 'TopicTest', subVersion = 1) {
  return {
    topic,
    subString: '*',
    expressionType: 'TAG',
    subVersion,
    tagsSet: [] as string[],
    codeSet: [] as number[],
    classFilterMode: false,
  };
}

export function heartbeat(fields: Partial<HeartbeatData> = {}): Buffer {
  return encodeHeartbeatData({
    clientID: 'client-1',
    producerDataSet: [],
    consumerDataSet: [consumerData()],
    ...fields,
  });
}
