import { describe, expect, it } from 'vitest';
import { textTemplate } from '../../../src/cli/produce/text-template.ts';

describe('textTemplate', () => {
  it('fills in what changes, anew for each message', () => {
    const text = textTemplate('{"n":{{n}},"id":"{{uuid}}","r":"{{ random 4 }}","at":"{{time}}","ms":{{millis}}}');
    const first = JSON.parse(text(1));
    const second = JSON.parse(text(2));
    expect([first.n, second.n]).toEqual([1, 2]);
    expect(first.id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(first.id).not.toBe(second.id);
    expect(first.r).toMatch(/^[A-Za-z0-9]{4}$/);
    expect(new Date(first.at).toISOString()).toBe(first.at);
    expect(Math.abs(Date.now() - first.ms)).toBeLessThan(60_000);
  });

  it.each(['plain', '{"a":{"b":1}}', '{{', '{{}}', '{{1}}', '{{ "x" }}'])('%s is text as it stands', (text) => {
    expect(textTemplate(text)(7)).toBe(text);
  });

  it.each(['{{number}}', '{{n 3}}', '{{random 9999999}}'])('%s is refused', (text) => {
    expect(() => textTemplate(`a ${text} b`)).toThrow(text);
  });
});
