/**
 * Ten thousand topics of four queues in the built broker: how many files it has open, how long it takes to start and to stop,
 * how long a send waits at most when every queue gets its first message, what its memory does as messages are stored, and
 * what catching up on old messages costs those that send.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { generate } from '../../bench/generator.ts';
import { cpuSeconds } from '../../bench/proc.ts';
import { OurCluster } from '../interop/support/our-cluster.ts';
import { removeFolder, temporaryFolder } from '../interop/support/process.ts';
import { decodeFrame, encodeFrame, splitAddr } from '../interop/support/wire.ts';

const TOPICS = 10_000;
const QUEUES = 4;
const WINDOW = 64;
/** Two of these are stored; the second must not need more memory than the first has taken. */
const LOAD_SECONDS = 10;
const MESSAGE_BYTES = 1024;
const SEND_MESSAGE_V2 = 310;
const STOP_LIMIT_MS = 300_000;
const TOPIC = 'Scale0';

export interface ScaleResult {
  readonly queues: number;
  /** The most descriptors the broker had open, its sockets among them. */
  readonly openFiles: number;
  readonly firstStartMs: number;
  /** One message for each queue. */
  readonly firstRoundMs: number;
  /** The longest that one of them waited for its answer. */
  readonly worstWaitMs: number;
  readonly secondRoundMs: number;
  readonly secondWorstWaitMs: number;
  readonly stopMs: number;
  readonly startMs: number;
  readonly messages: number;
  /** MiB, before and after the second half of them was stored. */
  readonly memoryBefore: number;
  readonly memoryAfter: number;
  /** Messages a second, alone and while another client reads from the first message on. */
  readonly sendRate: number;
  readonly sendRateBesideReader: number;
  /** Messages a second that reader got. */
  readonly readRate: number;
  /** CPU seconds a second of the broker meanwhile. */
  readonly cpuBesideReader: number;
}

export async function scale(say: (text: string) => void): Promise<ScaleResult> {
  const folder = temporaryFolder('scale');
  const storeDir = join(folder, 'store');
  writeTopics(join(storeDir, 'config', 'topics.json'));
  const cluster = await OurCluster.prepare({ broker: { storePathRootDir: storeDir } });
  try {
    await cluster.startNamesrv();
    const firstStartMs = await timed(() => cluster.startBroker());
    const files = new OpenFiles(cluster.broker?.pid ?? 0);
    const line = await Line.open(cluster.brokerAddr);
    const first = await oneForEach(line);
    say(`a message for each of ${TOPICS * QUEUES} queues: ${Math.round(first.ms)} ms`);
    const second = await oneForEach(line);
    line.close();
    const load = await memoryUnderLoad(cluster);
    say(`${load.messages} messages stored`);
    const reader = await besideReader(cluster);
    const openFiles = files.stop();
    const stopMs = await timed(() => stopPatiently(cluster));
    const startMs = await timed(() => cluster.startBroker());
    await stopPatiently(cluster);
    return {
      ...{ queues: TOPICS * QUEUES, openFiles, firstStartMs, stopMs, startMs },
      ...{
        firstRoundMs: first.ms,
        worstWaitMs: first.worst,
        secondRoundMs: second.ms,
        secondWorstWaitMs: second.worst,
      },
      ...load,
      ...reader,
    };
  } finally {
    await cluster.stop();
    removeFolder(folder);
  }
}

/** As a Java broker or `updateTopic` leaves them. */
function writeTopics(path: string): void {
  const common = { perm: 6, readQueueNums: QUEUES, writeQueueNums: QUEUES, topicFilterType: 'SINGLE_TAG' };
  const topicConfigTable: Record<string, object> = {};
  for (let i = 0; i < TOPICS; i++) {
    topicConfigTable[`Scale${i}`] = { ...common, order: false, topicName: `Scale${i}`, topicSysFlag: 0 };
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ dataVersion: { counter: 0, timestamp: 0 }, topicConfigTable }));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** OurCluster.stopBroker kills what does not obey in time. */
async function stopPatiently(cluster: OurCluster): Promise<void> {
  const result = await cluster.broker?.stop('SIGTERM', STOP_LIMIT_MS);
  cluster.broker = undefined;
  if (result?.code !== 0) throw new Error(`the broker ended with code ${result?.code}: ${result?.stderr.slice(-1000)}`);
}

async function oneForEach(line: Line): Promise<{ ms: number; worst: number }> {
  let next = 0;
  let worst = 0;
  const send = async (): Promise<void> => {
    while (next < TOPICS * QUEUES) {
      const number = next++;
      const begun = performance.now();
      await line.send(`Scale${Math.floor(number / QUEUES)}`, number % QUEUES);
      worst = Math.max(worst, performance.now() - begun);
    }
  };
  const ms = await timed(() => Promise.all(Array.from({ length: WINDOW }, send)));
  return { ms, worst };
}

const loadOf = (cluster: OurCluster) => ({
  ...{ addr: cluster.brokerAddr, topic: TOPIC, warm: 0, window: 500, size: MESSAGE_BYTES, queues: QUEUES },
});

async function memoryUnderLoad(
  cluster: OurCluster,
): Promise<{ messages: number; memoryBefore: number; memoryAfter: number }> {
  const pid = cluster.broker?.pid ?? 0;
  const options = { ...loadOf(cluster), seconds: LOAD_SECONDS, pull: false };
  const half = await generate(options);
  const memoryBefore = residentMiB(pid);
  const rest = await generate(options);
  return { messages: half.msgs + rest.msgs, memoryBefore, memoryAfter: residentMiB(pid) };
}

type BesideReader = Pick<ScaleResult, 'sendRate' | 'sendRateBesideReader' | 'readRate' | 'cpuBesideReader'>;

async function besideReader(cluster: OurCluster): Promise<BesideReader> {
  const pid = cluster.broker?.pid ?? 0;
  const sending = { ...loadOf(cluster), seconds: LOAD_SECONDS / 2, pull: false };
  const alone = await generate(sending);
  const cpu = cpuSeconds(pid);
  const begun = performance.now();
  const [beside, read] = await Promise.all([generate(sending), generate({ ...sending, window: 4, pull: true })]);
  const cpuBesideReader = ((cpuSeconds(pid) - cpu) * 1000) / (performance.now() - begun);
  for (const { errors, firstError } of [alone, beside, read]) if (errors > 0) throw new Error(String(firstError));
  return { sendRate: alone.rate, sendRateBesideReader: beside.rate, readRate: read.rate, cpuBesideReader };
}

function residentMiB(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(match?.[1]) / 1024;
}

/** Looks again and again at how many descriptors a process has open. */
class OpenFiles {
  readonly #pid: number;
  #most = 0;
  #running = true;

  constructor(pid: number) {
    this.#pid = pid;
    void this.#watch();
  }

  stop(): number {
    this.#running = false;
    return this.#most;
  }

  async #watch(): Promise<void> {
    while (this.#running) {
      this.#most = Math.max(this.#most, readdirSync(`/proc/${this.#pid}/fd`).length);
      await delay(20);
    }
  }
}

/** A connection with many sends under way. */
class Line {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (frame: Buffer | Error) => void>();
  #received = Buffer.alloc(0);
  #opaque = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the broker closed the connection')));
  }

  static open(addr: string): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ ...splitAddr(addr), noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Line(socket)));
    });
  }

  /** Resolves when the message is acknowledged. */
  send(topic: string, queueId: number): Promise<void> {
    const extFields = {
      ...{ a: 'scale_producer', b: topic, c: 'TBW102', d: '4', e: String(queueId), f: '0', g: String(Date.now()) },
      ...{ h: '0', i: '', j: '0', k: 'false', m: 'false' },
    };
    const opaque = ++this.#opaque;
    return new Promise((resolve, reject) => {
      this.#waiting.set(opaque, (frame) => {
        if (frame instanceof Error) reject(frame);
        else if (decodeFrame(frame).code === 0) resolve();
        else reject(new Error(`${topic}/${queueId}: ${decodeFrame(frame).remark}`));
      });
      this.#socket.write(encodeFrame({ code: SEND_MESSAGE_V2, extFields, body: BODY }, opaque));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)) {
      const frame = this.#received.subarray(0, 4 + this.#received.readInt32BE(0));
      this.#received = this.#received.subarray(frame.length);
      const opaque = Number(/"opaque":(\d+)/.exec(frame.toString('latin1'))?.[1]);
      const answered = this.#waiting.get(opaque);
      this.#waiting.delete(opaque);
      answered?.(frame);
    }
  }

  #fail(error: Error): void {
    for (const answered of this.#waiting.values()) answered(error);
    this.#waiting.clear();
  }
}

const BODY = Buffer.from('one for each queue');
