/** How often a message may come back before it goes to the dead letter queue of its group. */
import type { SubscriptionGroupConfig } from '../protocol/bodies/subscription-group.ts';

/** Since V3_4_9 a client's maxReconsumeTimes counts. */
const VERSION_WITH_MAX_RECONSUME_TIMES = 121;

export interface ClientLimit {
  /** Of the client that asks. */
  version: number;
  maxReconsumeTimes: number | undefined;
}

export function isConsumedTooOften(
  reconsumeTimes: number,
  group: SubscriptionGroupConfig,
  client: ClientLimit,
): boolean {
  const counts = client.version >= VERSION_WITH_MAX_RECONSUME_TIMES;
  return reconsumeTimes >= ((counts ? client.maxReconsumeTimes : undefined) ?? group.retryMaxTimes);
}
