import { describe, expect, it } from 'vitest';
import type { CommandOption } from '../../src/cli/flags.ts';
import { ownOptionsText, usageText } from '../../src/cli/usage.ts';
import { commandFacts, helpTexts } from './fixtures/recorded.ts';

/** The options as the recorded text lists them, with what only the facts know. */
function optionsIn(name: string): CommandOption[] {
  const facts = new Map(commandFacts[name]?.options.map((option) => [option.short, option]));
  const text = helpTexts[name] ?? '';
  const list = text.slice(text.search(/^ -/m)).replace(/\n {8,}/g, ' ');
  return [...list.matchAll(/^ -(\w+),--(.+?)( <arg>)? {3,}(.*)$/gm)].map((match) => {
    const [, short = '', printedLong = '', argument, help = ''] = match;
    const required = facts.get(short)?.required ?? false;
    const long = printedLong.trim();
    return { short, long, printedLong, help, required, takesValue: argument !== undefined, own: false };
  });
}

function groupsOf(name: string): string[][] {
  const options = commandFacts[name]?.options ?? [];
  const longOf = (word: string): string => options.find(({ short }) => `-${short}` === word)?.long ?? word;
  return (commandFacts[name]?.groups ?? []).map((group) => group.map(longOf));
}

describe('usage text', () => {
  it('has a recorded text of every command of mqadmin', () => {
    expect(Object.keys(helpTexts)).toHaveLength(57);
  });

  it.each(Object.keys(helpTexts))("of %s is mqadmin's to the byte", (name) => {
    // The order of declaration must not matter.
    const options = optionsIn(name).reverse();
    expect(usageText(`mqadmin ${name}`, options, groupsOf(name))).toBe(helpTexts[name]);
  });

  it('leaves out what PocketMQ adds, and lists it on its own', () => {
    const options = optionsIn('topicRoute');
    const own: CommandOption = { ...optionsIn('topicList')[0], long: 'output', printedLong: 'output' } as CommandOption;
    const added = { ...own, short: undefined, takesValue: true, own: true, help: 'form of the result' };
    expect(usageText('mqadmin topicRoute', [...options, added], [])).toBe(helpTexts.topicRoute);
    expect(ownOptionsText([...options, added])).toBe(
      '\nPocketMQ also takes:\n    --output <arg>   form of the result\n',
    );
    expect(ownOptionsText(options)).toBe('');
  });
});
