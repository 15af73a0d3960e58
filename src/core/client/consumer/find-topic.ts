/**
 * The topic a consumer subscribes to, which may not exist yet: it comes into being with its first message, and then the
 * consumer is to be there.
 */

import { PocketError } from '../../common/errors.ts';
import type { ClientInstance } from '../client-instance.ts';
import type { Delays } from '../delays.ts';

const AWAIT_TOPIC_MS = 1000;

/**
 * Gets the topic's route. One that does not exist is looked for every second until the delays end; its new route then
 * brings the division of its queues. Rejects as a route does, but not with NOT_FOUND.
 */
export async function findTopic(instance: ClientInstance, delays: Delays, group: string, topic: string): Promise<void> {
  try {
    await instance.routes.route(topic);
  } catch (error) {
    if (!(error instanceof PocketError && error.code === 'NOT_FOUND')) throw error;
    instance.logger.warn(`${group} waits for the topic ${topic}, which does not exist yet`);
    void awaitTopic(instance, delays, topic);
  }
}

/** Never rejects. */
async function awaitTopic(instance: ClientInstance, delays: Delays, topic: string): Promise<void> {
  while (await delays.wait(AWAIT_TOPIC_MS)) {
    const found = await instance.routes.route(topic).catch(() => undefined);
    if (found !== undefined) return;
  }
}
