import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeRegisterBrokerBody,
  encodeRegisterBrokerBody,
  type RegisterBrokerBody,
} from '../../../../src/core/protocol/bodies/register-broker-body.ts';
import type { TopicConfig } from '../../../../src/core/protocol/bodies/topic-config.ts';

const topic: TopicConfig = {
  topicName: 'T',
  readQueueNums: 8,
  writeQueueNums: 4,
  perm: 6,
  topicFilterType: 'SINGLE_TAG',
  topicSysFlag: 0,
  order: false,
};

const body: RegisterBrokerBody = {
  topicConfigSerializeWrapper: {
    topicConfigTable: { T: topic },
    dataVersion: { counter: 3, timestamp: 1700000000000 },
  },
  filterServerList: ['127.0.0.1:40911'],
};

/** int32 length and text. */
function part(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([int(bytes.length), bytes]);
}

function int(value: number): Buffer {
  return Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
}

describe('the plain form', () => {
  it('is JSON', () => {
    expect(encodeRegisterBrokerBody(body, { compressed: false }).toString()).toBe(
      '{"filterServerList":["127.0.0.1:40911"],"topicConfigSerializeWrapper":{"dataVersion":{"counter":3,"timestamp":1700000000000},"topicConfigTable":{"T":{"order":false,"perm":6,"readQueueNums":8,"topicFilterType":"SINGLE_TAG","topicName":"T","topicSysFlag":0,"writeQueueNums":4}}}}',
    );
  });

  it('comes back', () => {
    const written = encodeRegisterBrokerBody(body, { compressed: false });
    expect(decodeRegisterBrokerBody(written, { compressed: false, version: 407 })).toEqual(body);
  });

  it('is the topic table alone from brokers below V3_0_11', () => {
    const inner = Buffer.from(JSON.stringify(body.topicConfigSerializeWrapper));
    expect(decodeRegisterBrokerBody(inner, { compressed: false, version: 36 })).toEqual({
      ...body,
      filterServerList: [],
    });
  });

  it('keeps the stateVersion of 5.x and passes over its other members', () => {
    const from5x = Buffer.from(
      '{"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":1,"stateVersion":2,"timestamp":3},"topicConfigTable":{"T":{"attributes":{"+message.type":"NORMAL"},"order":false,"perm":6,"readQueueNums":8,"topicFilterType":"SINGLE_TAG","topicName":"T","topicSysFlag":0,"writeQueueNums":4}},"topicQueueMappingDetailMap":{},"topicQueueMappingInfoMap":{}}}',
    );
    expect(decodeRegisterBrokerBody(from5x, { compressed: false, version: 493 })).toEqual({
      topicConfigSerializeWrapper: {
        dataVersion: { counter: 1, stateVersion: 2, timestamp: 3 },
        topicConfigTable: { T: topic },
      },
      filterServerList: [],
    });
  });

  it.each([undefined, Buffer.alloc(0)])('is a broker without topics when it is missing (%#)', (missing) => {
    expect(decodeRegisterBrokerBody(missing, { compressed: true, version: 407 })).toEqual({
      topicConfigSerializeWrapper: { topicConfigTable: {}, dataVersion: { counter: 0, timestamp: 0 } },
      filterServerList: [],
    });
  });
});

describe('the compressed form', () => {
  const inflated = Buffer.concat([
    part('{"counter":3,"timestamp":1700000000000}'),
    int(1),
    part('T 8 4 6 SINGLE_TAG'),
    part('["127.0.0.1:40911"]'),
  ]);
  const options = { compressed: true, version: 407 };

  it('has the layout of Java', () => {
    expect(inflateSync(encodeRegisterBrokerBody(body, { compressed: true }))).toEqual(inflated);
    expect(decodeRegisterBrokerBody(deflateSync(inflated), options)).toEqual(body);
  });

  it('may have the sixth part and the tail of 5.x', () => {
    const from5x = Buffer.concat([
      part('{"counter":1,"stateVersion":0,"timestamp":3}'),
      int(2),
      part('T 8 4 6 SINGLE_TAG {}'),
      part('U 1 1 4 MULTI_TAG {"+message.type":"NORMAL"}'),
      part('[]'),
      int(1),
      part('{"bname":"b"}'),
    ]);
    const { topicConfigSerializeWrapper, filterServerList } = decodeRegisterBrokerBody(deflateSync(from5x), options);
    expect(topicConfigSerializeWrapper.dataVersion).toEqual({ counter: 1, stateVersion: 0, timestamp: 3 });
    expect(topicConfigSerializeWrapper.topicConfigTable).toEqual({
      T: topic,
      U: { ...topic, topicName: 'U', readQueueNums: 1, writeQueueNums: 1, perm: 4, topicFilterType: 'MULTI_TAG' },
    });
    expect(filterServerList).toEqual([]);
  });

  it.each([
    ['no zlib stream', Buffer.from('{}')],
    ['a text longer than the stream', deflateSync(Buffer.concat([int(1000), Buffer.from('{}')]))],
    ['a negative length', deflateSync(int(-1))],
    ['a cut stream', deflateSync(inflated.subarray(0, -3))],
    ['a topic without numbers', deflateSync(Buffer.concat([part('{}'), int(1), part('T x y'), part('[]')]))],
    ['more than 64 MiB', deflateSync(Buffer.alloc(65 * 1024 * 1024))],
  ])('is refused with %s', (_, broken) => {
    expect(() => decodeRegisterBrokerBody(broken, options)).toThrow('the body is no compressed broker registration');
  });

  it('comes back for every table, but for topicSysFlag and order', () => {
    const topicConfig = fc.record({
      topicName: fc.stringMatching(/^[%|a-zA-Z0-9_-]{1,127}$/),
      readQueueNums: fc.nat(),
      writeQueueNums: fc.nat(),
      perm: fc.nat(7),
      topicFilterType: fc.constantFrom('SINGLE_TAG' as const, 'MULTI_TAG' as const),
      topicSysFlag: fc.constant(0),
      order: fc.constant(false),
    });
    fc.assert(
      fc.property(fc.array(topicConfig), fc.nat(), fc.array(fc.string()), (topics, counter, filterServerList) => {
        const table = Object.fromEntries(topics.map((config) => [config.topicName, config]));
        const any = {
          topicConfigSerializeWrapper: { topicConfigTable: table, dataVersion: { counter, timestamp: 5 } },
          filterServerList,
        };
        expect(decodeRegisterBrokerBody(encodeRegisterBrokerBody(any, { compressed: true }), options)).toEqual(any);
      }),
    );
  });
});
