/**
 * What brokers ask of a client: that its groups changed (40), and what mqadmin wants of one of its consumers (220, 221, 307,
 * 309), and the replies to its requests (326). Mirrors ClientRemotingProcessor.
 */

import type { Logger } from '../common/logger.ts';
import type { MessageExt } from '../message/message.ts';
import {
  type ConsumeMessageDirectlyResult,
  encodeConsumeMessageDirectlyResult,
} from '../protocol/bodies/consume-message-directly-result.ts';
import { type ConsumerRunningInfo, encodeConsumerRunningInfo } from '../protocol/bodies/consumer-running-info.ts';
import { encodeConsumerStatus } from '../protocol/bodies/consumer-status.ts';
import { decodeResetOffset, type QueueOffset } from '../protocol/bodies/reset-offset.ts';
import { consumeMessageDirectly } from '../protocol/requests/consume-message-directly.ts';
import { getConsumerRunningInfo } from '../protocol/requests/get-consumer-running-info.ts';
import { getConsumerStatusFromClient } from '../protocol/requests/get-consumer-status-from-client.ts';
import { notifyConsumerIdsChanged } from '../protocol/requests/notify-consumer-ids-changed.ts';
import { pushReplyMessageToClient } from '../protocol/requests/push-reply-message-to-client.ts';
import { resetConsumerClientOffset } from '../protocol/requests/reset-consumer-client-offset.ts';
import { ResponseCode } from '../protocol/response-code.ts';
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

/** A group of this client as its processors see it. */
interface ServedMember {
  rebalanceSoon(): void;
  readonly requests: MemberRequests;
}

/** `memberOf`: the consumer of a group, if this client has one. `requests`: those that wait for a reply. */
export function clientProcessors(
  memberOf: (group: string) => ServedMember | undefined,
  requests: Pick<RequestTable, 'receive'>,
  logger: Logger,
): ProcessorTable<undefined> {
  const requestsOf = (group: string): MemberRequests => memberOf(group)?.requests ?? refuse(group);
  return new ProcessorTable<undefined>(undefined, logger)
    .register(notifyConsumerIdsChanged, (_, { header }) => {
      memberOf(header.consumerGroup)?.rebalanceSoon();
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
