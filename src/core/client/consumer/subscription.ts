/**
 * What a group wants of a topic: TAG expressions, `*` for everything or `A || B`, or an expression in another language, which
 * the broker alone understands. Mirrors FilterAPI.
 */

import { PocketError } from '../../common/errors.ts';
import { javaHashCode } from '../../common/java-string.ts';
import type { SubscriptionData } from '../../protocol/bodies/subscription-data.ts';

export const SUBSCRIBE_ALL = '*';

/** An expression in a language that the broker must understand: SQL92 over the properties of messages. */
export interface MessageSelector {
  /** The language; TAG is the one every broker knows. */
  readonly type: 'SQL92' | 'TAG';
  /** Such as `colour = 'red' AND weight > 3`. */
  readonly expression: string;
}

/** As tagSubscription, for whatever a program subscribes with. Throws ILLEGAL_ARGUMENT for an empty expression. */
export function subscriptionOf(topic: string, wanted: string | MessageSelector, version: number): SubscriptionData {
  if (typeof wanted === 'string') return tagSubscription(topic, wanted, version);
  const { type, expression } = wanted;
  if (type === 'TAG') return tagSubscription(topic, expression, version);
  if (expression.trim() === '')
    throw new PocketError('ILLEGAL_ARGUMENT', `the ${type} expression of ${topic} is empty`);
  return {
    classFilterMode: false,
    codeSet: [],
    expressionType: type,
    subString: expression,
    subVersion: version,
    tagsSet: [],
    topic,
  };
}

/** `version` is the subVersion: the broker keeps the highest it has seen. Throws ILLEGAL_ARGUMENT when no tag is left. */
export function tagSubscription(topic: string, expression: string, version: number): SubscriptionData {
  const all = expression === '' || expression === SUBSCRIBE_ALL;
  const tags = all ? [] : expression.split('||').flatMap((tag) => tag.trim() || []);
  if (!all && tags.length === 0) {
    throw new PocketError('ILLEGAL_ARGUMENT', `the subscription "${expression}" names no tag`, { detail: expression });
  }
  const tagsSet = [...new Set(tags)];
  return {
    classFilterMode: false,
    codeSet: [...new Set(tagsSet.map(javaHashCode))],
    expressionType: 'TAG',
    subString: all ? SUBSCRIBE_ALL : expression,
    subVersion: version,
    tagsSet,
    topic,
  };
}

/** Whether a message with this tag is wanted. */
export function hasTag(subscription: SubscriptionData, tag: string | undefined): boolean {
  return subscription.tagsSet.length === 0 || (tag !== undefined && subscription.tagsSet.includes(tag));
}
