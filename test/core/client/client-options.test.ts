import { describe, expect, it } from 'vitest';
import { type ClientOptions, checkRange, namesrvAddrsOf } from '../../../src/core/client/client-options.ts';

const illegal = (text: string) => expect.objectContaining({ code: 'ILLEGAL_ARGUMENT', message: text });

function failure(task: () => unknown): unknown {
  try {
    return task();
  } catch (error) {
    return error;
  }
}

describe('namesrvAddrsOf', () => {
  it.each<[ClientOptions, string[]]>([
    [{}, []],
    [{ namesrvAddr: '127.0.0.1:9876' }, ['127.0.0.1:9876']],
    [{ namesrvAddr: ' a:1 ; [::1]:2;' }, ['a:1', '[::1]:2']],
    [{ namesrvAddrs: ['a:1', 'b:2'] }, ['a:1', 'b:2']],
    [{ namesrvAddrs: [] }, []],
  ])('%j', (options, addrs) => {
    expect(namesrvAddrsOf(options)).toEqual(addrs);
  });

  it.each<[unknown, string]>([
    [
      { namesrvAddr: 'localhost' },
      'The Name Server Address[localhost] illegal, please set it as follows, "127.0.0.1:9876;192.168.0.1:9876"',
    ],
    [{ namesrvAddr: 'a:1', namesrvAddrs: ['a:1'] }, 'give namesrvAddr or namesrvAddrs, not both'],
    [
      { namesrvAddr: ['a:1'] },
      'namesrvAddr is one text, "127.0.0.1:9876;127.0.0.2:9876"; a list goes into namesrvAddrs',
    ],
    [{ namesrvAddrs: 'a:1' }, 'namesrvAddrs is a list, ["127.0.0.1:9876"]; a text goes into namesrvAddr'],
  ])('refuses %j', (options, text) => {
    expect(failure(() => namesrvAddrsOf(options as ClientOptions))).toEqual(illegal(text));
  });
});

describe('checkRange', () => {
  it.each([undefined, 1, 5, 9])('takes %j', (value) => {
    expect(() => checkRange('size', value, 1, 9)).not.toThrow();
  });

  it.each<[unknown, string]>([
    [0, 'size must be a whole number from 1 to 9, not 0'],
    [10, 'size must be a whole number from 1 to 9, not 10'],
    [1.5, 'size must be a whole number from 1 to 9, not 1.5'],
    [Number.NaN, 'size must be a whole number from 1 to 9, not NaN'],
    ['5', "size must be a whole number from 1 to 9, not '5'"],
    [null, 'size must be a whole number from 1 to 9, not null'],
  ])('refuses %j', (value, text) => {
    expect(failure(() => checkRange('size', value as number, 1, 9))).toEqual(illegal(text));
  });

  it('says nothing of a limit there is not', () => {
    expect(failure(() => checkRange('the offset', -1, 0, Number.MAX_SAFE_INTEGER))).toEqual(
      illegal('the offset must be a whole number not below 0, not -1'),
    );
  });
});
