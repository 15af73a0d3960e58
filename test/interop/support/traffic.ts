/**
 * Messages through real Java clients: starting SendMessages and PushConsume, reading what they print, and the one
 * assertion the delivery tests are about: what was acknowledged arrives, each message once, where it was put.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type JavaRunOptions, runProgram, startProgram } from './java-cluster.ts';
import type { Peer } from './peers.ts';
import { pollUntil, type Spawned } from './process.ts';

/** Either cluster, ours or the real one. */
export interface Cluster {
  /** Several addresses are separated by ';'. */
  readonly namesrvAddr: string;
  readonly brokerAddr: string;
}

/** What a client needs of a cluster. */
type Namesrvs = Pick<Cluster, 'namesrvAddr'>;

export interface Acked {
  readonly number: number;
  readonly msgId: string;
  readonly offsetMsgId: string;
  readonly brokerName: string;
  readonly queueId: number;
  readonly queueOffset: number;
}

export interface Consumed {
  readonly queueId: number;
  readonly queueOffset: number;
  readonly msgId: string;
  readonly key: string;
  readonly body: string;
}

export interface SendOptions extends JavaRunOptions {
  readonly topic: string;
  readonly count: number;
  /** Number of the first message; its key is k<number>, its body m<number>. */
  readonly first?: number;
  readonly group?: string;
}

/** Sends with the real Java producer; throws unless every message was acknowledged. */
export async function send(cluster: Namesrvs, peer: Peer, options: SendOptions): Promise<Acked[]> {
  const { topic, count, first = 0, group = 'interop_producer' } = options;
  const args = [cluster.namesrvAddr, topic, group, count, 0, first];
  const result = await runProgram(peer, 'SendMessages', args, options);
  const acks = acksIn(result.stdout);
  if (acks.length !== count) {
    throw new Error(`${acks.length} of ${count} messages were acknowledged:\n${result.stdout.slice(0, 1000)}`);
  }
  return acks;
}

/** The acknowledgements that SendMessages, KeepSending or another client's program has printed. */
export function acksIn(stdout: string): Acked[] {
  return [...stdout.matchAll(/^(\d+) (\S+) (\S+) (\S+) (\S+) (\d+)$/gm)].map((match) => ({
    number: Number(match[1]),
    msgId: match[2] ?? '',
    offsetMsgId: match[3] ?? '',
    brokerName: match[4] ?? '',
    queueId: Number(match[5]),
    queueOffset: Number(match[6]),
  }));
}

export interface BatchOptions extends JavaRunOptions {
  readonly topic: string;
  readonly queueId?: number;
  readonly batches: number;
  readonly perBatch: number;
  /** Number of the first message, as in SendOptions. */
  readonly first?: number;
}

export interface SentBatches {
  /** What the SendResult of each batch says, one line each: see SendBatch.java. */
  readonly results: string[];
  /** Every message, as if it had been sent by itself. */
  readonly acked: Acked[];
}

/** Sends batches with the real Java producer, all to one queue; throws unless every message was acknowledged. */
export async function sendBatches(cluster: Cluster, peer: Peer, options: BatchOptions): Promise<SentBatches> {
  const { topic, queueId = 0, batches, perBatch, first = 0 } = options;
  const args = [cluster.namesrvAddr, topic, 'interop_producer', queueId, batches, perBatch, first];
  const { stdout } = await runProgram(peer, 'SendBatch', args, options);
  const acked = acksIn(stdout);
  if (acked.length !== batches * perBatch) {
    throw new Error(`${acked.length} of ${batches * perBatch} messages were acknowledged:\n${stdout.slice(0, 1000)}`);
  }
  return { results: [...stdout.matchAll(/^RESULT (.*)$/gm)].map((match) => match[1] ?? ''), acked };
}

/** A Java producer that sends until it is ended; see KeepSending.java. */
export class Sender {
  private readonly process: Spawned;

  private constructor(process: Spawned) {
    this.process = process;
  }

  /** One message every `pauseMs`; routes are asked for every second. */
  static async start(namesrvAddr: string, peer: Peer, options: { topic: string; pauseMs?: number }): Promise<Sender> {
    const { topic, pauseMs = 10 } = options;
    const sender = new Sender(
      await startProgram(peer, 'KeepSending', [namesrvAddr, topic, 'GID_keep_sending', pauseMs, 1000]),
    );
    await sender.process.waitForOutput(/^STARTED$/m, 60_000);
    return sender;
  }

  get acked(): Acked[] {
    return acksIn(this.process.stdout);
  }

  /** Sends that failed after the client's retries. */
  get failed(): string[] {
    return [...this.process.stdout.matchAll(/^FAILED .*$/gm)].map((match) => match[0]);
  }

  /** Waits until `count` more messages are acknowledged. */
  async more(count: number): Promise<void> {
    const wanted = this.acked.length + count;
    await pollUntil(`${count} more acknowledgements`, () => this.acked.length >= wanted, {
      timeoutMs: 60_000,
      everyMs: 50,
    }).catch((error: Error) => {
      throw new Error(
        `${error.message}; ${wanted - this.acked.length} are missing; ${this.failed.slice(0, 3).join('\n')}`,
      );
    });
  }

  /** Ends the sender; all that was acknowledged. */
  async finish(): Promise<Acked[]> {
    this.process.closeStdin();
    await this.process.wait(60_000);
    return this.acked;
  }
}

export interface ConsumeOptions extends JavaRunOptions {
  readonly topic: string;
  readonly group: string;
  readonly minQueues?: number;
}

/** A running Java push consumer of a group that starts at the first offset; it ends with `finish()`. */
export class Consumer {
  private readonly process: Spawned;

  private constructor(process: Spawned) {
    this.process = process;
  }

  /** A program of another client with the same output, already started. */
  static of(process: Spawned): Consumer {
    return new Consumer(process);
  }

  static async start(cluster: Namesrvs, peer: Peer, options: ConsumeOptions): Promise<Consumer> {
    const args = [cluster.namesrvAddr, options.topic, options.group, 'first', options.minQueues ?? 1, 'eof'];
    return new Consumer(await startProgram(peer, 'PushConsume', args, options));
  }

  get messages(): Consumed[] {
    return [...this.process.stdout.matchAll(/^MSG (\d+) (\d+) (\S+) (\S+) (.*)\n/gm)].map((match) => ({
      queueId: Number(match[1]),
      queueOffset: Number(match[2]),
      msgId: match[3] ?? '',
      key: match[4] ?? '',
      body: match[5] ?? '',
    }));
  }

  /** Queues assigned at the moment; 0 before the first assignment. */
  get queuesHeld(): number {
    if (this.process.finished !== undefined) throw new Error(`PushConsume ended: ${this.process.stderr.slice(-2000)}`);
    const last = [...this.process.stdout.matchAll(/^(?:READY queues=|QUEUES )(\d+)$/gm)].at(-1);
    return Number(last?.[1] ?? 0);
  }

  /** What it printed last, for the messages of failures. */
  get lastWords(): string {
    return `${this.process.stdout.slice(-500)}${this.process.stderr.slice(-1000)}`;
  }

  /** As `kill -9` does. */
  async kill(): Promise<void> {
    await this.process.stop('SIGKILL');
  }

  async finish(): Promise<Consumed[]> {
    this.process.closeStdin();
    await this.process.wait(60_000);
    if (!this.process.stdout.includes('STOPPED messages=')) throw new Error(`no clean end: ${this.process.stderr}`);
    return this.messages;
  }
}

/** Waits until every consumer holds exactly `queues` queues, so that no rebalance falls into what follows. */
export async function waitForShares(consumers: readonly Consumer[], queues: number): Promise<void> {
  const settled = (): boolean => consumers.every((consumer) => consumer.queuesHeld === queues);
  await pollUntil(`${queues} queues for each consumer`, settled, { timeoutMs: 90_000, everyMs: 50 });
}

/**
 * Waits until the consumers have `count` messages together and then, for a moment, get no more: a message delivered
 * twice would come late. Ends them and returns what each got.
 */
export async function collect(consumers: readonly Consumer[], count: number): Promise<Consumed[][]> {
  const total = (): number => consumers.reduce((sum, consumer) => sum + consumer.messages.length, 0);
  await pollUntil(`${count} messages (${consumers.length} consumers)`, () => total() >= count, {
    timeoutMs: 120_000,
    everyMs: 100,
  }).catch((error: Error) => {
    const said = consumers.map((consumer) => consumer.lastWords).join('\n');
    throw new Error(`${error.message}; there were ${total()}\n${said}`);
  });
  let before = -1;
  for (let seen = total(); seen !== before; seen = total()) {
    before = seen;
    await delay(1000);
  }
  return Promise.all(consumers.map((consumer) => consumer.finish()));
}

/** All messages of the topic as a new group sees them from the first offset. */
export async function consumeAll(
  cluster: Namesrvs,
  peer: Peer,
  options: ConsumeOptions & { readonly count: number },
): Promise<Consumed[]> {
  const consumer = await Consumer.start(cluster, peer, options);
  return (await collect([consumer], options.count)).flat();
}

/**
 * What is wrong with a delivery; empty when everything acknowledged arrived exactly once with its id, key and body,
 * from the queue and at the offset of its acknowledgement.
 */
export function deliveryFaults(sent: readonly Acked[], got: readonly Consumed[]): string[] {
  const faults: string[] = [];
  const byId = new Map<string, Consumed>();
  for (const message of got) {
    if (byId.has(message.msgId)) faults.push(`${message.key} came twice`);
    byId.set(message.msgId, message);
  }
  for (const ack of sent) {
    const message = byId.get(ack.msgId);
    if (message === undefined) {
      faults.push(`message ${ack.number} did not come`);
      continue;
    }
    byId.delete(ack.msgId);
    const is = `${message.key} ${message.body} ${message.queueId} ${message.queueOffset}`;
    const due = `k${ack.number} m${ack.number} ${ack.queueId} ${ack.queueOffset}`;
    if (is !== due) faults.push(`message ${ack.number} came as "${is}" where "${due}" was acknowledged`);
  }
  for (const message of byId.values()) faults.push(`${message.key} (${message.msgId}) was never acknowledged`);
  return faults;
}
