/** All messages of a queue, as a client pulls them. */
import type { MessageExt } from '../../../src/core/message/message.ts';
import { decodeMessages } from '../../../src/core/message/message-codec.ts';
import { pullMessage } from '../../../src/core/protocol/requests/pull-message.ts';
import { pullHeader, SUBSCRIPTION } from './pull-fields.ts';
import type { TestClient } from './test-broker.ts';

export async function messagesOf(client: TestClient, topic = 'TopicTest', queueId = 0): Promise<MessageExt[]> {
  const all: MessageExt[] = [];
  for (;;) {
    const header = pullHeader({ topic, queueId, queueOffset: all.length, sysFlag: SUBSCRIPTION });
    const { code, body } = await client.ask(pullMessage, header);
    if (code !== 0) return all;
    all.push(...decodeMessages(body ?? Buffer.alloc(0)));
  }
}
