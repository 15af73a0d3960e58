/**
 * Our declarations against the real Java classes of 4.9.7: java-headers-4.9.7.json holds what reflection found there
 * ({headers: {class: [{name, type, notNull}]}, requestCodes, responseCodes}; superclass fields included).
 */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RequestCode, requestCodeName } from '../../src/core/protocol/request-code.ts';
import { ResponseCode } from '../../src/core/protocol/response-code.ts';
import type { Fields } from '../../src/core/protocol/schema.ts';
import { declaredRequests } from '../support/request-schemas.ts';

interface JavaField {
  name: string;
  type: string;
  notNull: boolean;
}

const java = JSON.parse(readFileSync(new URL('java-headers-4.9.7.json', import.meta.url), 'utf8')) as {
  headers: Record<string, JavaField[]>;
  requestCodes: Record<string, number>;
  responseCodes: Record<string, number>;
};

const fieldTypes: Readonly<Record<string, string>> = {
  String: 'string',
  Integer: 'int',
  int: 'int',
  Long: 'long',
  long: 'long',
  Boolean: 'boolean',
  boolean: 'boolean',
  Double: 'double',
  double: 'double',
};

/** Optional fields of 5.x that we read or send, beyond the class of 4.9.7: file to names. */
const fieldsOf5x: Readonly<Record<string, readonly string[]>> = {
  'query-consumer-offset': ['setZeroIfNotFound'],
  'invoke-broker-to-reset-offset': ['queueId', 'offset'],
};

/** Classes of requests that 4.9.7 does not have. */
const classesOf5x = [
  'GetSubscriptionGroupConfigRequestHeader',
  'GetTopicConfigRequestHeader',
  'QuerySubscriptionByConsumerRequestHeader',
  'QueryTopicsByConsumerRequestHeader',
];

/** Classes of 4.9.7 that no request of ours has, because nothing in 4.9.7 puts them on the wire. */
const undeclaredClasses = [
  // Requests to filter servers, gone since 4.3.
  'RegisterFilterServerRequestHeader',
  'RegisterFilterServerResponseHeader',
  'RegisterMessageFilterClassRequestHeader',
  // CHECK_TRANSACTION_STATE is one-way: the producer answers by a request of its own.
  'CheckTransactionStateResponseHeader',
  // The answer to GET_BROKER_CLUSTER_ACL_CONFIG is a body.
  'GetBrokerClusterAclConfigResponseHeader',
  // Left over from an older way to order topics.
  'RegisterOrderTopicRequestHeader',
];

/** Codes of 4.9.7 that nothing sends and nobody serves. */
const undeclaredCodes = [
  'ADJUST_CONSUMER_THREAD_POOL',
  'GET_TOPIC_CONFIG_LIST',
  'GET_TOPIC_NAME_LIST',
  'QUERY_BROKER_OFFSET',
  'REGISTER_FILTER_SERVER',
  'REGISTER_MESSAGE_FILTER_CLASS',
  'RESET_CONSUMER_OFFSET_IN_BROKER',
  'RESET_CONSUMER_OFFSET_IN_CONSUMER',
  'RESUME_CONSUMER',
  'SUSPEND_CONSUMER',
  'TRIGGER_DELETE_FILES',
  'WHO_CONSUME_THE_MESSAGE',
];

function javaFields(className: string): Record<string, { type: string | undefined; required: boolean }> {
  const fields = java.headers[className];
  if (fields === undefined) throw new Error(`there is no class ${className}`);
  return Object.fromEntries(
    fields.map(({ name, type, notNull }) => [name, { type: fieldTypes[type], required: notNull }]),
  );
}

function fieldsWithout(fields: Fields, left: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !left.includes(name)));
}

describe('declared headers', () => {
  const ofJava = declaredRequests.filter(({ schema }) => !classesOf5x.includes(schema.javaClass ?? ''));

  it.each(ofJava)('$name has the fields of the Java classes', ({ file, schema }) => {
    const extra = fieldsOf5x[file] ?? [];
    const request = fieldsWithout(schema.request, extra);
    expect(request).toEqual(schema.javaClass === undefined ? {} : javaFields(schema.javaClass));
    expect(schema.response).toEqual(schema.responseJavaClass === undefined ? {} : javaFields(schema.responseJavaClass));
    for (const name of extra) expect(schema.request[name]?.required, name).toBe(false);
  });

  it.each(declaredRequests)('$name is named after its code', ({ file, name, schema }) => {
    const words = requestCodeName(schema.code).toLowerCase().split('_');
    expect(file).toBe(words.join('-'));
    expect(name).toBe(words.map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join(''));
  });

  it('have a code each', () => {
    expect(new Set(declaredRequests.map(({ schema }) => schema.code)).size).toBe(declaredRequests.length);
  });

  it('leave out no class of 4.9.7 that travels', () => {
    const declared = new Set(declaredRequests.flatMap(({ schema }) => [schema.javaClass, schema.responseJavaClass]));
    const missing = Object.keys(java.headers).filter((className) => !declared.has(className));
    expect(missing.sort()).toEqual([...undeclaredClasses].sort());
  });

  it('leave out no code of 4.9.7 that travels', () => {
    const declared = new Set(declaredRequests.map(({ schema }) => schema.code));
    const missing = Object.keys(java.requestCodes).filter((name) => !declared.has(java.requestCodes[name] ?? -1));
    expect(missing.sort()).toEqual(undeclaredCodes);
  });
});

describe('constants', () => {
  it('RequestCode has every code of 4.9.7 with its number', () => {
    expect(RequestCode).toMatchObject(java.requestCodes);
  });

  it('RequestCode gives no number twice', () => {
    const codes = Object.values(RequestCode);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('ResponseCode is that of 4.9.7', () => {
    expect(ResponseCode).toEqual(java.responseCodes);
  });
});
