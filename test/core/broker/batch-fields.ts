/** A batch as a Java producer sends it, for the tests of SEND_BATCH_MESSAGE. */
import { encodeInnerMessages } from '../../../src/core/message/batch-codec.ts';
import { getMaxOffset } from '../../../src/core/protocol/requests/get-max-offset.ts';
import { sendBatchMessage } from '../../../src/core/protocol/requests/send-batch-message.ts';
import type { SendMessageHeader } from '../../../src/core/protocol/requests/send-message.ts';
import { toSendMessageV2Header } from '../../../src/core/protocol/requests/send-message-v2.ts';
import { plainSend, type TestClient } from './test-broker.ts';

/** What a Java producer sends with a batch. */
export const batchSend: SendMessageHeader = { ...plainSend, properties: 'WAIT\x01true', batch: true };

export function batchBody(
  ...messages: (readonly [body: string | Buffer, properties: string, flag?: number])[]
): Buffer {
  return encodeInnerMessages(
    messages.map(([body, properties, flag = 0]) => ({
      flag,
      body: Buffer.from(body),
      properties: Buffer.from(properties),
    })),
  );
}

export const three = batchBody(['a', 'TAGS\x01A\x02UNIQ_KEY\x01U1', 3], ['b', ''], ['c', 'KEYS\x01k\x02']);

export function sendBatch(client: TestClient, fields: Partial<SendMessageHeader> = {}, body = three) {
  return client.ask(sendBatchMessage, toSendMessageV2Header({ ...batchSend, ...fields }), body);
}

export async function maxOffset(client: TestClient, topic = 'TopicTest', queueId = 0): Promise<number> {
  return Number((await client.ask(getMaxOffset, { topic, queueId })).extFields?.offset);
}
