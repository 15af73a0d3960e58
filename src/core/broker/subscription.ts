/**
 * What a consumer wants of one topic, ready to be asked for every message: by the hash of its tag, the consumer compares the
 * tag itself. Expressions over properties are in filter/. Mirrors FilterAPI and ExpressionMessageFilter.
 */

import { javaHashCode } from '../common/java-string.ts';
import type { SubscriptionData } from '../protocol/bodies/subscription-data.ts';
import type { TagFilter } from '../store/get-message.ts';

export const EXPRESSION_TAG = 'TAG';
const SUBSCRIBE_ALL = '*';

export interface Subscription {
  readonly data: SubscriptionData;
  /** Whether a message with that tags code is wanted; undefined: every message is. */
  readonly filter: TagFilter | undefined;
}

/** Null, blank and TAG mean tags; everything else is another language. */
export function isTagType(expressionType: string | undefined): boolean {
  return expressionType === undefined || expressionType === '' || expressionType === EXPRESSION_TAG;
}

export function compileSubscription(data: SubscriptionData): Subscription {
  const all = data.classFilterMode || data.subString === SUBSCRIBE_ALL || !isTagType(data.expressionType);
  if (all) return { data, filter: undefined };
  const codes = new Set(data.codeSet);
  return { data, filter: (tagsCode) => codes.has(tagsCode) };
}

/**
 * The subscription of a pull request that brings it along. Undefined where Java cannot parse it: separators without a tag,
 * or another language without an expression.
 */
export function buildSubscription(
  topic: string,
  subString: string | undefined,
  expressionType: string | undefined,
): Subscription | undefined {
  const isTag = isTagType(expressionType);
  if (!isTag && (subString === undefined || subString === '')) return undefined;
  const expression = subString === undefined || subString === '' ? SUBSCRIBE_ALL : subString;
  const tagsSet = isTag && expression !== SUBSCRIBE_ALL ? splitTags(expression) : [];
  if (tagsSet === undefined) return undefined;
  return compileSubscription({
    topic,
    subString: expression,
    expressionType: isTag ? EXPRESSION_TAG : (expressionType ?? EXPRESSION_TAG),
    subVersion: 0,
    tagsSet,
    codeSet: tagsSet.map(javaHashCode),
    classFilterMode: false,
  });
}

function splitTags(expression: string): string[] | undefined {
  const parts = expression.split('||');
  // Java's split drops empty parts at the end: `||` has none left and is refused.
  if (parts.every((part) => part === '')) return undefined;
  return [...new Set(parts.map((part) => part.trim()).filter((tag) => tag !== ''))];
}

/** The remark where enablePropertyFilter is off, for a subscription in another language than tags. */
export function filterRefusal(expressionType: string): string {
  return `The broker does not support consumer to filter message by ${expressionType}`;
}
