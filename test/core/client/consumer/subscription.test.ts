import { describe, expect, it } from 'vitest';
import { hasTag, tagSubscription } from '../../../../src/core/client/consumer/subscription.ts';
import { PocketError } from '../../../../src/core/common/errors.ts';

describe('tagSubscription', () => {
  it('splits tags, trims them and hashes them as Java does', () => {
    const subscription = tagSubscription('T', 'TagA || TagB||TagA', 5);
    expect(subscription).toEqual({
      topic: 'T',
      subString: 'TagA || TagB||TagA',
      expressionType: 'TAG',
      subVersion: 5,
      tagsSet: ['TagA', 'TagB'],
      codeSet: [2598919, 2598920],
      classFilterMode: false,
    });
  });

  it.each(['*', ''])('takes everything with "%s"', (expression) => {
    const subscription = tagSubscription('T', expression, 1);
    expect(subscription).toMatchObject({ subString: '*', tagsSet: [], codeSet: [] });
    expect(hasTag(subscription, undefined)).toBe(true);
  });

  it('refuses an expression without a tag', () => {
    expect(() => tagSubscription('T', ' || ', 1)).toThrow(PocketError);
  });
});

describe('hasTag', () => {
  it('compares the tag itself, which the broker does not', () => {
    const subscription = tagSubscription('T', 'Aa', 1);
    expect(hasTag(subscription, 'Aa')).toBe(true);
    // The same Java hash code as Aa.
    expect(hasTag(subscription, 'BB')).toBe(false);
    expect(hasTag(subscription, undefined)).toBe(false);
  });
});
