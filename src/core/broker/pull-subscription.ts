/**
 * What a pull request is filtered by: the subscription it brings along, or the one of its group's heartbeats. Mirrors the
 * middle of PullMessageProcessor.processRequest.
 */

import type { SubscriptionData } from '../protocol/bodies/subscription-data.ts';
import type { pullMessage } from '../protocol/requests/pull-message.ts';
import { ResponseCode } from '../protocol/response-code.ts';
import type { RequestHeaderOf } from '../protocol/schema.ts';
import { ReplyError } from '../remoting/reply-error.ts';
import type { TagFilter } from '../store/get-message.ts';
import type { BrokerContext } from './broker-context.ts';
import { faqText } from './faq-text.ts';
import { compileExpression } from './filter/consumer-filter-manager.ts';
import { type PropertyFilter, Sql92Error } from './filter/sql92.ts';
import { buildSubscription, filterRefusal, isTagType, type Subscription } from './subscription.ts';

const FLAG_SUBSCRIPTION = 4;

type PullHeader = RequestHeaderOf<typeof pullMessage>;

/** By tags code, and by what the messages' properties say; undefined: that lets every message through. */
export interface PullSubscription {
  filter: TagFilter | undefined;
  matches: PropertyFilter | undefined;
}

/** Throws ReplyError for a subscription that is not there, is out of date, or cannot be used. */
export function pullSubscription(context: BrokerContext, header: PullHeader): PullSubscription {
  const subscription = subscriptionOf(context, header);
  return { filter: subscription.filter, matches: propertyFilterOf(context, header, subscription) };
}

/** The subscription of the request, or the one of the group's heartbeat. Throws ReplyError. */
function subscriptionOf(context: BrokerContext, header: PullHeader): Subscription {
  const subscription =
    (header.sysFlag & FLAG_SUBSCRIPTION) === 0
      ? registeredSubscription(context, header)
      : buildSubscription(header.topic, header.subscription, header.expressionType);
  if (subscription === undefined) {
    throw new ReplyError(ResponseCode.SUBSCRIPTION_PARSE_FAILED, "parse the consumer's subscription failed");
  }
  return subscription;
}

/** What the messages' properties have to say; undefined for a subscription by tags. Throws ReplyError. */
function propertyFilterOf(
  context: BrokerContext,
  header: PullHeader,
  { data }: Subscription,
): PropertyFilter | undefined {
  if (isTagType(data.expressionType)) return undefined;
  const isOwn = (header.sysFlag & FLAG_SUBSCRIPTION) !== 0;
  const matches = isOwn ? compiled(data) : registeredFilter(context, header, data);
  if (!context.config.enablePropertyFilter) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, filterRefusal(data.expressionType));
  }
  return matches;
}

function compiled({ expressionType, subString }: SubscriptionData): PropertyFilter {
  try {
    return compileExpression(expressionType, subString);
  } catch (error) {
    if (!(error instanceof Sql92Error)) throw error;
    const remark = `parse the consumer's subscription failed: ${error.message}`;
    throw new ReplyError(ResponseCode.SUBSCRIPTION_PARSE_FAILED, remark);
  }
}

function registeredFilter(context: BrokerContext, header: PullHeader, data: SubscriptionData): PropertyFilter {
  const filter = context.filters.find(header.topic, header.consumerGroup);
  if (filter === undefined) {
    const remark = "The broker's consumer filter data is not exist!Your expression may be wrong!";
    throw new ReplyError(ResponseCode.FILTER_DATA_NOT_EXIST, remark);
  }
  if (filter.data.clientVersion < data.subVersion) {
    throw new ReplyError(ResponseCode.FILTER_DATA_NOT_LATEST, "the consumer's consumer filter data not latest");
  }
  return filter.matches;
}

function registeredSubscription(context: BrokerContext, header: PullHeader): Subscription {
  const { consumerGroup, topic, subVersion } = header;
  const group = context.consumers.group(consumerGroup);
  if (group === undefined) {
    throw new ReplyError(ResponseCode.SUBSCRIPTION_NOT_EXIST, `the consumer's group info not exist${faqText}`);
  }
  const isBroadcast = group.messageModel === 'BROADCASTING';
  if (isBroadcast && context.groups.select(consumerGroup)?.consumeBroadcastEnable === false) {
    const remark = `the consumer group[${consumerGroup}] can not consume by broadcast way`;
    throw new ReplyError(ResponseCode.NO_PERMISSION, remark);
  }
  const subscription = group.subscription(topic);
  if (subscription === undefined) {
    throw new ReplyError(ResponseCode.SUBSCRIPTION_NOT_EXIST, `the consumer's subscription not exist${faqText}`);
  }
  if (subscription.data.subVersion < subVersion) {
    throw new ReplyError(ResponseCode.SUBSCRIPTION_NOT_LATEST, "the consumer's subscription not latest");
  }
  return subscription;
}
