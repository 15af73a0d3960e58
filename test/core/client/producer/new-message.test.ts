import { describe, expect, it } from 'vitest';
import { bodyOf, propertiesOf } from '../../../../src/core/client/producer/new-message.ts';
import type { NewMessage } from '../../../../src/core/message/message.ts';

describe('bodyOf', () => {
  it.each<[string, NewMessage['body'], number[]]>([
    ['a text as UTF-8', 'hé', [0x68, 0xc3, 0xa9]],
    ['a Buffer', Buffer.from([1, 2]), [1, 2]],
    ['a part of a Uint8Array', new Uint8Array([1, 2, 3, 4]).subarray(1, 3), [2, 3]],
  ])('takes %s', (_, body, bytes) => {
    expect([...bodyOf({ topic: 'T', body })]).toEqual(bytes);
  });

  it('does not copy a Buffer', () => {
    const body = Buffer.from('x');
    expect(bodyOf({ topic: 'T', body })).toBe(body);
  });

  it.each<[unknown, string]>([
    [undefined, 'the message has no topic'],
    [{ body: 'x' }, 'the message has no topic'],
    [{ topic: '', body: 'x' }, 'The specified topic is blank.'],
    [{ topic: 'a b', body: 'x' }, 'The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$'],
    [{ topic: 'T' }, 'the message body must be a text, a Buffer or a Uint8Array'],
    [{ topic: 'T', body: { order: 1 } }, 'the message body must be a text, a Buffer or a Uint8Array'],
    [{ topic: 'T', body: '' }, 'the message body length is zero'],
    [{ topic: 'T', body: Buffer.alloc(4_194_305) }, 'the message body size over max value, MAX: 4194304'],
  ])('refuses %#', (message, text) => {
    expect(() => bodyOf(message as NewMessage)).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_ARGUMENT', message: text }),
    );
  });
});

describe('propertiesOf', () => {
  it('puts tags and keys beside the properties, and changes nothing of the message', () => {
    const properties = { TAGS: 'old', own: 'x' };
    const message = { topic: 'T', body: 'x', tags: 'new', keys: ['a', 'b'], properties };
    expect(propertiesOf(message)).toEqual({ TAGS: 'new', KEYS: 'a b', own: 'x' });
    expect(properties).toEqual({ TAGS: 'old', own: 'x' });
  });

  it('names the time a message is to be delivered at', () => {
    const message = { topic: 'T', body: 'x', deliverTimeMs: 1_700_000_000_000, delayTimeMs: 1500 };
    expect(propertiesOf(message)).toEqual({ TIMER_DELIVER_MS: '1700000000000', TIMER_DELAY_MS: '1500' });
    const refused = 'delayTimeMs must be a whole number of milliseconds, not 1.5';
    expect(() => propertiesOf({ ...message, delayTimeMs: 1.5 })).toThrow(refused);
  });

  it('has none for a message with none', () => {
    expect(propertiesOf({ topic: 'T', body: 'x' })).toEqual({});
  });
});
