/**
 * What queryCq prints: the group's subscription and filter where there are any, the queue's ends, then unit by unit.
 */

import { javaHashOrder, javaStringHashOrder } from '../../core/client/java-hash-order.ts';
import { prettyFastJson } from '../../core/common/fastjson.ts';
import type { ConsumeQueueAnswer, ConsumeQueueData } from '../../core/protocol/bodies/query-consume-queue.ts';
import type { SubscriptionData } from '../../core/protocol/bodies/subscription-data.ts';

const RULE = `${'='.repeat(38)}\n`;

/** `index` is that of the first unit. */
export function renderConsumeQueue(answer: ConsumeQueueAnswer, index: number): string {
  const { subscriptionData, filterData, maxQueueIndex, minQueueIndex, queueData } = answer;
  return [
    ...(subscriptionData === undefined ? [] : [`Subscription data: \n${subscriptionText(subscriptionData)}\n${RULE}`]),
    ...(filterData === undefined ? [] : [`Filter data: \n${filterData}\n${RULE}`]),
    `Queue data: \nmax: ${maxQueueIndex}, min: ${minQueueIndex}\n${RULE}`,
    ...queueData.map((unit, i) => `idx: ${index + i}\n${unitText(unit)}\n${RULE}`),
  ].join('');
}

/** Java keeps tags and codes in hash sets. */
function subscriptionText(subscription: SubscriptionData): string {
  return prettyFastJson({
    ...subscription,
    codeSet: new Set(javaHashOrder(new Set(subscription.codeSet), (code) => code)),
    tagsSet: new Set(javaStringHashOrder(subscription.tagsSet)),
  });
}

function unitText(unit: ConsumeQueueData): string {
  const { physicOffset, physicSize, tagsCode, extendDataJson = 'null', bitMap = 'null', msg = 'null' } = unit;
  return (
    `ConsumeQueueData{physicOffset=${physicOffset}, physicSize=${physicSize}, tagsCode=${tagsCode}, ` +
    `extendDataJson='${extendDataJson}', bitMap='${bitMap}', eval=${unit.eval}, msg='${msg}'}`
  );
}
