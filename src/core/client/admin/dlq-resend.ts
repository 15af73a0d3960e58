/**
 * Sending dead letters again, to the group that did not want them alone (its retry topic) or to the topic they come from, and
 * moving the mark past letters that are dealt with.
 *
 * One letter is under way at a time, each is sent to one queue and tried once, and what is reached is noted after each of
 * them: a run that is interrupted or fails goes on where it was. Only the letter whose send nobody answered (a kill, a
 * time-out) may be there twice.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { PocketError } from '../../common/errors.ts';
import type { MessageExt, NewMessage } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { Property } from '../../message/properties.ts';
import { RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import { ClientInstance } from '../client-instance.ts';
import { isTopicNotExist } from '../namesrv-client.ts';
import { Producer } from '../producer/producer.ts';
import { publishQueues } from '../topic-queues.ts';
import type { Admin } from './admin.ts';
import {
  type DlqQueue,
  type DlqSelection,
  dlqQueues,
  isSelected,
  isStillCompressed,
  readLetters,
} from './dead-letters.ts';
import { setMark } from './dlq-mark.ts';

const PRODUCER_GROUP = 'DlqResend';
/** Brokers of 4.9.1 want to be told; the letter begins anew with 0, so it is never reached by this send. */
const MAX_RECONSUME_TIMES = 16;
const MAX_TOPICS = 1000;

/** What a letter got on its way and must not take along: a delay, a transaction, what the broker that stored it noted. */
const left: ReadonlySet<string> = new Set([
  ...[Property.DELAY, Property.REAL_TOPIC, Property.REAL_QID, Property.TRAN_MSG, Property.CLUSTER, Property.WAIT],
  ...[Property.RECONSUME_TIME, Property.MAX_RECONSUME_TIMES, Property.CONSUME_START_TIME, Property.MSG_TYPE],
  ...[Property.INNER_MULTI_DISPATCH, Property.INNER_MULTI_QUEUE_OFFSET],
  // Of 5.x: timers and pops.
  ...['TIMER_DELAY_SEC', 'TIMER_DELAY_MS', 'TIMER_DELIVER_MS', 'TIMER_OUT_MS', 'TIMER_ENQUEUE_MS', 'TIMER_DEQUEUE_MS'],
  ...['TIMER_ROLL_TIMES', 'TIMER_DEL_UNIQKEY', 'POP_CK', '1ST_POP_TIME', 'POP_CK_OFFSET'],
]);

/** How far a run with a selection is, kept where it survives the run: the mark cannot say it. */
export interface ResendProgress {
  /** Where to begin in a queue; undefined: at the mark. */
  begin(mq: MessageQueue): number | undefined;
  /** Everything before `offset` is dealt with. */
  reached(mq: MessageQueue, offset: number): void;
}

/** Which dead letters are sent again, where to and how fast. */
export interface ResendOptions {
  /** Whose dead letters. */
  readonly consumerGroup: string;
  /** The group's retry topic: only this group gets them; or the topic each comes from: all groups of it do. Default retry. */
  readonly to?: 'retry' | 'origin' | undefined;
  /** Which letters; all that wait. */
  readonly selection?: DlqSelection | undefined;
  /** At most so many a second. */
  readonly rate?: number | undefined;
  /** Nothing is sent and nothing noted. */
  readonly dryRun?: boolean | undefined;
  /** Of a run with a selection. */
  readonly progress?: ResendProgress | undefined;
  /** Ends the run behind the letter that is under way. */
  readonly signal?: AbortSignal | undefined;
  /** A letter was sent, or with dryRun would be. */
  readonly onSent?: ((message: MessageExt, topic: string) => void) | undefined;
  /** Letters looked at so far, and how many there are. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What a run came to. */
export interface ResendOutcome {
  /** Letters sent, or with dryRun those that would be. */
  readonly sent: number;
  /** Looked at and not selected. */
  readonly passed: number;
  /** Not looked at, because the run ended before. */
  readonly left: number;
  /** Why it ended before: absent when it did not, or was aborted. */
  readonly error?: PocketError;
  /** The letter that could not be sent. */
  readonly failed?: MessageExt;
}

/**
 * Sends letters again, queue by queue, the oldest first; those that die meanwhile are not looked at. Rejects with NOT_FOUND for
 * a group without dead letters or, with `retry`, without a retry topic; what happens later is told in the outcome.
 */
export async function resendDeadLetters(admin: Admin, options: ResendOptions): Promise<ResendOutcome> {
  const queues = await dlqQueues(admin, options.consumerGroup);
  const run = new ResendRun(admin, options, queues);
  await run.prepare();
  return run.run();
}

class ResendRun {
  readonly #admin: Admin;
  readonly #options: ResendOptions;
  readonly #queues: readonly { queue: DlqQueue; from: number }[];
  readonly #total: number;
  readonly #targets = new Map<string, MessageQueue[]>();
  readonly #producer: Producer;
  readonly #instance: ClientInstance;
  readonly #begun: number;
  #sent = 0;
  #passed = 0;
  #done = 0;
  #failed: MessageExt | undefined;

  constructor(admin: Admin, options: ResendOptions, queues: readonly DlqQueue[]) {
    this.#admin = admin;
    this.#options = options;
    const { progress, selection } = options;
    this.#queues = queues.map((queue) => {
      const known = progress?.begin(queue.mq) ?? (selection?.handled ? queue.minOffset : queue.mark);
      return { queue, from: Math.min(queue.maxOffset, Math.max(queue.minOffset, known)) };
    });
    this.#total = this.#queues.reduce((sum, { queue, from }) => sum + queue.maxOffset - from, 0);
    const { clock, logger, random } = admin;
    this.#instance = new ClientInstance({ clock, logger, random, shared: admin });
    this.#producer = new Producer({ group: PRODUCER_GROUP, instance: this.#instance });
    this.#begun = clock.monotonic();
  }

  /** Rejects when there is no retry topic to send to. */
  async prepare(): Promise<void> {
    const { to = 'retry', consumerGroup } = this.#options;
    if (to === 'retry') await this.#queuesOf(RETRY_GROUP_TOPIC_PREFIX + consumerGroup);
  }

  async run(): Promise<ResendOutcome> {
    let error: PocketError | undefined;
    try {
      await this.#producer.start();
      for (const { queue, from } of this.#queues) await this.#resendQueue(queue, from);
    } catch (reason) {
      if (!(reason instanceof PocketError)) throw reason;
      error = reason;
    } finally {
      await this.#producer.stop();
      await this.#instance.stop();
    }
    return {
      sent: this.#sent,
      passed: this.#passed,
      left: this.#total - this.#done,
      ...(error !== undefined && { error }),
      ...(this.#failed !== undefined && { failed: this.#failed }),
    };
  }

  get #isOver(): boolean {
    return this.#options.signal?.aborted === true;
  }

  async #resendQueue(queue: DlqQueue, from: number): Promise<void> {
    const { selection = {} } = this.#options;
    let [reached, isUnbroken] = [from, from <= queue.mark];
    const reach = async (offset: number): Promise<void> => {
      this.#done += offset - reached;
      reached = offset;
      await this.#note(queue, offset, isUnbroken);
    };
    for await (const { messages, next } of readLetters(this.#admin, queue, from, queue.maxOffset)) {
      for (const message of messages) {
        if (this.#isOver) return;
        if (isSelected(selection, message)) {
          if (!(await this.#resend(message))) return;
        } else {
          this.#passed++;
          isUnbroken = false;
        }
        await reach(message.queueOffset + 1);
      }
      // Letters that the log has lost.
      if (reached < next) await reach(next);
    }
  }

  /** False: the run was aborted while it waited for its turn. */
  async #resend(message: MessageExt): Promise<boolean> {
    const { consumerGroup, to = 'retry', dryRun, onSent } = this.#options;
    if (!(await this.#paced())) return false;
    this.#failed = message;
    const origin = message.properties[Property.RETRY_TOPIC];
    if (origin === undefined) throw unsendable(message, 'does not say which topic it comes from (RETRY_TOPIC)');
    const topic = to === 'retry' ? RETRY_GROUP_TOPIC_PREFIX + consumerGroup : origin;
    const copy = copyOf(message, topic);
    const queue = await this.#queueFor(topic, message);
    if (!dryRun) await this.#producer.send(copy, { queue });
    this.#failed = undefined;
    this.#sent++;
    onSent?.(message, topic);
    return true;
  }

  /** Waits until the rate allows one more. */
  async #paced(): Promise<boolean> {
    const { rate, signal } = this.#options;
    if (rate === undefined) return !this.#isOver;
    const wait = this.#begun + (this.#sent * 1000) / rate - this.#admin.clock.monotonic();
    if (wait > 0) await pause(wait, undefined, { signal }).catch(() => {});
    return !this.#isOver;
  }

  /** Of the queues of the broker the letter lies on, where there are some, each in its turn. */
  async #queueFor(topic: string, message: MessageExt): Promise<MessageQueue> {
    const all = await this.#queuesOf(topic);
    const near = all.filter(({ brokerName }) => brokerName === message.brokerName);
    const queues = near.length > 0 ? near : all;
    return queues[this.#sent % queues.length] as MessageQueue;
  }

  async #queuesOf(topic: string): Promise<MessageQueue[]> {
    const known = this.#targets.get(topic);
    if (known !== undefined) return known;
    const route = await this.#admin.namesrv.route(topic).catch((error: unknown) => {
      throw isTopicNotExist(error) ? this.#noTarget(topic, error) : error;
    });
    const queues = publishQueues(topic, route);
    if (queues.length === 0) throw new PocketError('NOT_FOUND', `no broker takes messages for the topic ${topic}`);
    if (this.#targets.size >= MAX_TOPICS) this.#targets.clear();
    this.#targets.set(topic, queues);
    return queues;
  }

  #noTarget(topic: string, cause: PocketError): PocketError {
    const { consumerGroup, to = 'retry' } = this.#options;
    const text =
      to === 'retry'
        ? `there is no topic ${topic}: start a member of the group ${consumerGroup} first, or use --to origin`
        : `the topic ${topic}, which the letter comes from, is not there any more: make it, or use --to retry`;
    return new PocketError('NOT_FOUND', text, { cause });
  }

  /** The mark goes on as long as nothing before it is left to be dealt with. */
  async #note(queue: DlqQueue, offset: number, isUnbroken: boolean): Promise<void> {
    const { progress, dryRun, onProgress } = this.#options;
    onProgress?.(this.#done, this.#total);
    if (dryRun) return;
    progress?.reached(queue.mq, offset);
    if (isUnbroken && offset > queue.mark) await setMark(this.#admin, queue, offset);
  }
}

/** As a program would send it: same unique id, tags, keys and properties, and the count of its attempts begins anew. */
function copyOf(message: MessageExt, topic: string): NewMessage {
  const isRetry = topic.startsWith(RETRY_GROUP_TOPIC_PREFIX);
  if (isStillCompressed(message)) throw unsendable(message, 'is compressed in a way that cannot be read here');
  const properties = Object.fromEntries(Object.entries(message.properties).filter(([name]) => !left.has(name)));
  if (isRetry) properties[Property.MAX_RECONSUME_TIMES] = String(MAX_RECONSUME_TIMES);
  else delete properties[Property.RETRY_TOPIC];
  return { topic, body: message.body, flag: message.flag, properties };
}

const unsendable = ({ offsetMsgId }: MessageExt, why: string): PocketError =>
  new PocketError('PROTOCOL', `the dead letter ${offsetMsgId} ${why}`);
