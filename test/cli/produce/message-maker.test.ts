import { describe, expect, it } from 'vitest';
import { type MessageDefaults, MessageMaker, propertyOf } from '../../../src/cli/produce/message-maker.ts';
import { textTemplate } from '../../../src/cli/produce/text-template.ts';
import { DEFAULT_MESSAGE_DELAY_LEVEL, DelayLevels } from '../../../src/core/message/delay-level.ts';

const levels = new DelayLevels(DEFAULT_MESSAGE_DELAY_LEVEL);
const none: MessageDefaults = {
  topic: 'T',
  tags: undefined,
  keys: undefined,
  properties: [],
  delay: undefined,
  shardingKey: undefined,
};
const all: MessageDefaults = {
  topic: 'T',
  tags: 'A',
  keys: textTemplate('k{{n}}'),
  properties: [['p', textTemplate('v{{n}}')]],
  delay: '10s',
  shardingKey: textTemplate('s{{n}}'),
};
const json = (line: unknown, defaults = none) =>
  new MessageMaker(defaults, levels).ofJson(7, Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)));

describe('MessageMaker', () => {
  it('gives a body what the options say', () => {
    expect(new MessageMaker(all, levels).ofBody(3, Buffer.from('b'))).toEqual({
      message: {
        ...{ topic: 'T', tags: 'A', keys: 'k3', body: Buffer.from('b') },
        properties: { p: 'v3', DELAY: '3', __SHARDINGKEY: 's3' },
      },
      shardingKey: 's3',
    });
  });

  it('lets a line of JSON say otherwise', () => {
    const line = {
      ...{ topic: 'Other', body: 'é', tags: 'B', keys: ['x', 'y'], delay: 4, shardingKey: 'mine', flag: -2 },
      properties: { p: 'q', r: 's' },
    };
    expect(json(line, all)).toEqual({
      message: {
        ...{ topic: 'Other', body: Buffer.from('é'), tags: 'B', keys: ['x', 'y'], flag: -2 },
        properties: { p: 'q', r: 's', DELAY: '4', __SHARDINGKEY: 'mine' },
      },
      shardingKey: 'mine',
    });
    expect(json({ body: 'b' }, all).message).toMatchObject({
      tags: 'A',
      keys: 'k7',
      properties: { p: 'v7', DELAY: '3' },
    });
  });

  it('takes bytes in base64, and lines of store export and subscribe', () => {
    expect(json({ bodyBase64: '/wAB' }).message.body).toEqual(Buffer.from([255, 0, 1]));
    const received = {
      ...{ topic: 'T', queueId: 1, queueOffset: 2, msgId: 'M', offsetMsgId: 'O', storeHost: 'h:1', brokerName: 'b' },
      ...{ reconsumeTimes: 0, sysFlag: 0, body: { base64: '/w==' } },
      properties: { KEYS: 'k', TAGS: 'A', UNIQ_KEY: 'U', CLUSTER: 'C', MIN_OFFSET: '0', TRAN_MSG: 'true', mine: 'x' },
    };
    expect(json(received).message).toMatchObject({
      body: Buffer.from([255]),
      properties: { KEYS: 'k', TAGS: 'A', UNIQ_KEY: 'U', mine: 'x' },
    });
    expect(Object.keys(json(received).message.properties ?? {})).toHaveLength(4);
  });

  it.each([
    ['nope', 'it is no JSON'],
    ['[1]', 'it is no JSON object'],
    [{}, 'either body or bodyBase64 is needed'],
    [{ body: 'a', bodyBase64: 'YQ==' }, 'either body or bodyBase64 is needed'],
    [{ body: 1 }, 'body must be a text'],
    [{ body: '' }, 'the message body length is zero'],
    [{ bodyBase64: '*' }, 'bodyBase64 is no base64'],
    [{ body: 'a', tag: 'x' }, 'nothing is known of the field tag'],
    [{ body: 'a', keys: [1] }, 'keys must be a text or a list of texts'],
    [{ body: 'a', delay: '7s' }, '"7s" is no delay level: there are 1 to 18, which are 1s 5s'],
    [{ body: 'a', delay: 19 }, '"19" is no delay level'],
    [{ body: 'a', delay: null }, 'delay must be a level'],
    [{ body: 'a', properties: { x: 1 } }, 'the property x must be a text'],
    [{ body: 'a', properties: { x: 'a\x01b' } }, 'the property "x" must have a name and a value'],
    [{ body: 'a', topic: 'a b' }, 'The specified topic contains illegal characters'],
    [{ body: 'x'.repeat(4 * 1024 * 1024 + 1) }, 'the message body size over max value, MAX: 4194304'],
  ])('refuses %j', (line, why) => {
    expect(() => json(line)).toThrow(why);
  });
});

describe('propertyOf', () => {
  it('splits at the first equals sign', () => {
    expect(propertyOf('a=b=c')).toEqual(['a', 'b=c']);
  });

  it.each(['a', '=b', 'a=', 'TAGS=x', 'UNIQ_KEY=x', 'a=\x02'])('refuses %j', (text) => {
    expect(() => propertyOf(text)).toThrow(/--property|is used by system|must have a name/);
  });
});
