/**
 * RocketMQ's benchmark of transactions: senders whose messages say how they end, at once and at each of the broker's questions; it
 * counts the questions that should not have come.
 *
 * Body: int64 batch id, int64 number of the message, a byte for the outcome, a byte for the answer to each of 20 questions (ordinals
 * of LocalTransactionState), then random bytes.
 *
 * Differences: after a failure its sender rests three seconds, where Java goes on at once; a size below 37 is refused, where
 * Java fails to make every message.
 */

import { randomBytes } from 'node:crypto';
import type { LocalTransactionState, TransactionListener } from '../../core/client/producer/transaction-listener.ts';
import { TransactionProducer } from '../../core/client/producer/transaction-producer.ts';
import type { MessageExt } from '../../core/message/message.ts';
import { Property } from '../../core/message/properties.ts';
import { ValueFault } from '../faults.ts';
import type { Io } from '../io.ts';
import { timeWithMillis } from '../output/java-time.ts';
import type { BenchmarkLine } from './benchmark-options.ts';
import { crowd, shares } from './benchmark-producer.ts';
import { type ExampleProgram, rest } from './example-run.ts';
import { perSecond, Snapshots } from './snapshots.ts';

/** In the order of their ordinals. */
const STATES: readonly LocalTransactionState[] = ['COMMIT_MESSAGE', 'ROLLBACK_MESSAGE', 'UNKNOW'];
const OUTCOME_AT = 16;
const QUESTIONS = 20;
const LEAST_SIZE = OUTCOME_AT + 1 + QUESTIONS;
const REMEMBERED = 200_000;

/** How often an outcome is one or the other; the second of what the first leaves. */
interface Rates {
  readonly rollback: number;
  readonly unknown: number;
}

const outcomeBy = ({ rollback, unknown }: Rates): number => {
  if (Math.random() < rollback) return 1;
  return Math.random() < unknown ? 2 : 0;
};

class TransactionStats {
  readonly counts = { at: 0, succeeded: 0, failed: 0, totalRt: 0, checks: 0, unexpected: 0, duplicated: 0 };
  maxRt = 0;

  readonly snapshot = (): TransactionStats['counts'] => ({ ...this.counts, at: Date.now() });

  took(rt: number): void {
    this.counts.totalRt += rt;
    this.maxRt = Math.max(this.maxRt, rt);
  }

  failed(): void {
    this.counts.failed++;
  }

  text(first: TransactionStats['counts'], last: TransactionStats['counts']): string {
    const [succeeded, failed] = [last.succeeded - first.succeeded, last.failed - first.failed];
    const tps = String(perSecond(succeeded + failed, last.at - first.at)).padStart(5);
    const average = ((last.totalRt - first.totalRt) / succeeded).toFixed(1).padStart(3);
    const text =
      `Current Time: ${Date.now()} Send TPS:${tps} Max RT(ms):${String(this.maxRt).padStart(5)} AVG RT(ms):${average} ` +
      `Send Failed: ${failed} check: ${last.checks - first.checks} unexpectedCheck: ${last.unexpected - first.unexpected} ` +
      `duplicatedCheck: ${last.duplicated - first.duplicated} \n`;
    this.maxRt = 0;
    return text;
  }
}

/** Answers as the bodies say, and prints the questions that should not have come. */
class TransactionAnswers implements TransactionListener<undefined> {
  readonly #batchId: bigint;
  readonly #stats: TransactionStats;
  readonly #io: Io;
  /** Number of a message -> a bit for each question that came, of the latest 200,000. */
  readonly #asked = new Map<bigint, number>();

  constructor(batchId: bigint, stats: TransactionStats, io: Io) {
    this.#batchId = batchId;
    this.#stats = stats;
    this.#io = io;
  }

  executeLocalTransaction({ body }: { readonly body: string | Uint8Array }): LocalTransactionState {
    return stateAt(Buffer.from(body as Uint8Array), 0);
  }

  checkLocalTransaction(message: MessageExt): LocalTransactionState {
    const { body } = message;
    if (body.length < LEAST_SIZE || body.readBigInt64BE(0) !== this.#batchId) return 'ROLLBACK_MESSAGE';
    this.#stats.counts.checks++;
    const told = Number.parseInt(message.properties[Property.TRANSACTION_CHECK_TIMES] ?? '', 10);
    if (Number.isNaN(told)) return 'ROLLBACK_MESSAGE';
    const times = Math.min(Math.max(told, 1), QUESTIONS);
    this.#remember(body.readBigInt64BE(8), 1 << (times - 1));
    for (let i = 0; i < times; i++) {
      const state = stateAt(body, i);
      if (state === 'UNKNOW') continue;
      this.#unexpected(message, i === 0 ? `sendResult=${state}` : `sendResult,lastCheckResult=${state}`);
      return state;
    }
    return stateAt(body, times);
  }

  #remember(number: bigint, question: number): void {
    const before = this.#asked.get(number);
    if (before !== undefined && (before & question) !== 0) this.#stats.counts.duplicated++;
    this.#asked.set(number, (before ?? 0) | question);
    if (this.#asked.size <= REMEMBERED) return;
    const [oldest] = this.#asked.keys();
    if (oldest !== undefined) this.#asked.delete(oldest);
  }

  #unexpected({ offsetMsgId, properties }: MessageExt, what: string): void {
    this.#stats.counts.unexpected++;
    const [txId, times] = [properties[Property.UNIQ_KEY], properties[Property.TRANSACTION_CHECK_TIMES]];
    const clock = timeWithMillis(Date.now()).slice(11);
    this.#io.out(`${clock} unexpected check: msgId=${offsetMsgId},txId=${txId},checkTimes=${times},${what}\n`);
  }
}

/** What a body says: 0 at once, 1 at the first question, and so on. */
const stateAt = (body: Buffer, question: number): LocalTransactionState =>
  STATES[body[OUTCOME_AT + question] ?? 0] ?? 'COMMIT_MESSAGE';

/** Makes the bodies, numbered from 0 beside the second of the start. */
function bodies(size: number, batchId: bigint, atOnce: Rates, asked: Rates): () => Buffer {
  const start = BigInt.asIntN(64, BigInt(Date.now()) << 32n);
  let count = 0n;
  return () => {
    const body = randomBytes(size);
    body.writeBigInt64BE(batchId, 0);
    body.writeBigInt64BE(start | count++, 8);
    body[OUTCOME_AT] = outcomeBy(atOnce);
    for (let i = 1; i <= QUESTIONS; i++) body[OUTCOME_AT + i] = outcomeBy(asked);
    return body;
  };
}

/** org.apache.rocketmq.example.benchmark.TransactionProducer; never resolves, rejects with the interruption that ends it. */
export const benchmarkTransactionProducer =
  (line: BenchmarkLine): ExampleProgram =>
  async ({ namesrvAddrs, io, watch }) => {
    const topic = line.text('t') ?? 'BenchmarkTest';
    const [threadCount, size, interval] = [line.number('w', 32), line.number('s', 2048), line.number('i', 0)];
    if (size < LEAST_SIZE)
      throw new ValueFault(`-s is at least ${LEAST_SIZE}: the body says how its transaction ends.`);
    const batchId = BigInt(line.number('b', Date.now()));
    const [atOnce, asked] = [
      { rollback: line.rate('sr'), unknown: line.rate('su') },
      { rollback: line.rate('cr'), unknown: line.rate('cu') },
    ];
    const stats = new TransactionStats();
    const producer = new TransactionProducer({
      ...{ group: 'benchmark_transaction_producer', namesrvAddrs, enableMsgTrace: line.flag('m') },
      transactionListener: new TransactionAnswers(batchId, stats, io),
    });
    const make = bodies(size, batchId, atOnce, asked);
    const snapshots = new Snapshots(stats.snapshot, (first, last) => io.out(stats.text(first, last)));
    const send = async (): Promise<void> => {
      const begun = Date.now();
      try {
        const { sendStatus } = await producer.sendMessageInTransaction({ topic, body: make() }, undefined);
        if (sendStatus === 'SEND_OK') stats.counts.succeeded++;
        else stats.failed();
      } finally {
        stats.took(Date.now() - begun);
      }
      if (interval > 0) await rest(interval, watch.interrupted);
    };
    await crowd({ producer, stats, snapshots, interrupted: watch.interrupted }, shares(0, threadCount), send);
  };
