/** The delay levels that the brokers of a topic go by. */

import { PocketError } from '../../common/errors.ts';
import { DEFAULT_MESSAGE_DELAY_LEVEL, DelayLevels } from '../../message/delay-level.ts';
import type { Admin } from './admin.ts';
import { brokerConfigs } from './config-admin.ts';
import { topicRoute } from './topic-admin.ts';

/**
 * The messageDelayLevel of the first broker of the topic; RocketMQ's own where the topic is not there yet, or the broker does
 * not tell.
 */
export async function delayLevelsOf(admin: Admin, topic: string): Promise<DelayLevels> {
  return new DelayLevels((await configured(admin, topic)) ?? DEFAULT_MESSAGE_DELAY_LEVEL);
}

async function configured(admin: Admin, topic: string): Promise<string | undefined> {
  try {
    const [broker] = (await topicRoute(admin, topic)).brokerDatas;
    const brokerAddr = broker?.brokerAddrs.get(0) ?? [...(broker?.brokerAddrs.values() ?? [])][0];
    if (brokerAddr === undefined) return undefined;
    const [config] = await brokerConfigs(admin, { brokerAddr });
    return config?.value?.messageDelayLevel;
  } catch (error) {
    if (error instanceof PocketError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
