import { describe, expect, it } from 'vitest';
import { checkGroup } from '../../../src/core/client/group-name.ts';
import { PocketError } from '../../../src/core/common/errors.ts';

describe('checkGroup', () => {
  it.each(['G', 'GID_a-b|c%d', 'x'.repeat(255)])('takes %s', (group) => {
    expect(() => checkGroup(group)).not.toThrow();
  });

  it.each(['', '  ', 'a b', 'grüppe', 'x'.repeat(256)])('refuses "%s"', (group) => {
    expect(() => checkGroup(group)).toThrow(PocketError);
  });
});
