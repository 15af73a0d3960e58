/**
 * Records our codec writes, read by RocketMQ's own decoder, and the same read by ours: every field agrees.
 * The messages are random; a failure names the seed.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeHostAddress, encodeHostAddress } from '../../src/core/message/host-address.ts';
import type { MessageExt } from '../../src/core/message/message.ts';
import { decodeMessage, encodeMessage } from '../../src/core/message/message-codec.ts';
import { SysFlag } from '../../src/core/message/sys-flag.ts';
import { runProgram } from './support/java-cluster.ts';
import { ensurePeer } from './support/peers.ts';

const COUNT = 500;
const seed = Date.now() | 0;

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
/** Without the two separators of the properties' text form. */
const word = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  .map((text) => text.replaceAll(/[\0-\x20]/g, '_'));
const hostOf = (length: 8 | 20): fc.Arbitrary<string> =>
  fc
    .tuple(fc.uint8Array({ minLength: length - 4, maxLength: length - 4 }), fc.integer({ min: 0, max: 65535 }))
    .map(([address, port]) => {
      const bytes = Buffer.alloc(length);
      bytes.set(address);
      bytes.writeInt32BE(port, length - 4);
      return decodeHostAddress(bytes, 0, length);
    });

const message: fc.Arbitrary<MessageExt> = fc.tuple(fc.boolean(), fc.boolean()).chain(([bornV6, storeV6]) =>
  fc.record({
    topic: fc.stringMatching(/^[%|a-zA-Z0-9_-]{1,127}$/),
    body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    flag: int32,
    properties: fc.dictionary(word, word, { maxKeys: 6 }),
    queueId: int32,
    queueOffset: int64,
    commitLogOffset: int64,
    sysFlag: fc.constant((bornV6 ? SysFlag.BORN_HOST_V6 : 0) | (storeV6 ? SysFlag.STORE_HOST_V6 : 0)),
    bornTimestamp: int64,
    bornHost: hostOf(bornV6 ? 20 : 8),
    storeTimestamp: int64,
    storeHost: hostOf(storeV6 ? 20 : 8),
    reconsumeTimes: int32,
    preparedTransactionOffset: int64,
    // What follows is made by the codec, not read by it.
    storeSize: fc.constant(0),
    bodyCRC: fc.constant(0),
    msgId: fc.constant(''),
    offsetMsgId: fc.constant(''),
  }),
);

interface JavaView {
  readonly bornHost: string;
  readonly storeHost: string;
  readonly msgId: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Java writes IPv6 in another of its many forms, so hosts are compared by their bytes. */
function hostBytes(text: string): string {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
  return encodeHostAddress(host.includes(':') ? `[${host}]:${text.slice(colon + 1)}` : text).toString('hex');
}

it(`Java's MessageDecoder reads what our codec writes (seed ${seed})`, async () => {
  const records = fc.sample(message, { numRuns: COUNT, seed }).map(encodeMessage);
  const stdin = records.map((record) => `${record.toString('hex')}\n`).join('');
  const { stdout } = await runProgram(await ensurePeer('4.9.7'), 'MessageDecode', [], { stdin });
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(COUNT);
  for (const [index, line] of lines.entries()) {
    const java = JSON.parse(line) as JavaView;
    const { brokerName: _, offsetMsgId, ...ours } = decodeMessage(records[index] ?? Buffer.alloc(0));
    expect({
      ...java,
      bornHost: hostBytes(java.bornHost),
      storeHost: hostBytes(java.storeHost),
      body: java.body ?? '',
    }).toEqual({
      ...ours,
      properties: { ...ours.properties },
      bornHost: hostBytes(ours.bornHost),
      storeHost: hostBytes(ours.storeHost),
      body: ours.body.toString('hex'),
      // A record read from a store carries no client's id here: both names stand for the record's place.
      msgId: offsetMsgId,
    });
  }
});
