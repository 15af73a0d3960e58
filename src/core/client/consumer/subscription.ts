/**
 * What a group wants of a topic: TAG expressions, `*` for everything or `A || B`. Mirrors FilterAPI.buildSubscriptionData.
 */

import { PocketError } from '../../common/errors.ts';
import { javaHashCode } from '../../common/java-string.ts';
import type { SubscriptionData } from '../../protocol/bodies/subscription-data.ts';

export const SUBSCRIBE_ALL = '*';

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
