import { describe, expect, it } from 'vitest';
import { machineText } from '../../src/cli/machine-output.ts';
import { PocketError } from '../../src/core/common/errors.ts';

const result = {
  addrs: new Map([[0, '127.0.0.1:10911']]),
  body: Buffer.from('é中'),
  raw: Buffer.from([0xff, 0x00]),
  error: new PocketError('CONNECT', 'connect to a:1 failed'),
  absent: undefined,
  none: null,
  list: [1, 'a: b'],
};
const plain = {
  addrs: { 0: '127.0.0.1:10911' },
  body: 'é中',
  raw: { base64: '/wA=' },
  error: 'connect to a:1 failed',
  none: null,
  list: [1, 'a: b'],
};

describe('machine output', () => {
  it('is one JSON document', async () => {
    const text = await machineText('json', result);
    expect(JSON.parse(text)).toEqual(plain);
    expect(text).toMatch(/}\n$/);
  });

  it.each(['json', 'yaml'] as const)('keeps a property of any name: %s', async (format) => {
    const properties: unknown = JSON.parse('{"__proto__":"x"}');
    expect(await machineText(format, { properties })).toMatch(/__proto__"?: "?x/);
  });

  it('is one YAML document', async () => {
    const { parse } = await import('yaml');
    expect(parse(await machineText('yaml', result))).toEqual(plain);
  });
});
