/**
 * The offsets of a group as its members and its brokers have them: getConsumerStatus and cloneGroupOffset. Mirrors the
 * subcommands.
 */

import { PocketError } from '../../common/errors.ts';
import { decodeConsumerStatus } from '../../protocol/bodies/consumer-status.ts';
import type { QueueOffset } from '../../protocol/bodies/reset-offset.ts';
import { invokeBrokerToGetConsumerStatus } from '../../protocol/requests/invoke-broker-to-get-consumer-status.ts';
import { call } from '../../remoting/call.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import { javaHashOrder, javaStringHashOrder, messageQueueHash } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { examineConsumeStats } from './consumer-group-state.ts';
import { commitOffset } from './reset-offset.ts';
import { topicRoute } from './topic-admin.ts';

/** The broker waits up to 5 s for each member. */
const STATUS_TIMEOUTS = 2;

export interface MemberOffsets {
  readonly clientId: string;
  /** What it has reached in the queues it has. */
  readonly offsets: readonly QueueOffset[];
}

/**
 * What the members of a group say they have reached in a topic, of all or of one client id, by Java's hash order. Rejects with
 * NOT_FOUND for an unknown topic, RESPONSE when nobody is online.
 */
export async function consumerStatus(
  admin: Admin,
  group: { readonly consumerGroup: string; readonly topic: string; readonly clientId?: string | undefined },
): Promise<MemberOffsets[]> {
  const { consumerGroup, topic, clientId = '' } = group;
  const [broker] = (await topicRoute(admin, topic)).brokerDatas;
  const addr = broker && selectBrokerAddr(broker, admin.random);
  if (addr === undefined) throw new PocketError('NOT_FOUND', `no broker of the topic ${topic} is known`);
  const header = { topic, group: consumerGroup, clientAddr: clientId };
  const timeoutMs = admin.timeoutMs * STATUS_TIMEOUTS;
  const { body } = await call(admin.client, addr, invokeBrokerToGetConsumerStatus, header, { timeoutMs });
  const { consumerTable } = decodeConsumerStatus(body);
  return javaStringHashOrder(Object.keys(consumerTable)).map((id) => ({
    clientId: id,
    offsets: javaHashOrder(consumerTable[id] ?? [], ({ mq }) => messageQueueHash(mq)),
  }));
}

/**
 * Gives a group the offsets another has committed, in all of the other's topics on the brokers of `topic`. Rejects with
 * NOT_FOUND for an unknown group or topic, with 206 for a source without offsets.
 */
export async function cloneGroupOffset(
  admin: Admin,
  { srcGroup, destGroup, topic }: { readonly srcGroup: string; readonly destGroup: string; readonly topic: string },
): Promise<QueueOffset[]> {
  const { offsetTable } = await examineConsumeStats(admin, srcGroup);
  const { brokerDatas } = await topicRoute(admin, topic);
  const copied: QueueOffset[] = [];
  for (const { mq, consumerOffset: offset } of offsetTable) {
    const broker = brokerDatas.find(({ brokerName }) => brokerName === mq.brokerName);
    const addr = broker && selectBrokerAddr(broker, admin.random);
    if (addr === undefined) continue;
    await commitOffset(admin, addr, destGroup, { mq, offset });
    copied.push({ mq, offset });
  }
  return copied;
}
