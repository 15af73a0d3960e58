import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SendAnswer } from '../../../src/core/broker/send-answer.ts';
import { encodeHostAddress } from '../../../src/core/message/host-address.ts';
import { sendMessage } from '../../../src/core/protocol/requests/send-message.ts';
import { encodeHeader } from '../../../src/core/protocol/schema.ts';
import { decodeFrame } from '../../../src/core/remoting/remoting-command.ts';
import { PutMessageStatus } from '../../../src/core/store/put-message.ts';
import { testConfig } from './broker-config.ts';

function answerOf(addr: string, regionId = 'DefaultRegion') {
  const storeHost = encodeHostAddress(addr);
  return new SendAnswer({
    config: testConfig({ regionId }),
    storeHost,
    diskRatios: () => ({ commitLog: 0.5, consumeQueue: 0.25 }),
    notWriteableBecause: () => undefined,
  });
}

/** What stands in an output buffer between other bytes. */
function written(
  answer: SendAnswer,
  opaque: number,
  place: { queueId: number; queueOffset: number; physicOffset: number },
) {
  let reserved = 0;
  const output = Buffer.alloc(2000, 0xee);
  const connection = {
    output,
    reserve(length: number) {
      reserved = length;
      return 100;
    },
  };
  answer.writeSuccess(connection, opaque, place);
  expect(output.subarray(0, 100).every((byte) => byte === 0xee)).toBe(true);
  expect(output.subarray(100 + reserved).every((byte) => byte === 0xee)).toBe(true);
  return decodeFrame(output.subarray(100, 100 + reserved));
}

describe('SendAnswer', () => {
  it.each([
    ['127.0.0.1:10911', 'DefaultRegion'],
    ['[::2]:10911', '区"域'],
  ])('writes the same frame as the ordinary answer from %s', (addr, region) => {
    const answer = answerOf(addr, region);
    const place = fc.record({
      queueId: fc.nat(100_000),
      queueOffset: fc.oneof(fc.nat(1000), fc.maxSafeNat()),
      physicOffset: fc.oneof(fc.nat(1000), fc.maxSafeNat()),
    });
    const opaque = fc.oneof(fc.nat(1000), fc.nat(2_147_483_647));
    fc.assert(
      fc.property(opaque, place, (id, where) => {
        const reply = answer.reply(PutMessageStatus.PUT_OK, where);
        if (reply.header === undefined) throw new Error('a success has a header');
        const extFields = { ...encodeHeader(sendMessage.response, reply.header), ...reply.extFields };
        expect(written(answer, id, where)).toMatchObject({
          code: 0,
          flag: 1,
          opaque: id,
          extFields,
          version: 407,
          language: 'OTHER',
        });
      }),
    );
  });

  it('says what each status of the store means', () => {
    const answer = answerOf('127.0.0.1:10911');
    const place = { queueId: 1, queueOffset: 2, physicOffset: 3 };
    const codes = Object.values(PutMessageStatus).map((status) => [status, answer.reply(status, place).code]);
    expect(Object.fromEntries(codes)).toEqual({
      PUT_OK: 0,
      FLUSH_DISK_TIMEOUT: 10,
      FLUSH_SLAVE_TIMEOUT: 12,
      SLAVE_NOT_AVAILABLE: 11,
      SERVICE_NOT_AVAILABLE: 14,
      CREATE_MAPEDFILE_FAILED: 1,
      MALFORMED_BATCH: 1,
      MESSAGE_ILLEGAL: 13,
      PROPERTIES_SIZE_EXCEEDED: 13,
      OS_PAGECACHE_BUSY: 1,
      UNKNOWN_ERROR: 1,
      WHEEL_TIMER_MSG_ILLEGAL: 13,
      WHEEL_TIMER_NOT_ENABLE: 1,
    });
    // Stored, though not as safely as wished: the header says where.
    expect(answer.reply('FLUSH_DISK_TIMEOUT', place).header).toMatchObject({ queueId: 1, queueOffset: 2 });
    expect(answer.reply('SERVICE_NOT_AVAILABLE', place).remark).toContain('[CL:  0.50 CQ:  0.25 INDEX:  0.25]');
    expect(answer.reply('CREATE_MAPEDFILE_FAILED', place).remark).toBe(
      'create mapped file failed, server is busy or broken.',
    );
    expect(answer.reply('UNKNOWN_ERROR', place).remark).toBe('UNKNOWN_ERROR');
  });
});
