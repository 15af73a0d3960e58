/**
 * What a consumer wants of one topic: part of heartbeats, consumer connections and CHECK_CLIENT_CONFIG. Mirrors
 * SubscriptionData.
 *
 *   {"classFilterMode":false,"codeSet":[I],"expressionType":"TAG"|"SQL92","subString":S,"subVersion":L,"tagsSet":[S],
 *    "topic":S}
 */

import type { JsonValue } from '../../common/fastjson.ts';
import {
  booleanMember,
  listMember,
  numberMember,
  numberOf,
  objectOf,
  readBody,
  stringListMember,
  stringMember,
} from './body-reader.ts';

/** What a group takes of a topic. */
export interface SubscriptionData {
  /** Name of the topic. */
  topic: string;
  /** `*`, tags joined by `||`, or an SQL92 expression. */
  subString: string;
  /** TAG or SQL92. */
  expressionType: string;
  /** Milliseconds at which the client made it; a higher one replaces a lower one. */
  subVersion: number;
  /** The tags of subString. */
  tagsSet: string[];
  /** Java hash codes of the tags. */
  codeSet: number[];
  /** A filter class of old clients. */
  classFilterMode: boolean;
}

/** Throws PocketError PROTOCOL. */
export function decodeSubscriptionData(body: Buffer | undefined): SubscriptionData {
  return readSubscriptionData(readBody(body, 'subscription'));
}

/** A missing expressionType is TAG. Throws PocketError PROTOCOL when the value is no object. */
export function readSubscriptionData(value: JsonValue): SubscriptionData {
  const object = objectOf(value, 'subscription');
  return {
    topic: stringMember(object, 'topic') ?? '',
    subString: stringMember(object, 'subString') ?? '',
    expressionType: stringMember(object, 'expressionType') ?? 'TAG',
    subVersion: numberMember(object, 'subVersion'),
    tagsSet: stringListMember(object, 'tagsSet'),
    codeSet: listMember(object, 'codeSet').map((code) => numberOf(code, 'codeSet') ?? 0),
    classFilterMode: booleanMember(object, 'classFilterMode'),
  };
}
