/**
 * The messages with a delay that a broker will put into queues that go away (shrink-topic.ts): they wait in SCHEDULE_TOPIC_XXXX, a
 * queue for each level, and name their own queue in REAL_TOPIC and REAL_QID. Each message there is read once, however often
 * count() is called.
 */

import type { MessageQueue } from '../../message/message-queue.ts';
import { Property } from '../../message/properties.ts';
import { Topic } from '../../message/topic-validator.ts';
import { decodeDelayOffset } from '../../protocol/bodies/delay-offset.ts';
import { getAllDelayOffset } from '../../protocol/requests/get-all-delay-offset.ts';
import { getMaxOffset } from '../../protocol/requests/get-max-offset.ts';
import { SUBSCRIBE_ALL, tagSubscription } from '../consumer/subscription.ts';
import type { Admin } from './admin.ts';
import { PullSession } from './pull-session.ts';

const PULL_BATCH = 32;
/** Of one level; what is not remembered any more counts until all before it are delivered. */
const MAX_REMEMBERED = 1_000_000;

interface Level {
  /** Read up to here. */
  next: number;
  /** Offsets of the messages that are meant, ascending. */
  waiting: number[];
}

export class DelayedWatch {
  readonly #admin: Admin;
  readonly #plan: DelayedPlan;
  readonly #levels = new Map<string, Level>();
  #session: PullSession | undefined;

  constructor(admin: Admin, plan: DelayedPlan) {
    this.#admin = admin;
    this.#plan = plan;
  }

  /** How many there are now. */
  async count(): Promise<number> {
    this.#session ??= await PullSession.open(this.#admin, Topic.SCHEDULE);
    let sum = 0;
    for (const { brokerName, addr } of this.#plan.brokers) {
      const { offsetTable } = decodeDelayOffset((await this.#admin.askBroker(addr, getAllDelayOffset, {})).body);
      for (const [level, delivered] of offsetTable) {
        sum += await this.#countLevel(this.#session, { brokerName, addr, queueId: level - 1 }, delivered);
      }
    }
    return sum;
  }

  async #countLevel(session: PullSession, place: LevelPlace, delivered: number): Promise<number> {
    const { brokerName, addr, queueId } = place;
    const key = `${brokerName} ${queueId}`;
    const level = this.#levels.get(key) ?? { next: delivered, waiting: [] };
    this.#levels.set(key, level);
    level.waiting = level.waiting.filter((offset) => offset >= delivered);
    level.next = Math.max(level.next, delivered);
    const { offset: end } = (await this.#admin.askBroker(addr, getMaxOffset, { topic: Topic.SCHEDULE, queueId }))
      .header;
    const mq = { topic: Topic.SCHEDULE, brokerName, queueId };
    while (level.next < end && level.waiting.length < MAX_REMEMBERED) await this.#readOn(session, mq, level);
    return level.waiting.length + (level.next < end ? 1 : 0);
  }

  async #readOn(session: PullSession, mq: MessageQueue, level: Level): Promise<void> {
    const { topic, queueNums } = this.#plan;
    const everything = tagSubscription(mq.topic, SUBSCRIBE_ALL, 0);
    const { messages, nextBeginOffset } = await session.pull(mq, level.next, PULL_BATCH, everything);
    for (const { properties, queueOffset } of messages) {
      const isMeant = properties[Property.REAL_TOPIC] === topic && Number(properties[Property.REAL_QID]) >= queueNums;
      if (isMeant) level.waiting.push(queueOffset);
    }
    // A broker that does not move on has nothing to give.
    level.next = Math.max(level.next + 1, nextBeginOffset);
  }
}

/** What is looked for. */
interface DelayedPlan {
  readonly topic: string;
  readonly queueNums: number;
  readonly brokers: readonly { readonly brokerName: string; readonly addr: string }[];
}

interface LevelPlace {
  readonly brokerName: string;
  readonly addr: string;
  readonly queueId: number;
}
