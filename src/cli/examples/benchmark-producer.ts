/**
 * RocketMQ's benchmark producers, one message and one batch a request: `threadCount` senders that each wait for an answer, or
 * with -y one that does not.
 *
 * Differences: whatever a send fails with, its sender rests three seconds, where Java goes on at once after some failures.
 */

import { randomInt } from 'node:crypto';
import { Producer } from '../../core/client/producer/producer.ts';
import { PocketError } from '../../core/common/errors.ts';
import type { NewMessage } from '../../core/message/message.ts';
import { Property } from '../../core/message/properties.ts';
import { timeWithMillis } from '../output/java-time.ts';
import type { BenchmarkLine } from './benchmark-options.ts';
import { type ExampleProgram, rest } from './example-run.ts';
import { decimals, perSecond, Snapshots } from './snapshots.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const FAILURE_PAUSE_MS = 3000;
const NEVER_COMPRESS = 2 ** 31 - 1;

interface Counts {
  at: number;
  requests: number;
  sendFailed: number;
  responseFailed: number;
  messages: number;
  messagesFailed: number;
  totalRt: number;
}

class ProducerStats {
  readonly counts: Counts = {
    ...{ at: 0, requests: 0, sendFailed: 0, responseFailed: 0 },
    ...{ messages: 0, messagesFailed: 0, totalRt: 0 },
  };
  maxRt = 0;

  readonly snapshot = (): Counts => ({ ...this.counts, at: Date.now() });

  stored(begun: number, messages: number): void {
    const rt = Date.now() - begun;
    this.counts.requests++;
    this.counts.messages += messages;
    this.counts.totalRt += rt;
    this.maxRt = Math.max(this.maxRt, rt);
  }

  failed(error: unknown, messages: number): void {
    if (error instanceof PocketError && error.code === 'RESPONSE') this.counts.responseFailed++;
    else this.counts.sendFailed++;
    this.counts.messagesFailed += messages;
  }
}

const bodyOf = (size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, () => LETTERS[randomInt(LETTERS.length)]).join(''));

const producerOf = (group: string, namesrvAddrs: readonly string[], enableMsgTrace: boolean): Producer =>
  new Producer({ group, namesrvAddrs, enableMsgTrace, compressMsgBodyOverHowmuch: NEVER_COMPRESS });

/** org.apache.rocketmq.example.benchmark.Producer */
export const benchmarkProducer =
  (line: BenchmarkLine): ExampleProgram =>
  async ({ namesrvAddrs, io, watch }) => {
    const topic = line.text('t') ?? 'BenchmarkTest';
    const [keyEnable, delayEnable, asyncEnable] = [line.flag('k'), line.flag('d'), line.flag('y')];
    const [size, tagCount, quantity] = [line.number('s', 128), line.number('l', 0), line.number('q', 0)];
    const delayLevel = line.number('e', 1);
    const threadCount = asyncEnable ? 1 : line.number('w', 64);
    io.out(
      `topic: ${topic} threadCount: ${threadCount} messageSize: ${size} keyEnable: ${keyEnable} propertySize: 0 ` +
        `tagCount: ${tagCount} traceEnable: ${line.flag('m')} aclEnable: false messageQuantity: ${quantity}\n` +
        `delayEnable: ${delayEnable} delayLevel: ${delayLevel}\nasyncEnable: ${asyncEnable}\n`,
    );
    const body = bodyOf(size);
    const make = (now: number): NewMessage => ({
      ...{ topic, body },
      keys: keyEnable ? String(Math.trunc(now / 1000)) : undefined,
      tags: tagCount > 0 ? `tag${now % tagCount}` : undefined,
      properties: delayEnable ? { [Property.DELAY]: String(delayLevel) } : undefined,
    });
    const stats = new ProducerStats();
    const text = (first: Counts, last: Counts): string => {
      const requests = last.requests - first.requests;
      const average = decimals((last.totalRt - first.totalRt) / requests);
      const failed = `Send Failed: ${last.sendFailed} Response Failed: ${last.responseFailed}`;
      return `Send TPS: ${perSecond(requests, last.at - first.at)} Max RT(ms): ${stats.maxRt} Average RT(ms): ${average} ${failed}`;
    };
    const snapshots = new Snapshots(stats.snapshot, (first, last) =>
      io.out(`Current Time: ${timeWithMillis(Date.now())} ${text(first, last)}\n`),
    );
    const producer = producerOf('benchmark_producer', namesrvAddrs, line.flag('m'));
    const send = async (): Promise<void> => {
      const begun = Date.now();
      const message = make(begun);
      if (!asyncEnable) {
        await producer.send(message);
        stats.stored(begun, 1);
        return;
      }
      const callback = {
        onSuccess: () => stats.stored(begun, 1),
        onException: (error: unknown) => stats.failed(error, 1),
      };
      await producer.sendAsync(message, callback);
    };
    await crowd({ producer, stats, snapshots, interrupted: watch.interrupted }, shares(quantity, threadCount), send);
    const { requests, sendFailed, responseFailed } = stats.counts;
    const total = `[Complete] Send Total: ${requests + sendFailed}`;
    const { ends } = snapshots;
    if (ends === undefined) io.out(`${total} Send Failed: ${sendFailed} Response Failed: ${responseFailed}\n`);
    else io.out(`${total} ${text(...ends)}\n`);
  };

/** org.apache.rocketmq.example.benchmark.BatchProducer; it never ends. */
export const benchmarkBatchProducer =
  (line: BenchmarkLine): ExampleProgram =>
  async ({ namesrvAddrs, io, watch }) => {
    const topic = line.text('t') ?? 'BenchmarkTest';
    const [threadCount, size, batchSize] = [line.number('w', 64), line.number('s', 128), line.number('b', 16)];
    const [tagCount, propertySize, keyEnable] = [line.number('l', 0), line.number('p', 0), line.flag('k')];
    io.out(
      `topic: ${topic} threadCount: ${threadCount} messageSize: ${size} batchSize: ${batchSize} keyEnable: ${keyEnable} ` +
        `propertySize: ${propertySize} tagCount: ${tagCount} traceEnable: ${line.flag('m')} aclEnable: false\n`,
    );
    const body = bodyOf(size);
    const stats = new ProducerStats();
    const snapshots = new Snapshots(stats.snapshot, (first, last) => {
      const [requests, messages] = [last.requests - first.requests, last.messages - first.messages];
      const [rt, millis] = [last.totalRt - first.totalRt, last.at - first.at];
      const rates = `Send TPS: ${perSecond(requests, millis)} Send MPS: ${perSecond(messages, millis)}`;
      const averages = `Average RT(ms): ${decimals(rt / requests)} Average Message RT(ms): ${decimals(rt / messages)}`;
      const failed = `Send Failed: ${last.sendFailed + last.responseFailed} Send Message Failed: ${last.messagesFailed}`;
      io.out(`Current Time: ${Date.now()} ${rates} Max RT(ms): ${stats.maxRt} ${averages} ${failed}\n`);
    });
    const producer = producerOf('benchmark_batch_producer', namesrvAddrs, line.flag('m'));
    const send = async (): Promise<void> => {
      const begun = Date.now();
      const batch = Array.from(
        { length: batchSize },
        (_, i): NewMessage => ({
          ...{ topic, body },
          keys: keyEnable ? String(Math.trunc(begun / 1000)) : undefined,
          tags: tagCount > 0 ? `tag${(stats.counts.messages % tagCount) + i}` : undefined,
          properties: propertySize > 0 ? propertiesOf(propertySize) : undefined,
        }),
      );
      const { sendStatus } = await producer.sendBatch(batch);
      if (sendStatus === 'SEND_OK') stats.stored(begun, batchSize);
      else stats.failed(undefined, batchSize);
    };
    const all = { producer, stats, snapshots, interrupted: watch.interrupted };
    await crowd(all, shares(0, threadCount), send, batchSize);
  };

/** How many messages each sender has; the first takes what is left over. */
export function shares(quantity: number, threadCount: number): number[] {
  if (quantity === 0) return Array.from({ length: threadCount }, () => Number.POSITIVE_INFINITY);
  const each = Math.floor(quantity / threadCount);
  return Array.from({ length: threadCount }, (_, i) => each + (i === 0 ? quantity % threadCount : 0));
}

interface Crowd {
  readonly producer: Producer;
  readonly stats: { failed(error: unknown, messages: number): void };
  readonly snapshots: { start(): void; stop(): void };
  readonly interrupted: Promise<never>;
}

/** Runs a sender for each share. Resolves when all are done, rejects with the interruption. */
export async function crowd(
  { producer, stats, snapshots, interrupted }: Crowd,
  counts: readonly number[],
  send: () => Promise<void>,
  messages = 1,
): Promise<void> {
  let over = false;
  const sender = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count && !over; sent++) {
      try {
        await send();
      } catch (error) {
        if (over) return;
        stats.failed(error, messages);
        await rest(FAILURE_PAUSE_MS, interrupted).catch(() => {});
      }
    }
  };
  try {
    await producer.start();
    snapshots.start();
    await Promise.race([Promise.all(counts.map(sender)).then(() => producer.idle()), interrupted]);
  } finally {
    over = true;
    snapshots.stop();
    await producer.stop();
  }
}

/** `prop0=hello42`, and so on, until they are longer than `size`. */
function propertiesOf(size: number): Record<string, string> {
  const properties: Record<string, string> = {};
  let value = randomInt(100);
  for (let i = 0, length = 0; length <= size; i++, value++) {
    const [name, text] = [`prop${i}`, `hello${value}`];
    properties[name] = text;
    length += name.length + text.length;
  }
  return properties;
}
