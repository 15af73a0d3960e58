/**
 * What a consumer tells of itself when it is asked for its running info (307). Mirrors consumerRunningInfo of the consumers
 * and of MQClientInstance, ProcessQueue.fillProcessQueueInfo.
 */

import type { Clock } from '../../common/clock.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import {
  type ConsumerRunningInfo,
  RunningProperty,
  type RunningQueue,
} from '../../protocol/bodies/consumer-running-info.ts';
import type { ConsumeType } from '../../protocol/bodies/heartbeat-data.ts';
import { versionName } from '../../protocol/mq-version.ts';
import { CURRENT_VERSION } from '../../remoting/command-header.ts';
import type { ListenerCall } from './consumer-stats.ts';
import type { ProcessQueue } from './process-queue.ts';

const MIB = 1024 * 1024;

export interface MemberFacts {
  readonly namesrvAddrs: readonly string[];
  readonly consumeType: ConsumeType;
  readonly ordered: boolean;
  readonly consumeThreadMax: number;
  /** Wall clock, ms. */
  readonly startedAt: number;
  /** Further settings, by Java's names. */
  readonly settings: Readonly<Record<string, string | number | boolean | undefined>>;
}

export function runningProperties(facts: MemberFacts): ConsumerRunningInfo['properties'] {
  const settings = Object.entries(facts.settings).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return {
    ...Object.fromEntries(settings),
    [RunningProperty.NAMESERVER_ADDR]: facts.namesrvAddrs.map((addr) => `${addr};`).join(''),
    [RunningProperty.CONSUME_TYPE]: facts.consumeType,
    [RunningProperty.CONSUME_ORDERLY]: String(facts.ordered),
    [RunningProperty.THREADPOOL_CORE_SIZE]: String(facts.consumeThreadMax),
    [RunningProperty.CONSUMER_START_TIMESTAMP]: String(facts.startedAt),
    [RunningProperty.CLIENT_VERSION]: versionName(CURRENT_VERSION),
  };
}

export interface QueueLock {
  readonly locked: boolean;
  /** Wall clock, ms; 0 for never. */
  readonly lastLockTimestamp: number;
}

export function runningQueue(queue: ProcessQueue, commitOffset: number | undefined, lock: QueueLock): RunningQueue {
  const { mq, messageCount, bytes, dropped, lastPullTimestamp, lastConsumeTimestamp } = queue;
  return {
    mq,
    commitOffset: commitOffset ?? 0,
    cachedMsgMinOffset: queue.minOffset ?? 0,
    cachedMsgMaxOffset: messageCount === 0 ? 0 : queue.maxOffset,
    cachedMsgCount: messageCount,
    cachedMsgSizeInMiB: Math.floor(bytes / MIB),
    transactionMsgMinOffset: 0,
    transactionMsgMaxOffset: 0,
    transactionMsgCount: 0,
    locked: lock.locked,
    tryUnlockTimes: 0,
    lastLockTimestamp: lock.lastLockTimestamp,
    droped: dropped,
    lastPullTimestamp,
    lastConsumeTimestamp,
  };
}

/**
 * What stands where Java sends the stacks of its threads: Node has one, whose stack at this moment is that of the answer.
 * What can hang is a listener, so its calls are listed, the oldest first.
 */
export function activityText(calls: readonly ListenerCall[], clock: Clock): string {
  const name = 'main'.padEnd(40);
  const lines = [`${name}TID: 1 STATE: RUNNABLE`, `${name}listener calls under way: ${calls.length}`];
  const now = clock.monotonic();
  for (const { messages, begunAt } of calls) {
    const [first] = messages;
    const place = first === undefined ? '' : queueText({ ...first, brokerName: first.brokerName ?? '' });
    const what = `${messages.length} message(s) from ${place} offset ${first?.queueOffset} ${first?.msgId}`;
    lines.push(`${name}for ${Math.round(now - begunAt)} ms: ${what}`);
  }
  return `${lines.join('\n')}\n\n`;
}

const queueText = ({ topic, brokerName, queueId }: MessageQueue): string => `${topic} ${brokerName} ${queueId}`;
