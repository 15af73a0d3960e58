import { describe, expect, it } from 'vitest';
import { checkRequired, type OptionName, parseArgv } from '../../src/cli/argv.ts';
import { UsageFault } from '../../src/cli/faults.ts';

const option = (long: string, short: string | undefined, takesValue = true, required = false): OptionName => ({
  long,
  short,
  takesValue,
  required,
  own: false,
});

const options: OptionName[] = [
  option('topic', 't', true, true),
  option('namesrvAddr', 'n'),
  option('list', 'l', false),
  option('subscriptionGroup', 's', false),
  option('value', 'v'),
  option('key', 'k'),
  { ...option('output', 'o'), own: true },
];

const values = (...argv: string[]): Record<string, string> => Object.fromEntries(parseArgv(argv, options).values);

describe('the forms of an option', () => {
  it.each([
    [['-t', 'X']],
    [['-tX']],
    [['--topic', 'X']],
    [['--topic=X']],
    [['-topic', 'X']],
    [['--t', 'X']],
    [['--t=X']],
  ])('%j', (argv) => {
    expect(values(...argv)).toEqual({ topic: 'X' });
  });

  it('joins switches, and a value option may end the join', () => {
    expect(values('-ls')).toEqual({ list: '', subscriptionGroup: '' });
    expect(values('-lstX')).toEqual({ list: '', subscriptionGroup: '', topic: 'X' });
    expect(values('-lt', 'X')).toEqual({ list: '', topic: 'X' });
  });

  it('keeps an equals sign behind the first one, and takes none off after a short name', () => {
    expect(values('--topic=a=b')).toEqual({ topic: 'a=b' });
    expect(values('-t=a')).toEqual({ topic: '=a' });
  });

  it('compares names with regard to case', () => {
    expect(() => values('--Topic', 'X')).toThrow('There is no option --Topic.');
  });
});

it('keeps every value of an option that is given several times', () => {
  const { values: first, all } = parseArgv(['-k', 'a', '--key', 'b', '-t', 'X', '-k=c'], options);
  expect([first.get('key'), all.get('key'), all.get('topic'), all.get('list')]).toEqual([
    'a',
    ['a', 'b', '=c'],
    ['X'],
    undefined,
  ]);
});

describe('values', () => {
  it('are trimmed, and one pair of double quotes goes', () => {
    expect(values('-t', '  X ')).toEqual({ topic: 'X' });
    expect(values('-v', '"broker-a:4"')).toEqual({ value: 'broker-a:4' });
    expect(values('-v', '"a" and "b"')).toEqual({ value: '"a" and "b"' });
    expect(values('-v', '"')).toEqual({ value: '"' });
    expect(values('-v', 'say "hi"')).toEqual({ value: 'say "hi"' });
  });

  it('may be empty, and keep blanks and semicolons inside', () => {
    expect(values('--value=')).toEqual({ value: '' });
    expect(values('-n', 'a:9876;b:9876', '-v', 'x y')).toEqual({ namesrvAddr: 'a:9876;b:9876', value: 'x y' });
  });

  it('may start with a hyphen', () => {
    expect(values('-k', 'a', '-v', '-5')).toEqual({ key: 'a', value: '-5' });
    expect(values('-v', '-abc')).toEqual({ value: '-abc' });
    expect(values('-v', '--nosuch')).toEqual({ value: '--nosuch' });
    expect(values('-v', '-')).toEqual({ value: '-' });
    expect(values('-v-k')).toEqual({ value: '-k' });
    expect(values('-v', '"-k"')).toEqual({ value: '-k' });
  });

  it('that name an option of the command are a fault', () => {
    expect(() => values('-k', 'a', '-v', '-k')).toThrow('Option -v needs a value.');
    expect(() => values('-v', '--topic=X')).toThrow('Option -v needs a value.');
    expect(() => values('-v', '-kfoo')).toThrow(UsageFault);
  });

  it('are never mistaken for an option that PocketMQ added', () => {
    expect(values('-v', '-o')).toEqual({ value: '-o' });
    expect(values('-v', '-offset')).toEqual({ value: '-offset' });
    expect(values('-v', '--output')).toEqual({ value: '--output' });
    expect(values('-v', '--output=json', '-o', 'yaml')).toEqual({ value: '--output=json', output: 'yaml' });
  });
});

describe('the rest of the line', () => {
  it('ignores words that belong to no option', () => {
    const parsed = parseArgv(['surplus', '-t', 'X', 'words'], options);
    expect([...parsed.values]).toEqual([['topic', 'X']]);
    expect(parsed.operands).toEqual(['surplus', 'words']);
  });

  it('takes the first value of a repeated option', () => {
    expect(values('-t', 'A', '-t', 'B', '--topic=C')).toEqual({ topic: 'A' });
  });

  it('ends the options at --', () => {
    const parsed = parseArgv(['-l', '--', '-t', 'X', '--', 'Y'], options);
    expect([...parsed.values.keys()]).toEqual(['list']);
    expect(parsed.operands).toEqual(['-t', 'X', 'Y']);
  });
});

describe('faults', () => {
  it.each([
    [['-t'], 'Option -t needs a value.'],
    [['-Z', '1'], 'There is no option -Z.'],
    [['-lZ'], 'There is no option -lZ.'],
    [['--names', 'a:1'], 'There is no option --names.'],
    [['--top=X'], 'There is no option --top=X.'],
    [['-5'], 'There is no option -5.'],
  ])('%j: %s', (argv, sentence) => {
    expect(() => values(...argv)).toThrow(new UsageFault(sentence));
  });

  const check = (...argv: string[]): void => checkRequired(parseArgv(argv, options), options, [['key', 'value']]);

  it('name what is missing', () => {
    expect(() => check('-k', 'a')).toThrow('-t (--topic) is required.');
    expect(() => check('-t', 'X')).toThrow('One of -k (--key) and -v (--value) is required.');
    expect(() => check('-t', 'X', '-k', 'a', '-v', 'b')).toThrow(
      'Only one of -k (--key) and -v (--value) may be given.',
    );
    expect(() => check('-t', 'X', '-v', 'b')).not.toThrow();
  });
});
