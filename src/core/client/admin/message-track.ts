/**
 * What each consumer group made of a message. Mirrors DefaultMQAdminExtImpl.messageTrackDetail and MessageTrack.
 *
 * A group has consumed a message when its offset in the message's queue is beyond it; whether its listener was content is not
 * known to a broker. Known differences: groups are asked at the same time; the text of a failure has no Java class and place.
 */

import { PocketError } from '../../common/errors.ts';
import { decodeHostAddress } from '../../message/host-address.ts';
import type { MessageExt } from '../../message/message.ts';
import { Property } from '../../message/properties.ts';
import type { ConsumerConnection } from '../../protocol/bodies/consumer-connection.ts';
import { decodeGroupList } from '../../protocol/bodies/group-list.ts';
import { queryTopicConsumeByWho } from '../../protocol/requests/query-topic-consume-by-who.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { resolveHostAddress } from '../../remoting/resolve-host.ts';
import { masterAddr, selectBrokerAddr } from '../broker-addr.ts';
import { SUBSCRIBE_ALL } from '../consumer/subscription.ts';
import { javaStringHashOrder } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { clusterInfo } from './cluster-admin.ts';
import { examineConsumerConnectionInfo, examineConsumeStats } from './consumer-group-state.ts';

export type TrackType = 'CONSUMED' | 'CONSUMED_BUT_FILTERED' | 'PULL' | 'NOT_CONSUME_YET' | 'NOT_ONLINE' | 'UNKNOWN';

export interface MessageTrack {
  readonly consumerGroup: string;
  readonly trackType: TrackType;
  /** Why the group's part is not known. */
  readonly exceptionDesc?: string | undefined;
}

/** One entry for each group that consumes the topic, in Java's hash order. Rejects when the groups cannot be listed. */
export async function messageTrackDetail(admin: Admin, message: MessageExt): Promise<MessageTrack[]> {
  const { brokerDatas } = await admin.namesrv.route(message.topic);
  const addr = brokerDatas[0] && selectBrokerAddr(brokerDatas[0], admin.random);
  if (addr === undefined) throw new PocketError('NOT_FOUND', `no broker of the topic ${message.topic} is known`);
  const { body } = await admin.askBroker(addr, queryTopicConsumeByWho, { topic: message.topic });
  const groups = javaStringHashOrder(decodeGroupList(body).groupList);
  return mapBounded(groups, (group) => trackOf(admin, message, group));
}

async function trackOf(admin: Admin, message: MessageExt, consumerGroup: string): Promise<MessageTrack> {
  try {
    const connection = await examineConsumerConnectionInfo(admin, consumerGroup);
    return { consumerGroup, trackType: await trackTypeOf(admin, message, consumerGroup, connection) };
  } catch (error) {
    if (!(error instanceof PocketError)) throw error;
    const { responseCode, detail, message: text } = error;
    return {
      consumerGroup,
      trackType: responseCode === ResponseCode.CONSUMER_NOT_ONLINE ? 'NOT_ONLINE' : 'UNKNOWN',
      exceptionDesc: responseCode === undefined ? text : `CODE:${responseCode} DESC:${detail ?? text}`,
    };
  }
}

async function trackTypeOf(
  admin: Admin,
  message: MessageExt,
  group: string,
  { consumeType, subscriptionTable }: ConsumerConnection,
): Promise<TrackType> {
  if (consumeType === 'CONSUME_ACTIVELY') return 'PULL';
  if (consumeType !== 'CONSUME_PASSIVELY') return 'UNKNOWN';
  if (!(await isConsumed(admin, message, group))) return 'NOT_CONSUME_YET';
  const tags = subscriptionTable[message.topic]?.tagsSet ?? [];
  const tag = message.properties[Property.TAGS];
  const isWanted = tags.length === 0 || tags.includes(SUBSCRIBE_ALL) || (tag !== undefined && tags.includes(tag));
  return isWanted ? 'CONSUMED' : 'CONSUMED_BUT_FILTERED';
}

/** The group's offset of the message's queue, on the broker that stored it, is beyond the message. */
async function isConsumed(admin: Admin, message: MessageExt, group: string): Promise<boolean> {
  const { offsetTable } = await examineConsumeStats(admin, group);
  const { brokerAddrTable } = await clusterInfo(admin);
  for (const { mq, consumerOffset } of offsetTable) {
    if (mq.topic !== message.topic || mq.queueId !== message.queueId || consumerOffset <= message.queueOffset) continue;
    const broker = brokerAddrTable[mq.brokerName];
    const addr = broker && masterAddr(broker);
    if (addr !== undefined && (await resolved(addr)) === message.storeHost) return true;
  }
  return false;
}

/** As a record holds it: a broker may have registered a name, or an IPv6 address in another spelling. */
async function resolved(addr: string): Promise<string> {
  const bytes = await resolveHostAddress(addr).catch(() => undefined);
  return bytes === undefined ? addr : decodeHostAddress(bytes, 0, bytes.length);
}
