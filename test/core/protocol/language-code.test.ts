import { describe, expect, it } from 'vitest';
import { languageName, languageOrdinal } from '../../../src/core/protocol/language-code.ts';

describe('language codes', () => {
  it.each([
    [0, 'JAVA'],
    [1, 'CPP'],
    [2, 'DOTNET'],
    [3, 'PYTHON'],
    [4, 'DELPHI'],
    [5, 'ERLANG'],
    [6, 'RUBY'],
    [7, 'OTHER'],
    [8, 'HTTP'],
    [9, 'GO'],
    [10, 'PHP'],
    [11, 'OMS'],
    [12, 'RUST'],
    [13, 'NODE_JS'],
  ])('%i is %s', (ordinal, name) => {
    expect(languageName(ordinal)).toBe(name);
    expect(languageOrdinal(name)).toBe(ordinal);
  });

  it('takes what no version defines for OTHER', () => {
    expect(languageName(14)).toBe('OTHER');
    expect(languageName(-1)).toBe('OTHER');
    expect(languageOrdinal('COBOL')).toBe(7);
  });
});
