import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoredProperties } from '../../../src/core/broker/stored-properties.ts';
import { javaHashCode } from '../../../src/core/common/java-string.ts';
import { decodeProperties } from '../../../src/core/message/properties.ts';

function stored(text: string | undefined) {
  const properties = new StoredProperties('DefaultCluster');
  expect(properties.readText(text)).toBe(true);
  const { tagsCode, delayLevel, transactional } = properties;
  return { text: properties.bytes.toString('utf8', 0, properties.length), tagsCode, delayLevel, transactional };
}

/** What the raw way makes of the same properties in a JSON string; undefined when it declines. */
function storedFromJson(json: string | Buffer) {
  const properties = new StoredProperties('DefaultCluster');
  const source = Buffer.concat([Buffer.from('xx"'), Buffer.from(json), Buffer.from('","j":"0"}')]);
  const at = properties.readJson(source, 3, source.length);
  if (at < 0) return undefined;
  expect(source[at]).toBe(0x22);
  const { tagsCode, delayLevel, transactional } = properties;
  return { text: properties.bytes.toString('utf8', 0, properties.length), tagsCode, delayLevel, transactional };
}

const jsonInside = (text: string): string => JSON.stringify(text).slice(1, -1);

describe('StoredProperties', () => {
  it('drops WAIT, adds CLUSTER at the end and hashes the tags', () => {
    const result = stored('TAGS\x01TagA\x02WAIT\x01true\x02KEYS\x01k1 k2');
    expect(result.text).toBe('TAGS\x01TagA\x02KEYS\x01k1 k2\x02CLUSTER\x01DefaultCluster');
    expect(result.tagsCode).toBe(2598919);
  });

  it('replaces a CLUSTER the client sent', () => {
    expect(stored('CLUSTER\x01Other\x02a\x01b\x02').text).toBe('a\x01b\x02CLUSTER\x01DefaultCluster');
    expect(stored('CLUSTEX\x01Other').text).toBe('CLUSTEX\x01Other\x02CLUSTER\x01DefaultCluster');
  });

  it('stores only CLUSTER for a message without properties', () => {
    expect(stored(undefined).text).toBe('CLUSTER\x01DefaultCluster');
    expect(stored('').text).toBe('CLUSTER\x01DefaultCluster');
  });

  it.each(['\x01v', 'n\x01', 'nv', '\x02\x02', 'n\x01\x02\x01v\x02nv'])(
    'drops segments without name or value: %j',
    (text) => {
      expect(stored(text).text).toBe('CLUSTER\x01DefaultCluster');
    },
  );

  it('hashes tags beyond ASCII as UTF-16', () => {
    expect(stored('TAGS\x01标签😀').tagsCode).toBe(javaHashCode('标签😀'));
  });

  it('reads the delay level and half messages', () => {
    expect(stored('DELAY\x013').delayLevel).toBe(3);
    expect(stored('DELAY\x010').delayLevel).toBe(0);
    expect(stored('DELAY\x01-1').delayLevel).toBe(0);
    expect(stored('DELAZ\x013').delayLevel).toBe(0);
    expect(stored('TRAN_MSG\x01true').transactional).toBe(true);
    expect(stored('TRAN_MSG\x01TRUE').transactional).toBe(true);
    expect(stored('TRAN_MSG\x01false').transactional).toBe(false);
  });

  it('refuses a text no record can hold', () => {
    expect(new StoredProperties('c').readText('x'.repeat(32_767 * 6 + 1))).toBe(false);
  });

  it('keeps what a reader would find, for any text', () => {
    const part = fc.string({
      unit: fc.constantFrom('a', 'TAGS', 'WAIT', 'CLUSTER', 'DELAY', '\x01', '\x02', 'é', '😀', '7'),
    });
    fc.assert(
      fc.property(part, (text) => {
        const expected = decodeProperties(text);
        delete expected.WAIT;
        expected.CLUSTER = 'DefaultCluster';
        const result = stored(text);
        expect({ ...decodeProperties(result.text) }).toEqual({ ...expected });
        expect(result.tagsCode).toBe(javaHashCode(expected.TAGS ?? ''));
      }),
    );
  });

  it('makes the same of a JSON string as of its text, or declines', () => {
    const unit = fc.constantFrom('a', 'TAGS', 'WAIT', '\x01', '\x02', 'é', '😀', '"', '\\', '\n', '/', '\x03');
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const raw = storedFromJson(jsonInside(text));
        const isPlain = ['"', '\\', '\n', '\x03'].every((special) => !text.includes(special));
        if (isPlain) expect(raw).toEqual(stored(text));
        else expect(raw).toBeUndefined();
      }),
    );
  });

  it('declines bytes that are no UTF-8, unfinished escapes and strings without end', () => {
    expect(storedFromJson(Buffer.from([0x61, 0xff, 0x61]))).toBeUndefined();
    expect(storedFromJson('a\\u000')).toBeUndefined();
    expect(storedFromJson('a\\')).toBeUndefined();
    const open = Buffer.from('abc');
    expect(new StoredProperties('c').readJson(open, 0, open.length)).toBe(-1);
  });
});
