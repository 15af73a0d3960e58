import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { machineText, plainOf } from '../../src/cli/machine-output.ts';
import { machineStream } from '../../src/cli/machine-stream.ts';

/** All that is written for these elements and members. */
async function streamed(format: 'json' | 'yaml', elements: readonly unknown[], rest: object = {}): Promise<string> {
  let text = '';
  const stream = await machineStream(format, 'messages', (part) => {
    text += part;
  });
  expect(text).toBe('');
  for (const element of elements) stream.add(element);
  stream.end(rest as Record<string, unknown>);
  return text;
}

const elements = [
  { body: Buffer.from('你好'), offset: 1, none: undefined },
  { body: Buffer.from('ff', 'hex') },
  'x',
  null,
];
const rest = { queues: [{ min: 0 }], count: 3 };

describe.each([['json'], ['yaml']] as const)('%s', (format) => {
  it.each([
    ['several elements', elements, rest],
    ['no element', [], rest],
    ['nothing behind the list', elements, {}],
    ['nothing at all', [], {}],
  ])('is the whole document: %s', async (_, list, members) => {
    expect(await streamed(format, list, members)).toBe(await machineText(format, { messages: list, ...members }));
  });

  it('whatever is in it', async () => {
    // JSON has no negative zero, YAML has.
    const values = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));
    await fc.assert(
      fc.asyncProperty(fc.array(values), values, async (list, count) => {
        const text = await streamed(format, list, { count });
        const read: unknown = format === 'json' ? JSON.parse(text) : parse(text);
        expect(read).toEqual(plainOf(JSON.parse(JSON.stringify({ messages: list, count }))));
      }),
    );
  });

  it('texts of several lines', async () => {
    const texts = ['a\n\n  b \n', '\n', 'x'.repeat(200), ' - a: b\n#c', 'it\'s: "so"\n\n', 'a\r\nb\tc'];
    const text = await streamed(
      format,
      texts.map((body) => ({ body })),
      { last: 'a\nb' },
    );
    const read: unknown = format === 'json' ? JSON.parse(text) : parse(text);
    expect(read).toEqual({ messages: texts.map((body) => ({ body })), last: 'a\nb' });
  });
});
