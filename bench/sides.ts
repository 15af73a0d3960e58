/**
 * The two sides of the benchmark: the Java namesrv and broker 4.9.7 and ours, each as two processes of its own, set
 * up alike (one topic of 4 queues for each purpose, commit log files of 128 MiB), under the same Java client.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { JavaCluster, startProgram } from '../test/interop/support/java-cluster.ts';
import { OurCluster } from '../test/interop/support/our-cluster.ts';
import type { Peer } from '../test/interop/support/peers.ts';
import { pollUntil } from '../test/interop/support/process.ts';
import { brokerRegistered, createTopic, sendOnce } from '../test/interop/support/wire.ts';
import { cpuSeconds, pssKiB } from './proc.ts';

export type SideName = 'java' | 'ours';

const QUEUES = 4;
const SEND_TOPIC = 'BenchSend';
const BACKLOG_TOPIC = 'BenchBacklog';
const RECEIPT_TOPIC = 'BenchReceipt';
/** Nobody sends to it. */
const GROUPS_TOPIC = 'BenchGroups';

/** One run of the Java client Bench. */
export interface ClientRun {
  readonly msgs: number;
  readonly seconds: number;
  readonly rate: number;
  /** Latencies in microseconds; 0 except for sync and receipt. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly errors: number;
  readonly firstError: string | null;
  readonly clientCpuSeconds: number;
  /** CPU of the broker process between the client's two marks. */
  readonly brokerCpuSeconds: number;
}

export interface RunOptions {
  readonly mode: 'sync' | 'transaction' | 'async' | 'consume' | 'fill' | 'receipt';
  readonly topic: string;
  /** Threads, window, the consumer group, or for receipt the milliseconds between two messages. */
  readonly width: number | string;
  /** Seconds to measure; for consume and fill the number of messages. */
  readonly amount: number;
  readonly size: number;
  /** Seconds of the client's own warm-up, not measured. */
  readonly warm: number;
}

/** Milliseconds from the start of the name server. */
export interface StartTimes {
  /** Until both accept connections. */
  readonly listening: number;
  /** Until the name server has the broker and the broker has acknowledged a message. */
  readonly acknowledged: number;
}

const START_LIMIT_MS = 90_000;

export class Side {
  readonly name: SideName;
  readonly cluster: JavaCluster | OurCluster;
  readonly sendTopic = SEND_TOPIC;
  readonly backlogTopic = BACKLOG_TOPIC;
  readonly receiptTopic = RECEIPT_TOPIC;
  readonly groupsTopic = GROUPS_TOPIC;
  private readonly client: Peer;
  private backlog = 0;

  private constructor(name: SideName, cluster: JavaCluster | OurCluster, client: Peer) {
    this.name = name;
    this.cluster = cluster;
    this.client = client;
  }

  static async start(name: SideName, client: Peer, broker: Readonly<Record<string, string>> = {}): Promise<Side> {
    const cluster = await (name === 'java' ? JavaCluster : OurCluster).start({ broker });
    const side = new Side(name, cluster, client);
    for (const topic of [SEND_TOPIC, BACKLOG_TOPIC, RECEIPT_TOPIC, GROUPS_TOPIC]) {
      const { namesrvAddr, brokerAddr } = side.cluster;
      await createTopic({ namesrvAddr, brokerAddr, topic, queues: QUEUES });
    }
    return side;
  }

  /** Spawns fresh processes, waits until both are of use, and ends them. */
  static async timeStart(name: SideName): Promise<StartTimes> {
    const cluster = name === 'java' ? await JavaCluster.prepare() : await OurCluster.prepare();
    try {
      const begin = performance.now();
      await (cluster instanceof JavaCluster ? cluster.startNamesrv() : cluster.startNamesrvUntilListening());
      await cluster.startBrokerUntilListening();
      const listening = performance.now() - begin;
      const often = { timeoutMs: START_LIMIT_MS, everyMs: 2 };
      const { namesrvAddr, brokerAddr } = cluster;
      await pollUntil('the registration', () => brokerRegistered(namesrvAddr, brokerAddr), often);
      await pollUntil('the first message', () => sendOnce(brokerAddr, 'BenchFirst', Buffer.from('first')), often);
      return { listening, acknowledged: performance.now() - begin };
    } finally {
      // The Java broker's orderly stop takes seconds.
      await cluster.stopBroker('SIGKILL');
      await cluster.stop();
    }
  }

  get brokerPid(): number {
    const pid = this.cluster.broker?.pid;
    if (pid === undefined) throw new Error(`the broker of ${this.name} does not run`);
    return pid;
  }

  /** PSS of both processes in MiB. */
  memoryMiB(): number {
    const namesrv = this.cluster.namesrv?.pid;
    if (namesrv === undefined) throw new Error(`the name server of ${this.name} does not run`);
    return (pssKiB(namesrv) + pssKiB(this.brokerPid)) / 1024;
  }

  /** Load for `seconds` before anything counts: what a row measures must not be the broker's first time. */
  async warmUp(seconds: number, size: number): Promise<void> {
    const half = seconds / 2;
    await this.run({ mode: 'sync', topic: SEND_TOPIC, width: 16, amount: half, size, warm: 0 });
    await this.run({ mode: 'async', topic: SEND_TOPIC, width: 1000, amount: half, size, warm: 0 });
  }

  /** Fills the backlog topic with the Java client, once. */
  async ensureBacklog(count: number, size: number): Promise<void> {
    if (this.backlog >= count) return;
    await this.run({ mode: 'fill', topic: BACKLOG_TOPIC, width: 1000, amount: count - this.backlog, size, warm: 0 });
    this.backlog = count;
    // The broker writes and dispatches behind the last acknowledgement; both sides get the same moment for it.
    await delay(1000);
  }

  async run(options: RunOptions): Promise<ClientRun> {
    const { mode, topic, width, amount, size, warm } = options;
    const args = [this.cluster.namesrvAddr, topic, mode, width, amount, size, warm];
    const client = await startProgram(this.client, 'Bench', args);
    client.closeStdin();
    const cpu: number[] = [];
    client.child.stderr?.on('data', (text: string) => {
      for (const _ of text.matchAll(/MARK (begin|end)/g)) cpu.push(cpuSeconds(this.brokerPid));
    });
    const result = await client.wait(10 * 60_000);
    const [begin, end] = cpu;
    const line = /^\{"mode".*\}$/m.exec(result.stdout)?.[0];
    if (result.code !== 0 || line === undefined || begin === undefined || end === undefined) {
      throw new Error(`Bench ${mode} on ${this.name} failed (code ${result.code}): ${result.stderr.slice(-2000)}`);
    }
    const run = JSON.parse(line) as Omit<ClientRun, 'brokerCpuSeconds'>;
    return { ...run, brokerCpuSeconds: end - begin };
  }

  stop(): Promise<void> {
    return this.cluster.stop();
  }
}
