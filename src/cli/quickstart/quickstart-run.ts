/**
 * The steps of quickstart on a cluster of its own, with everything it starts taken down again, whatever happens: a failure
 * in the middle, Ctrl-C at any moment. Each message must arrive exactly once, or it fails.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Admin } from '../../core/client/admin/admin.ts';
import { type ClusterRow, clusterList } from '../../core/client/admin/cluster-admin.ts';
import { topicList, topicRoute, updateTopic } from '../../core/client/admin/topic-admin.ts';
import { PushConsumer } from '../../core/client/consumer/push-consumer.ts';
import { Producer } from '../../core/client/producer/producer.ts';
import { type ClusterProcess, type ClusterRole, listProcesses } from '../../core/cluster/cluster-ini.ts';
import { spawnProcess, stopProcesses } from '../../core/cluster/daemon.ts';
import { logFileOf } from '../../core/cluster/data-dir.ts';
import { isPortFree, pickBrokerPort, pickPort } from '../../core/cluster/free-ports.ts';
import { systemClock } from '../../core/common/clock.ts';
import { PocketError } from '../../core/common/errors.ts';
import { silentLogger } from '../../core/common/logger.ts';
import type { InterruptWatch } from '../interrupt.ts';
import { consumeAll, sendAll } from './quickstart-messages.ts';
import { count, type QuickstartReport } from './quickstart-report.ts';

const HOST = '127.0.0.1';
const NAMESRV_PORT = 9876;
const BROKER_PORT = 10911;
const TOPIC = 'quickstart';
const CLUSTER = 'DefaultCluster';
const MESSAGES = 1000;
const READY_TIMEOUT_MS = 10_000;
const POLL_MS = 10;
const STOP_TIMEOUT_MS = 15_000;

export interface QuickstartOptions {
  /** Undefined: a temporary directory, which goes with the cluster. */
  readonly dataDir: string | undefined;
  readonly keep: boolean;
  /** The script that runs a command. */
  readonly entry: string;
  readonly report: QuickstartReport;
  readonly watch: InterruptWatch;
}

export interface QuickstartResult {
  readonly namesrvAddr: string;
  readonly brokerAddr: string;
  readonly dataDir: string;
  /** Whether the cluster still runs. */
  readonly kept: boolean;
  readonly topic: string;
  readonly sent: number;
  readonly received: number;
  /** Milliseconds of each step, and of all together. */
  readonly millis: Readonly<Record<Step | 'total', number>>;
}

export type Step = 'start' | 'updateTopic' | 'send' | 'consume' | 'list' | 'shutdown';

/** Rejects with what went wrong first; nothing of the cluster is left then. */
export async function runQuickstart(options: QuickstartOptions): Promise<QuickstartResult> {
  const run = new QuickstartRun(options);
  try {
    return await run.all();
  } finally {
    await run.cleanUp();
  }
}

type Undo = () => Promise<unknown>;

class QuickstartRun {
  readonly #options: QuickstartOptions;
  readonly #dataDir: string;
  readonly #millis: Record<string, number> = {};
  readonly #started = performance.now();
  /** Undone in reverse order. */
  #undo: Undo[] = [];
  #leaving = false;

  constructor(options: QuickstartOptions) {
    this.#options = options;
    this.#dataDir = options.dataDir === undefined ? this.#temporaryDir() : resolve(options.dataDir);
  }

  async all(): Promise<QuickstartResult> {
    const { report, keep } = this.#options;
    this.#refuseRunningCluster();
    report.export('POCKETMQ_DATA_DIR', this.#dataDir);
    const { namesrv, broker } = await this.#step('start', () => this.#start());
    const namesrvAddr = namesrv.addr;
    const admin = new Admin({ namesrvAddrs: [namesrvAddr], clock: systemClock, logger: silentLogger });
    this.#undoBy(() => admin.stop());
    await this.#step('updateTopic', () => this.#makeTopic(admin, namesrvAddr));
    const sent = await this.#step('send', () => this.#send(namesrvAddr));
    const received = await this.#step('consume', () => this.#consume(namesrvAddr, sent));
    await this.#step('list', () => this.#list(admin, namesrvAddr));
    await admin.stop();
    if (keep) this.#undo = [];
    else await this.#step('shutdown', () => this.#shutdown());
    this.#millis.total = Math.round(performance.now() - this.#started);
    const millis = this.#millis as QuickstartResult['millis'];
    const result = { namesrvAddr, brokerAddr: broker.addr, dataDir: this.#dataDir, kept: keep, topic: TOPIC };
    return { ...result, sent: sent.size, received, millis };
  }

  /** Best effort, in reverse order; never throws, so that the first failure is the one reported. */
  async cleanUp(): Promise<void> {
    this.#leaving = true;
    for (const undo of this.#undo.splice(0).reverse()) await undo().catch(() => {});
  }

  /**
   * Notes how to undo what is about to be done. A step goes on behind an interruption until it gets here: nothing new is
   * begun once the cleaning up is.
   */
  #undoBy(undo: Undo): void {
    if (this.#leaving) throw new PocketError('STOPPED', 'quickstart is being stopped');
    this.#undo.push(undo);
  }

  #temporaryDir(): string {
    const dir = mkdtempSync(join(tmpdir(), 'pocketmq-quickstart-'));
    this.#undoBy(async () => rmSync(dir, { recursive: true, force: true }));
    return dir;
  }

  #refuseRunningCluster(): void {
    const [running] = listProcesses(this.#dataDir);
    if (running === undefined) return;
    throw new PocketError(
      'IN_USE',
      `a ${running.role} (process ${running.pid}) runs in ${this.#dataDir}; stop it with 'mqadmin shutdown all --data-dir ${this.#dataDir}' first`,
    );
  }

  async #step<T>(name: Step, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await Promise.race([work(), this.#options.watch.interrupted]);
    this.#millis[name] = Math.round(performance.now() - begun);
    return result;
  }

  async #start(): Promise<{ namesrv: ClusterProcess; broker: ClusterProcess }> {
    const { report } = this.#options;
    const port = (await isPortFree(HOST, NAMESRV_PORT)) ? NAMESRV_PORT : await pickPort(HOST, Math.random);
    this.#undoBy(() => stopProcesses(this.#dataDir, 'all', { timeoutMs: STOP_TIMEOUT_MS, kill: true }));
    const namesrv = await this.#spawn('namesrv', port === NAMESRV_PORT ? [] : ['--port', String(port)]);
    report.note(`The Name Server boot success. serializeType=JSON`);
    const base = (await this.#brokerPortsFree()) ? BROKER_PORT : await pickBrokerPort(HOST, Math.random);
    const portOption = base === BROKER_PORT ? [] : ['--port', String(base)];
    const broker = await this.#spawn('broker', [...portOption, '-n', namesrv.addr]);
    report.note(
      `The broker[${broker.name}, ${broker.addr}] boot success. serializeType=JSON and name server is ${namesrv.addr}`,
    );
    return { namesrv, broker };
  }

  async #brokerPortsFree(): Promise<boolean> {
    for (const port of [BROKER_PORT - 2, BROKER_PORT, BROKER_PORT + 1])
      if (!(await isPortFree(HOST, port))) return false;
    return true;
  }

  /** A process that is still starting when the run ends is waited for, so that it can be stopped. */
  #spawn(role: ClusterRole, options: readonly string[]): Promise<ClusterProcess> {
    const { entry, report } = this.#options;
    report.command(role, ...options, '&');
    const dataDir = this.#dataDir;
    const args = [...options, '--data-dir', dataDir];
    let starting: Promise<ClusterProcess> | undefined;
    this.#undoBy(async () => starting);
    starting = spawnProcess({ role, args, dataDir, logFile: logFileOf(dataDir, `${role}-output`), entry });
    return starting;
  }

  async #makeTopic(admin: Admin, namesrvAddr: string): Promise<void> {
    const { report } = this.#options;
    report.command('updateTopic', '-n', namesrvAddr, '-c', CLUSTER, '-t', TOPIC);
    const { brokerAddrs } = await untilFound(() => updateTopic(admin, { clusterName: CLUSTER, topic: TOPIC }));
    await untilFound(() => topicRoute(admin, TOPIC));
    report.note(`create topic to ${brokerAddrs.join(' and ')} success.`);
  }

  async #send(namesrvAddr: string): Promise<Set<string>> {
    const { report } = this.#options;
    report.loop(MESSAGES, 'sendMessage', '-n', namesrvAddr, '-t', TOPIC, '-p', '"message $i"');
    const producer = new Producer({ group: 'quickstart_producer', namesrvAddrs: [namesrvAddr] });
    this.#undoBy(() => producer.stop());
    await producer.start();
    const begun = performance.now();
    const sent = await sendAll(producer, {
      topic: TOPIC,
      count: MESSAGES,
      progress: (n) => report.progress('sent', n),
    });
    report.rate(`${count(sent.size)} messages sent by one producer`, sent.size, performance.now() - begun);
    await producer.stop();
    return sent;
  }

  async #consume(namesrvAddr: string, sent: ReadonlySet<string>): Promise<number> {
    const { report } = this.#options;
    report.command('consumeMessage', '-n', namesrvAddr, '-t', TOPIC, '-c', String(MESSAGES));
    const { listener, received } = consumeAll({ sent, progress: (n) => report.progress('received', n) });
    const consumer = new PushConsumer({
      group: 'quickstart_consumer',
      namesrvAddrs: [namesrvAddr],
      subscriptions: { [TOPIC]: '*' },
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      listener,
    });
    this.#undoBy(() => consumer.stop());
    const begun = performance.now();
    await consumer.start();
    await received();
    const millis = performance.now() - begun;
    await consumer.stop();
    const total = await received();
    report.rate(`${count(total)} messages received by one push consumer, each exactly once`, total, millis);
    return total;
  }

  async #list(admin: Admin, namesrvAddr: string): Promise<void> {
    const { report } = this.#options;
    report.command('clusterList', '-n', namesrvAddr);
    const rows: ClusterRow[] = await clusterList(admin);
    const dead = rows.find((row) => row.error !== undefined);
    if (rows.length === 0 || dead !== undefined)
      throw dead?.error ?? new PocketError('NOT_FOUND', 'no broker is listed');
    await report.brokers(rows);
    report.command('topicList', '-n', namesrvAddr);
    const topics = await topicList(admin);
    if (!topics.includes(TOPIC)) throw new PocketError('NOT_FOUND', `the topic ${TOPIC} is not listed`);
    report.names(topics);
  }

  async #shutdown(): Promise<void> {
    const { report } = this.#options;
    report.command('shutdown', 'all');
    const stopped = await stopProcesses(this.#dataDir, 'all', { timeoutMs: STOP_TIMEOUT_MS });
    if (stopped.length !== 2) throw new PocketError('STOPPED', 'a process of the cluster ended by itself');
    report.note(
      stopped
        .map(({ role, pid }) => `${role} (process ${pid})`)
        .join(' and ')
        .concat(' stopped'),
    );
    await this.cleanUp();
  }
}

/** Repeats while the answer is that something is not there yet. */
async function untilFound<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const early = error instanceof PocketError && error.code === 'NOT_FOUND' && performance.now() < deadline;
      if (!early) throw error;
    }
    await new Promise((settle) => setTimeout(settle, POLL_MS));
  }
}
