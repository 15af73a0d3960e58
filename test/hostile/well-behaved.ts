/**
 * A client that does nothing wrong: sends numbered messages to each queue of a topic, one after the other, and pulls each
 * queue from its beginning. Every message must come once and in order, and no call may fail.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { PullConsumer } from '../../src/core/client/consumer/pull-consumer.ts';
import type { Producer } from '../../src/core/client/producer/producer.ts';
import type { MessageQueue } from '../../src/core/message/message-queue.ts';

export interface WellBehavedOptions {
  readonly producer: Producer;
  readonly consumer: PullConsumer;
  readonly topic: string;
  /** Between an answer and the next message of a queue. */
  readonly pauseMs: number;
}

export interface WellBehavedCounts {
  sent: number;
  received: number;
  /** Calls that failed, and messages that were missing, twice there, or out of order. */
  errors: number;
  firstError: string;
}

const DRAIN_LIMIT_MS = 60_000;

export class WellBehaved {
  readonly counts: WellBehavedCounts = { sent: 0, received: 0, errors: 0, firstError: '' };
  readonly #options: WellBehavedOptions;
  #latencies: number[] = [];
  #sending = true;
  #pulling = true;
  #loops: Promise<void>[] = [];

  constructor(options: WellBehavedOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const queues = await this.#options.consumer.fetchSubscribeMessageQueues(this.#options.topic);
    for (const queue of queues) this.#loops.push(this.#send(queue), this.#pull(queue));
  }

  /** Milliseconds of the sends since the last call, ascending. */
  takeLatencies(): number[] {
    const latencies = this.#latencies.sort((a, b) => a - b);
    this.#latencies = [];
    return latencies;
  }

  /** Sends nothing more, takes what is on its way, and counts what does not come. */
  async finish(): Promise<WellBehavedCounts> {
    this.#sending = false;
    const deadline = Date.now() + DRAIN_LIMIT_MS;
    while (this.counts.received < this.counts.sent && Date.now() < deadline) await delay(20);
    this.#pulling = false;
    await Promise.all(this.#loops);
    const { sent, received } = this.counts;
    if (received !== sent) this.#error(`${sent} messages were sent, ${received} received`);
    return this.counts;
  }

  async #send(queue: MessageQueue): Promise<void> {
    const { producer, topic, pauseMs } = this.#options;
    for (let n = 0; this.#sending; n++) {
      const begun = performance.now();
      try {
        const { queueOffset } = await producer.send({ topic, body: `${queue.queueId}:${n}` }, { queue });
        this.#latencies.push(performance.now() - begun);
        if (queueOffset !== n) this.#error(`message ${n} of queue ${queue.queueId} has the offset ${queueOffset}`);
      } catch (error) {
        this.#error(`sending ${n} to queue ${queue.queueId}: ${String(error)}`);
        if (!(await this.#isStored(queue, n))) n--;
        else this.counts.sent++;
        continue;
      }
      this.counts.sent++;
      await delay(pauseMs);
    }
  }

  /** Whether a message is there whose sender heard nothing; true also when nobody can be asked any more. */
  async #isStored(queue: MessageQueue, n: number): Promise<boolean> {
    while (this.#sending) {
      await delay(200);
      try {
        return (await this.#options.consumer.maxOffset(queue)) > n;
      } catch {
        // Asked again.
      }
    }
    return true;
  }

  async #pull(queue: MessageQueue): Promise<void> {
    const { consumer } = this.#options;
    let next = 0;
    while (this.#pulling) {
      try {
        const { messages, nextBeginOffset } = await consumer.pull(queue, '*', next, 32);
        for (const { body } of messages) {
          const wanted = `${queue.queueId}:${next++}`;
          if (body.toString() !== wanted) this.#error(`${body.toString('utf8', 0, 100)} came where ${wanted} was due`);
          this.counts.received++;
        }
        if (nextBeginOffset !== next) this.#error(`queue ${queue.queueId} goes on at ${nextBeginOffset}, not ${next}`);
        if (messages.length === 0) await delay(20);
      } catch (error) {
        this.#error(`pulling queue ${queue.queueId}: ${String(error)}`);
        await delay(100);
      }
    }
  }

  #error(what: string): void {
    this.counts.errors++;
    if (this.counts.firstError === '') this.counts.firstError = what;
  }
}
