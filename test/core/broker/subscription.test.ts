import { describe, expect, it } from 'vitest';
import { buildSubscription, compileSubscription } from '../../../src/core/broker/subscription.ts';
import { tagsCode } from '../../../src/core/message/tags.ts';
import { subscriptionData } from './pull-fields.ts';

describe('buildSubscription', () => {
  it.each([undefined, '', '*'])('takes every message for %j', (expression) => {
    expect(buildSubscription('T', expression, 'TAG')?.filter).toBeUndefined();
  });

  it('takes the tags between the bars, trimmed', () => {
    const subscription = buildSubscription('T', ' a|| b ||||c', undefined);
    expect(subscription?.data.tagsSet).toEqual(['a', 'b', 'c']);
    expect(['a', 'b', 'c', 'd', ''].map((tag) => subscription?.filter?.(tagsCode(tag)))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it.each(['||', '||||'])('cannot parse %j', (expression) => {
    expect(buildSubscription('T', expression, 'TAG')).toBeUndefined();
  });

  it('keeps another language for the caller to refuse, but not without an expression', () => {
    expect(buildSubscription('T', 'a > 1', 'SQL92')?.data.expressionType).toBe('SQL92');
    expect(buildSubscription('T', '', 'SQL92')).toBeUndefined();
  });

  it('lets everything through in class filter mode', () => {
    const data = { ...subscriptionData(), subString: 'a', codeSet: [97], classFilterMode: true };
    expect(compileSubscription(data).filter).toBeUndefined();
    expect(compileSubscription({ ...data, classFilterMode: false }).filter?.(98)).toBe(false);
  });
});
