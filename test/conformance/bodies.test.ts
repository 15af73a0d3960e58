/**
 * Every recorded JSON body through our body readers and writers. A body read and written again must be the recorded text;
 * where Java wrote a hash table, ours is sorted, so there the two texts must have the same tokens and read the same.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PocketError } from '../../src/core/common/errors.ts';
import { parseFastJson, stringifyFastJson } from '../../src/core/common/fastjson.ts';
import {
  decodeCheckClientRequestBody,
  encodeCheckClientRequestBody,
} from '../../src/core/protocol/bodies/check-client-config.ts';
import { decodeClusterInfo, encodeClusterInfo } from '../../src/core/protocol/bodies/cluster-info.ts';
import { decodeConsumeStats, encodeConsumeStats } from '../../src/core/protocol/bodies/consume-stats.ts';
import {
  decodeConsumerConnection,
  encodeConsumerConnection,
} from '../../src/core/protocol/bodies/consumer-connection.ts';
import { decodeConsumerList, encodeConsumerList } from '../../src/core/protocol/bodies/consumer-list.ts';
import { decodeConsumerOffset, encodeConsumerOffset } from '../../src/core/protocol/bodies/consumer-offset.ts';
import { decodeDelayOffset, encodeDelayOffset } from '../../src/core/protocol/bodies/delay-offset.ts';
import { decodeGroupList, encodeGroupList } from '../../src/core/protocol/bodies/group-list.ts';
import { decodeHeartbeatData, encodeHeartbeatData } from '../../src/core/protocol/bodies/heartbeat-data.ts';
import { decodeKvTable, encodeKvTable } from '../../src/core/protocol/bodies/kv-table.ts';
import {
  decodeLockBatchRequestBody,
  decodeLockBatchResponseBody,
  encodeLockBatchRequestBody,
  encodeLockBatchResponseBody,
} from '../../src/core/protocol/bodies/lock-batch.ts';
import {
  decodeProducerConnection,
  encodeProducerConnection,
} from '../../src/core/protocol/bodies/producer-connection.ts';
import {
  decodeRegisterBrokerBody,
  encodeRegisterBrokerBody,
} from '../../src/core/protocol/bodies/register-broker-body.ts';
import {
  decodeSubscriptionGroupConfig,
  decodeSubscriptionGroupWrapper,
  encodeSubscriptionGroupConfig,
  encodeSubscriptionGroupWrapper,
} from '../../src/core/protocol/bodies/subscription-group.ts';
import {
  decodeDataVersion,
  decodeTopicConfigSerializeWrapper,
  encodeDataVersion,
  encodeTopicConfigSerializeWrapper,
} from '../../src/core/protocol/bodies/topic-config.ts';
import { decodeTopicList, encodeTopicList } from '../../src/core/protocol/bodies/topic-list.ts';
import { decodeTopicRouteData, encodeTopicRouteData } from '../../src/core/protocol/bodies/topic-route-data.ts';
import { decodeTopicStatsTable, encodeTopicStatsTable } from '../../src/core/protocol/bodies/topic-stats-table.ts';
import { RequestCode } from '../../src/core/protocol/request-code.ts';
import { type RecordedFrame, recordedFrames } from './recorded-frames.ts';

/** What a codec does to a body: reads it and writes it again. */
type Rewrite = (body: Buffer) => Buffer;

const rewriteOf =
  <T>(decode: (body: Buffer) => T, encode: (value: T) => Buffer): Rewrite =>
  (body) =>
    encode(decode(body));

const topicList = rewriteOf(decodeTopicList, encodeTopicList);
const lockRequest = rewriteOf(decodeLockBatchRequestBody, encodeLockBatchRequestBody);
const dataVersion = rewriteOf(decodeDataVersion, encodeDataVersion);

const requestBodies = new Map<number, Rewrite>([
  [RequestCode.HEART_BEAT, rewriteOf(decodeHeartbeatData, encodeHeartbeatData)],
  [RequestCode.LOCK_BATCH_MQ, lockRequest],
  [RequestCode.UNLOCK_BATCH_MQ, lockRequest],
  [RequestCode.CHECK_CLIENT_CONFIG, rewriteOf(decodeCheckClientRequestBody, encodeCheckClientRequestBody)],
  [
    RequestCode.REGISTER_BROKER,
    rewriteOf(
      (body) => decodeRegisterBrokerBody(body, { compressed: false, version: 407 }),
      (value) => encodeRegisterBrokerBody(value, { compressed: false }),
    ),
  ],
  [
    RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
    rewriteOf(decodeSubscriptionGroupConfig, encodeSubscriptionGroupConfig),
  ],
  [RequestCode.QUERY_DATA_VERSION, dataVersion],
]);

const answerBodies = new Map<number, Rewrite>([
  [RequestCode.GET_ALL_TOPIC_CONFIG, rewriteOf(decodeTopicConfigSerializeWrapper, encodeTopicConfigSerializeWrapper)],
  [RequestCode.GET_BROKER_RUNTIME_INFO, rewriteOf(decodeKvTable, encodeKvTable)],
  [RequestCode.GET_CONSUMER_LIST_BY_GROUP, rewriteOf(decodeConsumerList, encodeConsumerList)],
  [RequestCode.LOCK_BATCH_MQ, rewriteOf(decodeLockBatchResponseBody, encodeLockBatchResponseBody)],
  [RequestCode.GET_ALL_CONSUMER_OFFSET, rewriteOf(decodeConsumerOffset, encodeConsumerOffset)],
  [RequestCode.GET_ALL_DELAY_OFFSET, rewriteOf(decodeDelayOffset, encodeDelayOffset)],
  [RequestCode.GET_BROKER_CLUSTER_INFO, rewriteOf(decodeClusterInfo, encodeClusterInfo)],
  [
    RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG,
    rewriteOf(decodeSubscriptionGroupWrapper, encodeSubscriptionGroupWrapper),
  ],
  [RequestCode.GET_TOPIC_STATS_INFO, rewriteOf(decodeTopicStatsTable, encodeTopicStatsTable)],
  [RequestCode.GET_CONSUMER_CONNECTION_LIST, rewriteOf(decodeConsumerConnection, encodeConsumerConnection)],
  [RequestCode.GET_PRODUCER_CONNECTION_LIST, rewriteOf(decodeProducerConnection, encodeProducerConnection)],
  [RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER, topicList],
  [RequestCode.GET_CONSUME_STATS, rewriteOf(decodeConsumeStats, encodeConsumeStats)],
  [RequestCode.GET_KVLIST_BY_NAMESPACE, rewriteOf(decodeKvTable, encodeKvTable)],
  [RequestCode.GET_TOPICS_BY_CLUSTER, topicList],
  [RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, rewriteOf(decodeGroupList, encodeGroupList)],
  [RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS, topicList],
  [RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_BROKER, topicList],
  [RequestCode.QUERY_DATA_VERSION, dataVersion],
]);

/** Bodies with a hash table by name: the same tokens, another order. */
const hashOrdered = new Set<number>([
  RequestCode.GET_ALL_TOPIC_CONFIG,
  RequestCode.GET_BROKER_RUNTIME_INFO,
  RequestCode.GET_ALL_CONSUMER_OFFSET,
  RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG,
  RequestCode.GET_CONSUMER_CONNECTION_LIST,
  RequestCode.REGISTER_BROKER,
]);

/** Recorded JSON bodies that no reader is written for yet. */
const unread = {
  requests: [RequestCode.RESET_CONSUMER_CLIENT_OFFSET],
  answers: [
    RequestCode.GET_CONSUMER_STATUS_FROM_CLIENT,
    RequestCode.INVOKE_BROKER_TO_RESET_OFFSET,
    RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS,
    RequestCode.QUERY_CONSUME_TIME_SPAN,
    RequestCode.GET_CONSUMER_RUNNING_INFO,
    RequestCode.CONSUME_MESSAGE_DIRECTLY,
    RequestCode.VIEW_BROKER_STATS_DATA,
    RequestCode.QUERY_CONSUME_QUEUE,
    RequestCode.GET_ALL_PRODUCER_INFO,
  ],
};

interface RecordedBody extends RecordedFrame {
  readonly body: Buffer;
}

const jsonBodies = recordedFrames.filter(
  (frame): frame is RecordedBody => frame.body !== undefined && frame.body[0] === 0x7b,
);
const inRequests = jsonBodies.filter(({ response }) => response === undefined);
const inAnswers = jsonBodies.filter(({ response }) => response !== undefined);

/** The words and signs of a text, sorted: equal for texts that differ in the order of members only. */
function tokens(text: string): string[] {
  return (text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []).sort();
}

function expectSame(written: string, recorded: string, line: number): void {
  expect(tokens(written), `line ${line}`).toEqual(tokens(recorded));
  expect(parseFastJson(written), `line ${line}`).toEqual(parseFastJson(recorded));
}

describe('recorded bodies', () => {
  it('are all read by somebody or listed as unread', () => {
    const codes = (frames: readonly RecordedFrame[]): number[] => [...new Set(frames.map(({ request }) => request))];
    const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);
    expect(sorted(codes(inRequests))).toEqual(sorted([...requestBodies.keys(), ...unread.requests]));
    expect(sorted(codes(inAnswers))).toEqual(
      sorted([...answerBodies.keys(), ...unread.answers, RequestCode.GET_ROUTEINFO_BY_TOPIC]),
    );
  });

  it('of the servers are written as Java wrote them', () => {
    const known = inAnswers.filter(({ request }) => answerBodies.has(request));
    expect(known.length).toBeGreaterThan(30);
    for (const { request, body, line } of known) {
      const written = answerBodies.get(request)?.(body).toString() ?? '';
      if (hashOrdered.has(request)) expectSame(written, body.toString(), line);
      else expect(written, `line ${line}`).toBe(body.toString());
    }
  });

  it('of Java clients and brokers are written as Java wrote them', () => {
    const fromJava = inRequests.filter(
      ({ header, request, from }) =>
        requestBodies.has(request) && from === 'client' && header.language !== 'CPP' && header.language !== 'GO',
    );
    expect(fromJava.length).toBeGreaterThan(10);
    for (const { request, body, line } of fromJava) {
      expectSame(requestBodies.get(request)?.(body).toString() ?? '', body.toString(), line);
    }
  });

  it('of C++ and Go clients are read without a loss', () => {
    const foreign = inRequests.filter(({ header }) => header.language === 'CPP' || header.language === 'GO');
    expect(foreign.length).toBeGreaterThan(5);
    for (const { request, body, line } of foreign) {
      const written = requestBodies.get(request)?.(body).toString() ?? '';
      expect(JSON.parse(written), `line ${line}`).toMatchObject(JSON.parse(body.toString()));
    }
  });

  it('with a byte changed are read or refused with a PocketError', () => {
    const readable = jsonBodies.flatMap(({ request, response, body }) => {
      const rewrite = (response === undefined ? requestBodies : answerBodies).get(request);
      return rewrite === undefined ? [] : [{ body, rewrite }];
    });
    const change = fc.record({ of: fc.constantFrom(...readable), at: fc.nat(400), byte: fc.nat(255) });
    fc.assert(
      fc.property(change, ({ of: { body, rewrite }, at, byte }) => {
        const changed = Buffer.from(body);
        changed[at % body.length] = byte;
        try {
          rewrite(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(PocketError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('without a reader lose nothing in the dialect itself', () => {
    const codes = new Set<number>([...unread.requests, ...unread.answers]);
    const bodies = jsonBodies.filter(({ request }) => codes.has(request));
    expect(bodies.length).toBeGreaterThan(8);
    for (const { body, line } of bodies) {
      const text = body.toString();
      const recordedDoubles = text.replaceAll(/:(\d+)\.0\b/g, ':$1');
      expect(tokens(stringifyFastJson(parseFastJson(text))), `line ${line}`).toEqual(tokens(recordedDoubles));
    }
  });
});

describe('recorded topic routes', () => {
  const routes = inAnswers.filter(({ request }) => request === RequestCode.GET_ROUTEINFO_BY_TOPIC);

  it('are written as Java wrote them, with quoted broker ids or bare ones', () => {
    const forms = routes.map(({ body, line }) => {
      const recorded = body.toString();
      const standardJson = recorded.includes('{"0":');
      expect(encodeTopicRouteData(decodeTopicRouteData(body), { standardJson }).toString(), `line ${line}`).toBe(
        recorded,
      );
      return standardJson;
    });
    expect(new Set(forms)).toEqual(new Set([true, false]));
  });

  it('mean the same in either form', () => {
    for (const { body, line } of routes) {
      const route = decodeTopicRouteData(body);
      for (const standardJson of [true, false]) {
        expect(decodeTopicRouteData(encodeTopicRouteData(route, { standardJson })), `line ${line}`).toEqual(route);
      }
    }
  });
});
