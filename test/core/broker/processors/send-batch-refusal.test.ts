/** What SEND_BATCH_MESSAGE refuses, with the codes and remarks of the real broker, and that nothing of it is stored. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SendMessageHeader } from '../../../../src/core/protocol/requests/send-message.ts';
import { ResponseCode } from '../../../../src/core/protocol/response-code.ts';
import { type Disk, nodeDisk } from '../../../../src/core/store/disk.ts';
import { batchBody, maxOffset, sendBatch, three } from '../batch-fields.ts';
import { connectTo, startBroker } from '../test-broker.ts';

const FAQ = '\nSee http://rocketmq.apache.org/docs/faq/ for further details.';

describe('a batch that is refused', () => {
  const illegal = {
    code: ResponseCode.MESSAGE_ILLEGAL,
    remark:
      'the message is illegal, maybe msg body or properties length not matched. msg body length limit 1000B, msg properties length limit 32KB.',
  };
  const malformed = { code: ResponseCode.SYSTEM_ERROR, remark: 'the body of the batch does not hold whole messages' };
  const tooLong = { code: ResponseCode.SYSTEM_ERROR, remark: 'Properties size of messageExtBatch exceeded!' };
  const long = { properties: `u\x01${'w'.repeat(31_900)}` };
  const fits = batchBody([Buffer.alloc(978), '']);
  const whole = batchBody([Buffer.alloc(979), '']);

  it.each<[string, Partial<SendMessageHeader>, Buffer, { code: number; remark: string | RegExp }]>([
    ['a body above maxMessageSize', {}, whole, illegal],
    ['a delay of the batch', { properties: 'WAIT\x01true\x02DELAY\x013' }, three, illegal],
    ['a prepared transaction', { sysFlag: 4 }, three, illegal],
    ['a committed transaction', { sysFlag: 8 }, three, illegal],
    [
      'a message whose properties are too long with those of the batch',
      long,
      batchBody(['a', `k\x01${'v'.repeat(900)}`]),
      illegal,
    ],
    ['properties that are too long', { properties: `k\x01${'v'.repeat(32_764)}` }, three, tooLong],
    ['no body', {}, Buffer.alloc(0), malformed],
    ['a body that is cut', {}, three.subarray(0, -1), malformed],
    ['bytes behind the last message', {}, Buffer.concat([three, Buffer.alloc(10)]), malformed],
    [
      'an unknown topic',
      { topic: 'New', defaultTopic: 'No' },
      three,
      {
        code: ResponseCode.TOPIC_NOT_EXIST,
        remark: `topic[New] not exist, apply first please!${FAQ}`,
      },
    ],
    [
      'a topic name that is too long',
      { topic: 'x'.repeat(128) },
      three,
      {
        code: ResponseCode.SYSTEM_ERROR,
        remark: 'The specified topic is longer than topic max length.',
      },
    ],
    [
      'a system topic',
      { topic: 'SCHEDULE_TOPIC_XXXX' },
      three,
      {
        code: ResponseCode.NO_PERMISSION,
        remark: 'Sending message to topic[SCHEDULE_TOPIC_XXXX] is forbidden.',
      },
    ],
    [
      'a queue there is not',
      { queueId: 4 },
      three,
      {
        code: ResponseCode.SYSTEM_ERROR,
        remark: /^request queueId\[4\] is illegal, TopicConfig \[topicName=TopicTest, .*\] Producer: 127\.0\.0\.1:\d+$/,
      },
    ],
  ])('because of %s leaves nothing', async (_what, fields, body, { code, remark }) => {
    const client = connectTo((await startBroker({ config: { maxMessageSize: 1000 } })).addr);
    await client.send();
    const answer = await sendBatch(client, fields, body);
    expect(answer.code).toBe(code);
    expect(answer.remark).toMatch(remark);
    expect(answer.extFields).toEqual({ MSG_REGION: 'DefaultRegion', TRACE_ON: 'true' });
    expect(await maxOffset(client)).toBe(1);
    expect((await sendBatch(client, {}, fits)).extFields).toMatchObject({ queueOffset: '1' });
  });

  it('because the disk is full is refused whole, and taken again when there is room', async () => {
    let full = false;
    const disk: Disk = {
      ...nodeDisk,
      write(...args) {
        if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return nodeDisk.write(...args);
      },
    };
    const client = connectTo((await startBroker({ disk })).addr);
    await sendBatch(client);
    full = true;
    expect((await sendBatch(client)).code).toBe(ResponseCode.SERVICE_NOT_AVAILABLE);
    full = false;
    expect((await sendBatch(client)).extFields).toMatchObject({ queueOffset: '3' });
  });

  it('because of any bytes at all neither stops the broker nor leaves a part', async () => {
    const client = connectTo((await startBroker()).addr);
    await client.send();
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .tuple(fc.nat(three.length - 1), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(three.length))
        .map(([at, byte, end]) => {
          const copy = Uint8Array.from(three);
          copy[at] = byte;
          return copy.subarray(0, end);
        }),
    );
    let end = 1;
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => {
        const answer = await sendBatch(client, {}, Buffer.from(body));
        const ids = answer.extFields?.msgId?.split(',') ?? [];
        expect([ResponseCode.SUCCESS, ResponseCode.SYSTEM_ERROR]).toContain(answer.code);
        expect(answer.code === ResponseCode.SUCCESS).toBe(ids.length > 0);
        end += ids.length;
        expect(await maxOffset(client)).toBe(end);
      }),
      { numRuns: 200 },
    );
    expect((await sendBatch(client)).extFields).toMatchObject({ queueOffset: String(end) });
  });
});
