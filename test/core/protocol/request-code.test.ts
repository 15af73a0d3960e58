import { describe, expect, it } from 'vitest';
import { RequestCode, requestCodeName } from '../../../src/core/protocol/request-code.ts';

describe('requestCodeName', () => {
  it('is the constant of the code', () => {
    expect(requestCodeName(105)).toBe('GET_ROUTEINFO_BY_TOPIC');
    expect(requestCodeName(RequestCode.POP_MESSAGE)).toBe('POP_MESSAGE');
  });

  it('is the number where there is no constant', () => {
    expect(requestCodeName(99999)).toBe('99999');
  });
});
