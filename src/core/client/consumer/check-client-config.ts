/**
 * Asks a broker of each topic whether it can filter what a consumer subscribes to (CHECK_CLIENT_CONFIG, 46), so that a wrong
 * expression ends the start instead of every pull. Mirrors MQClientInstance.checkClientInBroker: tags are not asked for, nor is
 * anything of a topic that nobody knows yet.
 */

import { encodeCheckClientRequestBody } from '../../protocol/bodies/check-client-config.ts';
import type { SubscriptionData } from '../../protocol/bodies/subscription-data.ts';
import { checkClientConfig as request } from '../../protocol/requests/check-client-config.ts';
import { call } from '../../remoting/call.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import { CLIENT_API_TIMEOUT_MS, type ClientInstance } from '../client-instance.ts';

/** Rejects with PocketError RESPONSE when a broker refuses, CONNECT or TIMEOUT when it cannot be asked. */
export async function checkClientConfig(
  instance: ClientInstance,
  group: string,
  subscriptions: readonly SubscriptionData[],
): Promise<void> {
  for (const subscriptionData of subscriptions) {
    if (subscriptionData.expressionType === 'TAG') continue;
    const broker = instance.routes.knownRoute(subscriptionData.topic)?.brokerDatas[0];
    const addr = broker && selectBrokerAddr(broker, instance.random);
    if (addr === undefined) continue;
    const body = encodeCheckClientRequestBody({ clientId: instance.clientId, group, subscriptionData });
    await call(instance.client, addr, request, {}, { timeoutMs: CLIENT_API_TIMEOUT_MS, body });
  }
}
