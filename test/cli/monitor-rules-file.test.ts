/** The rules file: what it may say, and the one sentence about what it may not. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseMonitorRules, readMonitorRules } from '../../src/cli/monitor-rules-file.ts';

const example = new URL('../../conf/monitor.yaml', import.meta.url).pathname;
const parse = (text: string) => parseMonitorRules(text, 'r.yaml');
const rule = (...lines: string[]): string =>
  ['rules:', '  - name: x', ...lines.map((line) => `    ${line}`)].join('\n');

describe('a rules file', () => {
  it('the example in conf/', () => {
    const { intervalMs, rules } = readMonitorRules(example);
    expect(intervalMs).toBe(30_000);
    expect(rules.map(({ name, limits }) => [name, Object.fromEntries(limits)])).toEqual([
      ['consumers are late', { messagesBehind: 100_000, secondsBehind: 600 }],
      ['nobody bills', { noMember: 0 }],
      ['something is wrong with a group', { unequalSubscriptions: 0, memberBlocked: 0, deadLettersPerHour: 0 }],
      ['the cluster is away', { clusterUnreachable: 0 }],
    ]);
    expect(rules[0]).toMatchObject({ group: '*', forMs: 120_000, repeatMs: 3_600_000, actions: [{ kind: 'log' }] });
  });

  it('the example with what it has in comments', () => {
    const text = readFileSync(example, 'utf8').replaceAll(/^( +)# ( *(actions|-|headers|timeout).*)$/gm, '$1$2');
    expect(parse(text).rules[1]?.actions).toEqual([
      { kind: 'log' },
      {
        kind: 'webhook',
        url: 'https://alerts.example.com/hook',
        headers: { authorization: 'Bearer secret' },
        timeoutMs: 5000,
      },
      { kind: 'command', argv: ['./notify.sh', '--loud'], timeoutMs: 30_000 },
    ]);
  });

  it('defaults; names and seconds in digits; a flag that is false is none', () => {
    const { intervalMs, rules } = parse(rule('group: 007', 'secondsBehind: 5', 'noMember: false'));
    expect(intervalMs).toBe(60_000);
    expect(rules).toEqual([
      {
        name: 'x',
        group: '007',
        topic: undefined,
        limits: new Map([['secondsBehind', 5]]),
        forMs: 0,
        repeatMs: 3_600_000,
        actions: [{ kind: 'log' }],
      },
    ]);
  });

  it.each([
    ['', 'r.yaml: the file is a table with interval, actions, rules.'],
    ['rules: []', 'r.yaml, line 1: rules is a list of rules.'],
    ['interval: 5m', 'r.yaml, line 1: rules is a list of rules.'],
    [
      `interval: 10ms\n${rule('noMember: true')}`,
      'line 1: interval is a time from 1s up to 24d such as 30s, 5m or 2h, not "10ms".',
    ],
    ['rules:\n  - noMember: true', 'line 2: name is a single value.'],
    [rule('for: 1m'), 'line 2: rule "x" needs one of messagesBehind, '],
    [rule('noMember: false'), 'line 2: rule "x" needs one of messagesBehind, '],
    [rule('noMember: "yes"'), 'line 3: noMember is true or false, not "yes".'],
    [rule('mesagesBehind: 3'), 'line 3: mesagesBehind is no field; did you mean messagesBehind?'],
    [rule('colour: red'), 'line 3: colour is no field of a rule.'],
    [rule('messagesBehind: many'), 'line 3: messagesBehind is a number from 0, not "many".'],
    [rule('messagesBehind: -1'), 'line 3: messagesBehind is a number from 0, not -1.'],
    [rule('messagesBehind: 1.5'), 'line 3: messagesBehind is a number from 0, not 1.5.'],
    [rule('messagesBehind: [1]'), 'line 3: messagesBehind is a single value.'],
    [rule('secondsBehind: soon'), 'line 3: secondsBehind is a time up to 24d such as 30s, 5m or 2h, not "soon".'],
    [rule('noMember: true', 'for: 5'), 'line 4: for is a time up to 24d such as 30s, 5m or 2h, not 5.'],
    [rule('noMember: true', 'repeat: 25d'), 'line 4: repeat is a time up to 24d such as 30s, 5m or 2h, not "25d".'],
    [rule('noMember: true', 'for:'), 'line 4: for has no value.'],
    [rule('group: *', 'noMember: true'), 'line 3: what begins with * must stand in quotes.'],
    [rule('group: *a', 'noMember: true'), 'line 3: group begins with *, so it must stand in quotes.'],
    [rule('topic: T', 'noMember: true'), 'line 3: topic goes with messagesBehind and secondsBehind only.'],
    [rule('noMember: true', 'noMember: true'), 'line 4: Map keys must be unique'],
    [`${rule('noMember: true')}\n  - name: x\n    noMember: true`, 'line 4: name "x" stands there twice.'],
    [rule('noMember: true', 'actions: log'), 'line 4: actions is a list of log, {webhook: URL}'],
    [
      rule('noMember: true', 'actions: [mail]'),
      'line 4: actions knows log, {webhook: URL} and {command: [PROGRAM]}, not "mail".',
    ],
    [
      rule('noMember: true', 'actions: [{webhook: "ftp://x"}]'),
      'line 4: webhook is an http or https address without a user, not',
    ],
    [rule('noMember: true', 'actions: [{webhook: "http://a:b@x"}]'), 'line 4: webhook is an http or https address'],
    [
      rule('noMember: true', 'actions: [{webhook: "http://x", headers: {"a b": c}}]'),
      'line 4: headers has a name or a text',
    ],
    [rule('noMember: true', 'actions: [{command: ls}]'), 'line 4: command is a list of a program and its arguments'],
    [rule('noMember: true', 'actions: [{command: [ls], headers: {}}]'), 'line 4: headers goes with webhook only.'],
    [rule('noMember: true', 'actions: [{timeout: 5s}]'), 'line 4: actions has either webhook or command.'],
    [rule('noMember: true', 'actions: [{command: [ls], timeout: 0}]'), 'line 4: timeout is a time from 1s'],
    ['rules:\n  - name: x\n noMember: true', 'r.yaml, line 3: '],
  ])('%j', (text, said) => {
    const refused = (() => {
      try {
        parse(text);
      } catch (error) {
        return error as Error & { exitCode?: number };
      }
      return undefined;
    })();
    expect(refused?.message).toContain(said);
    expect(refused?.message).toMatch(/^r\.yaml(, line \d+)?: [^\n]+[.?]$/);
    expect(refused?.exitCode).toBe(2);
  });
});
