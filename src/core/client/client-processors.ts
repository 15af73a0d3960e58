/**
 * What brokers ask of a client: that its groups changed (40), how a transaction of one of its producers ended (39), what
 * mqadmin wants of one of its consumers (220, 221, 307, 309), and the replies to its requests (326). Mirrors
 * ClientRemotingProcessor.
 */

import type { Logger } from '../common/logger.ts';
import type { MessageExt } from '../message/message.ts';
import { Property } from '../message/properties.ts';
import {
  type ConsumeMessageDirectlyResult,
  encodeConsumeMessageDirectlyResult,
} from '../protocol/bodies/consume-message-directly-result.ts';
import { type ConsumerRunningInfo, encodeConsumerRunningInfo } from '../protocol/bodies/consumer-running-info.ts';
import { encodeConsumerStatus } from '../protocol/bodies/consumer-status.ts';
import { decodeResetOffset, type QueueOffset } from '../protocol/bodies/reset-offset.ts';
import { checkTransactionState } from '../protocol/requests/check-transaction-state.ts';
import { consumeMessageDirectly } from '../protocol/requests/consume-message-directly.ts';
import { getConsumerRunningInfo } from '../protocol/requests/get-consumer-running-info.ts';
import { getConsumerStatusFromClient } from '../protocol/requests/get-consumer-status-from-client.ts';
import { notifyConsumerIdsChanged } from '../protocol/requests/notify-consumer-ids-changed.ts';
import { pushReplyMessageToClient } from '../protocol/requests/push-reply-message-to-client.ts';
import { resetConsumerClientOffset } from '../protocol/requests/reset-consumer-client-offset.ts';
import { ResponseCode } from '../protocol/response-code.ts';
import type { RequestHeaderOf } from '../protocol/schema.ts';
import type { Connection } from '../remoting/connection.ts';
import { ProcessorTable } from '../remoting/processor-table.ts';
import { ReplyError } from '../remoting/reply-error.ts';
import type { RequestTable } from './producer/request-table.ts';
import { decodeStoredMessages } from './stored-messages.ts';

/** What a consumer answers for its group. */
export interface MemberRequests {
  /** Go on from these offsets, where the queues are this member's; undefined: it chooses its offsets itself. */
  readonly resetOffset?: ((offsets: readonly QueueOffset[]) => void) | undefined;
  /** Give one message to the listener now; undefined: there is none. */
  readonly consumeDirectly?: ((message: MessageExt) => Promise<ConsumeMessageDirectlyResult>) | undefined;
  /** How far it is in the queues of a topic. */
  status(topic: string): QueueOffset[];
  /** `jstack`: with what it is doing at this moment. */
  runningInfo(jstack: boolean): ConsumerRunningInfo;
}

/** How did this transaction end? */
export interface TransactionQuestion {
  readonly header: RequestHeaderOf<typeof checkTransactionState>;
  readonly message: MessageExt;
  /** Where the question came by, and the answer goes. */
  readonly connection: Pick<Connection, 'oneway' | 'remoteAddr'>;
}

/** What a producer answers for its group; a plain one is asked nothing. */
export interface ProducerMember {
  checkTransaction(question: TransactionQuestion): void;
}

/** A group of this client as its processors see it. */
interface ServedMember {
  rebalanceSoon(): void;
  readonly requests: MemberRequests;
}

/** The consumer and the producer of a group, if this client has one. */
export interface ServedMembers {
  consumer(group: string): ServedMember | undefined;
  producer(group: string): ProducerMember | undefined;
}

/** `requests`: those that wait for a reply. */
export function clientProcessors(
  members: ServedMembers,
  requests: Pick<RequestTable, 'receive'>,
  logger: Logger,
): ProcessorTable<undefined> {
  const memberOf = (group: string): ServedMember | undefined => members.consumer(group);
  const requestsOf = (group: string): MemberRequests => memberOf(group)?.requests ?? refuse(group);
  return new ProcessorTable<undefined>(undefined, logger)
    .register(notifyConsumerIdsChanged, (_, { header }) => {
      memberOf(header.consumerGroup)?.rebalanceSoon();
      return undefined;
    })
    .register(checkTransactionState, (_, { header, body = NO_BODY, connection }) => {
      const [message] = decodeStoredMessages(body);
      if (message === undefined) return undefined;
      message.transactionId = message.properties[Property.UNIQ_KEY];
      members.producer(message.properties[Property.PGROUP] ?? '')?.checkTransaction({ header, message, connection });
      return undefined;
    })
    .register(resetConsumerClientOffset, (_, { header, body }) => {
      const { topic, group } = header;
      const offsets = decodeResetOffset(body).filter(({ mq }) => mq.topic === topic);
      logger.info(`${group} is told to go to other offsets of ${topic}`);
      memberOf(group)?.requests.resetOffset?.(offsets);
      return undefined;
    })
    .register(getConsumerStatusFromClient, (_, { header }) => {
      const messageQueueTable = memberOf(header.group)?.requests.status(header.topic) ?? [];
      return { code: ResponseCode.SUCCESS, body: encodeConsumerStatus({ consumerTable: {}, messageQueueTable }) };
    })
    .register(getConsumerRunningInfo, (_, { header }) => {
      const info = requestsOf(header.consumerGroup).runningInfo(header.jstackEnable ?? false);
      return { code: ResponseCode.SUCCESS, body: encodeConsumerRunningInfo(info) };
    })
    .register(consumeMessageDirectly, async (_, { header, body = NO_BODY }) => {
      const { consumerGroup, brokerName } = header;
      const consume = requestsOf(consumerGroup).consumeDirectly ?? refuse(consumerGroup);
      const [message] = decodeStoredMessages(body);
      if (message === undefined) throw new ReplyError(ResponseCode.SYSTEM_ERROR, 'the request brings no message');
      if (brokerName !== undefined) message.brokerName = brokerName;
      return { code: ResponseCode.SUCCESS, body: encodeConsumeMessageDirectlyResult(await consume(message)) };
    })
    .register(pushReplyMessageToClient, (_, { header, body = NO_BODY }) => {
      try {
        requests.receive(header, body);
      } catch (error) {
        logger.warn(`a reply from ${header.bornHost} cannot be read: ${String(error)}`);
        throw new ReplyError(ResponseCode.SYSTEM_ERROR, 'process reply message fail');
      }
      return { code: ResponseCode.SUCCESS };
    });
}

const NO_BODY = Buffer.alloc(0);

function refuse(group: string): never {
  throw new ReplyError(ResponseCode.SYSTEM_ERROR, `The Consumer Group <${group}> not exist in this consumer`);
}
