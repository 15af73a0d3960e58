/** RocketMQ's benchmark consumer: how many messages come a second, how long after they were born and stored. */

import { readFileSync } from 'node:fs';
import { PushConsumer } from '../../core/client/consumer/push-consumer.ts';
import type { MessageSelector } from '../../core/client/consumer/subscription.ts';
import type { MessageExt } from '../../core/message/message.ts';
import { CliFault, ValueFault } from '../faults.ts';
import type { Io } from '../io.ts';
import type { BenchmarkLine } from './benchmark-options.ts';
import type { ExampleProgram } from './example-run.ts';
import { decimals, perSecond, Snapshots } from './snapshots.ts';

class ConsumerStats {
  readonly counts = { at: 0, received: 0, born2Consumer: 0, store2Consumer: 0, failed: 0 };
  maxBorn = 0;
  maxStore = 0;

  readonly snapshot = (): ConsumerStats['counts'] => ({ ...this.counts, at: Date.now() });

  received({ bornTimestamp, storeTimestamp }: MessageExt, failed: boolean): void {
    const now = Date.now();
    const { counts } = this;
    counts.received++;
    counts.born2Consumer += now - bornTimestamp;
    counts.store2Consumer += now - storeTimestamp;
    if (failed) counts.failed++;
    this.maxBorn = Math.max(this.maxBorn, now - bornTimestamp);
    this.maxStore = Math.max(this.maxStore, now - storeTimestamp);
  }

  text(first: ConsumerStats['counts'], last: ConsumerStats['counts']): string {
    const received = last.received - first.received;
    const born = decimals((last.born2Consumer - first.born2Consumer) / received);
    const store = decimals((last.store2Consumer - first.store2Consumer) / received);
    const tps = perSecond(received, last.at - first.at);
    const text =
      `Current Time: ${Date.now()} TPS: ${tps} FAIL: ${last.failed - first.failed} AVG(B2C) RT(ms): ${born} ` +
      `AVG(S2C) RT(ms): ${store} MAX(B2C) RT(ms): ${this.maxBorn} MAX(S2C) RT(ms): ${this.maxStore}\n`;
    this.maxBorn = 0;
    this.maxStore = 0;
    return text;
  }
}

/** org.apache.rocketmq.example.benchmark.Consumer; never resolves, rejects with the interruption that ends it. */
export const benchmarkConsumer =
  (line: BenchmarkLine): ExampleProgram =>
  async ({ namesrvAddrs, io, watch }) => {
    const topic = line.text('t') ?? 'BenchmarkTest';
    const threadCount = line.number('w', 20);
    const failRate = Number(line.text('r') ?? 0);
    if (Number.isNaN(failRate)) throw new ValueFault(`-r is a number from 0 to 1, not "${line.text('r')}".`);
    const suffix = line.text('p') ?? 'false';
    const prefix = line.text('g') ?? 'benchmark_consumer';
    const group = line.flag('p') ? `${prefix}_${Date.now() % 100}` : prefix;
    const [filterType, expression] = [line.text('f') ?? null, line.text('e') ?? null];
    io.out(
      `topic: ${topic}, threadCount ${threadCount}, group: ${group}, suffix: ${suffix}, filterType: ${filterType}, ` +
        `expression: ${expression}, msgTraceEnable: ${line.flag('m')}, aclEnable: false\n`,
    );
    const stats = new ConsumerStats();
    const consumer = new PushConsumer({
      group,
      namesrvAddrs,
      subscriptions: { [topic]: subscriptionOf(filterType, expression, io) },
      consumeThreadMax: threadCount,
      enableMsgTrace: line.flag('m'),
      listener: ([message]) => {
        if (message === undefined) return;
        const fails = Math.random() < failRate;
        stats.received(message, fails);
        return fails ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS';
      },
    });
    const snapshots = new Snapshots(stats.snapshot, (first, last) => io.out(stats.text(first, last)));
    try {
      snapshots.start();
      await Promise.race([consumer.start(), watch.interrupted]);
      io.out('Consumer Started.\n');
      await watch.interrupted;
    } finally {
      snapshots.stop();
      await consumer.stop();
    }
  };

function subscriptionOf(filterType: string | null, file: string | null, io: Io): string | MessageSelector {
  if (filterType === null || file === null) return '*';
  if (filterType !== 'TAG' && filterType !== 'SQL92') throw new CliFault(`Not support filter type! ${filterType}.`, 1);
  const expression = readFileSync(file, 'utf8');
  io.out(`Expression: ${expression}\n`);
  return { type: filterType, expression };
}
