import { describe, expect, it } from 'vitest';
import {
  decodeDataVersion,
  decodeTopicConfig,
  decodeTopicConfigSerializeWrapper,
  encodeDataVersion,
} from '../../../../src/core/protocol/bodies/topic-config.ts';

describe('a topic config', () => {
  it('has the defaults of a new TopicConfig where members are missing', () => {
    expect(decodeTopicConfig(Buffer.from('{"topicName":"T"}'))).toEqual({
      topicName: 'T',
      readQueueNums: 16,
      writeQueueNums: 16,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: false,
    });
  });

  it('reads from topics.json, which is indented', () => {
    const file = `{
\t"dataVersion":{
\t\t"counter":3,
\t\t"timestamp":1700000000000
\t},
\t"topicConfigTable":{
\t\t"T":{
\t\t\t"order":true,
\t\t\t"perm":4,
\t\t\t"readQueueNums":2,
\t\t\t"topicFilterType":"MULTI_TAG",
\t\t\t"topicName":"T",
\t\t\t"topicSysFlag":1,
\t\t\t"writeQueueNums":1
\t\t}
\t}
}`;
    expect(decodeTopicConfigSerializeWrapper(Buffer.from(file))).toEqual({
      dataVersion: { counter: 3, timestamp: 1700000000000 },
      topicConfigTable: {
        T: {
          topicName: 'T',
          readQueueNums: 2,
          writeQueueNums: 1,
          perm: 4,
          topicFilterType: 'MULTI_TAG',
          topicSysFlag: 1,
          order: true,
        },
      },
    });
  });

  it('table without a version is version 0', () => {
    expect(decodeTopicConfigSerializeWrapper(Buffer.from('{}'))).toEqual({
      dataVersion: { counter: 0, timestamp: 0 },
      topicConfigTable: {},
    });
  });
});

describe('a data version', () => {
  it('of 4.9 has two members, of 5.x three', () => {
    expect(encodeDataVersion({ counter: 1, timestamp: 2 }).toString()).toBe('{"counter":1,"timestamp":2}');
    const from5x = Buffer.from('{"counter":1,"stateVersion":0,"timestamp":2}');
    expect(encodeDataVersion(decodeDataVersion(from5x))).toEqual(from5x);
  });
});
