/**
 * How fast a consumer pulls and consumes each of its topics, and which listener calls are under way. Mirrors
 * ConsumerStatsManager: rates and times of the last minute, failures of the last hour.
 */

import type { Clock } from '../../common/clock.ts';
import type { MessageExt } from '../../message/message.ts';
import type { ConsumeStatus } from '../../protocol/bodies/consumer-running-info.ts';
import { RollingSum } from './rolling-sum.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const SECONDS = 60;

class TopicStats {
  readonly pulls = new RollingSum(MINUTE_MS);
  readonly pullMs = new RollingSum(MINUTE_MS);
  readonly pulled = new RollingSum(MINUTE_MS);
  readonly calls = new RollingSum(MINUTE_MS);
  readonly callMs = new RollingSum(MINUTE_MS);
  readonly consumed = new RollingSum(MINUTE_MS);
  readonly failed = new RollingSum(MINUTE_MS);
  readonly failedInHour = new RollingSum(HOUR_MS);
}

/** A listener call that has not ended. */
export interface ListenerCall {
  readonly messages: readonly MessageExt[];
  /** Monotonic, ms. */
  readonly begunAt: number;
}

export class ConsumerStats {
  readonly #clock: Clock;
  readonly #topics = new Map<string, TopicStats>();
  readonly #calls = new Set<ListenerCall>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A pull brought messages after so many ms. */
  pulled(topic: string, messages: number, ms: number): void {
    const now = this.#clock.monotonic();
    const stats = this.#of(topic);
    stats.pulls.add(now, 1);
    stats.pullMs.add(now, ms);
    stats.pulled.add(now, messages);
  }

  /** The listener with its calls counted; `isDone` tells from its answer whether the messages are consumed. */
  measured<C, R>(
    listener: (messages: MessageExt[], context: C) => R | Promise<R>,
    isDone: (status: R) => boolean,
  ): (messages: MessageExt[], context: C) => Promise<R> {
    return async (messages, context) => {
      const call = { messages, begunAt: this.#clock.monotonic() };
      this.#calls.add(call);
      let done = false;
      try {
        const status = await listener(messages, context);
        done = isDone(status);
        return status;
      } finally {
        this.#calls.delete(call);
        this.#consumed(messages, done, call.begunAt);
      }
    };
  }

  /** The listener calls under way, the oldest first. */
  calls(): ListenerCall[] {
    return [...this.#calls];
  }

  status(topic: string): ConsumeStatus {
    const now = this.#clock.monotonic();
    const { pulls, pullMs, pulled, calls, callMs, consumed, failed, failedInHour } = this.#of(topic);
    return {
      pullRT: mean(pullMs.sum(now), pulls.sum(now)),
      pullTPS: pulled.sum(now) / SECONDS,
      consumeRT: mean(callMs.sum(now), calls.sum(now)),
      consumeOKTPS: consumed.sum(now) / SECONDS,
      consumeFailedTPS: failed.sum(now) / SECONDS,
      consumeFailedMsgs: failedInHour.sum(now),
    };
  }

  #consumed(messages: readonly MessageExt[], done: boolean, begunAt: number): void {
    const now = this.#clock.monotonic();
    const stats = this.#of(messages[0]?.topic ?? '');
    stats.calls.add(now, 1);
    stats.callMs.add(now, now - begunAt);
    (done ? stats.consumed : stats.failed).add(now, messages.length);
    if (!done) stats.failedInHour.add(now, messages.length);
  }

  #of(topic: string): TopicStats {
    let stats = this.#topics.get(topic);
    if (stats === undefined) {
      stats = new TopicStats();
      this.#topics.set(topic, stats);
    }
    return stats;
  }
}

const mean = (total: number, times: number): number => (times === 0 ? 0 : total / times);
