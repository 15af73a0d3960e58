/**
 * Our own load generator: one raw connection, a window of requests under way, frames as a Java client 4.9.7 writes
 * them. It is much cheaper than the Java client, so it shows what the server costs: CPU per message sent or pulled,
 * read from /proc/PID/stat of the broker around the measured time.
 *
 *   node --import tsx bench/generator.ts --addr HOST:PORT --topic T [--seconds 5] [--warm 2] [--window 1000]
 *        [--size 1024] [--queues 4] [--pid BROKERPID] [--pull]
 *
 * Sending creates the topic when the broker creates topics by itself. --pull reads what the topic holds, 32 at a
 * time, queue after queue and again from the start, and checks that queue offsets follow one another.
 */
import { createConnection, type Socket } from 'node:net';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { requestOnce, splitAddr } from '../test/interop/support/wire.ts';
import type { Load } from './load.ts';
import { cpuSeconds } from './proc.ts';
import { PullLoad, type QueueRange } from './pull-load.ts';
import { SendLoad } from './send-load.ts';

export interface GeneratorOptions {
  readonly addr: string;
  readonly topic: string;
  readonly seconds: number;
  readonly warm: number;
  readonly window: number;
  readonly size: number;
  readonly queues: number;
  readonly pid?: number;
  readonly pull: boolean;
}

export interface GeneratorResult {
  readonly mode: 'send' | 'pull';
  readonly msgs: number;
  readonly seconds: number;
  readonly rate: number;
  readonly errors: number;
  readonly firstError: string | null;
  /** CPU of the process --pid over the measured time; null without --pid. */
  readonly serverCpuMicrosPerMessage: number | null;
  readonly serverCpuShare: number | null;
  readonly generatorCpuMicrosPerMessage: number;
}

/** Room for all answers of a full window: 1000 send answers, or 32 pulls of up to 256 KiB. */
const RECEIVE_BYTES = 16 * 1024 * 1024;

/** Runs one load on one connection: warm-up, then the measured time. */
export async function generate(options: GeneratorOptions): Promise<GeneratorResult> {
  const load = options.pull
    ? new PullLoad(options.topic, await queueRanges(options))
    : new SendLoad(options.topic, options.size, options.queues);
  const run = new Run(load, await connect(options.addr));
  run.start(options.pull ? Math.min(options.window, 16) : options.window);
  await run.for(options.warm);
  const before = run.snapshot(options.pid);
  await run.for(options.seconds);
  const after = run.snapshot(options.pid);
  run.stop();
  const msgs = after.msgs - before.msgs;
  const seconds = after.at - before.at;
  const server = options.pid === undefined ? null : after.serverCpu - before.serverCpu;
  return {
    mode: load.mode,
    msgs,
    seconds,
    rate: msgs / seconds,
    errors: run.errors,
    firstError: run.firstError,
    serverCpuMicrosPerMessage: server === null ? null : (server * 1e6) / msgs,
    serverCpuShare: server === null ? null : server / seconds,
    generatorCpuMicrosPerMessage: ((after.ownCpu - before.ownCpu) * 1e6) / msgs,
  };
}

interface Snapshot {
  readonly at: number;
  readonly msgs: number;
  readonly serverCpu: number;
  readonly ownCpu: number;
}

class Run {
  errors = 0;
  firstError: string | null = null;
  private readonly load: Load;
  private readonly socket: Socket;
  private readonly received = Buffer.allocUnsafe(RECEIVE_BYTES);
  private held = 0;
  private msgs = 0;
  private running = true;
  private lost: Error | undefined;

  constructor(load: Load, socket: Socket) {
    this.load = load;
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => this.end(error));
    socket.on('close', () => this.end(new Error('the broker closed the connection')));
  }

  start(window: number): void {
    this.socket.write(this.load.next(window));
  }

  /** Lets the load run; throws when the connection is lost meanwhile. */
  async for(seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until) {
      if (this.lost !== undefined) throw this.lost;
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, until - performance.now())));
    }
  }

  snapshot(pid: number | undefined): Snapshot {
    const own = process.cpuUsage();
    return {
      at: performance.now() / 1000,
      msgs: this.msgs,
      serverCpu: pid === undefined ? 0 : cpuSeconds(pid),
      ownCpu: (own.user + own.system) / 1e6,
    };
  }

  stop(): void {
    this.running = false;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    chunk.copy(this.received, this.held);
    this.held += chunk.length;
    let at = 0;
    let answers = 0;
    while (this.held - at >= 4) {
      const end = at + 4 + this.received.readInt32BE(at);
      if (end > this.held) break;
      this.account(this.received.subarray(at, end));
      answers += 1;
      at = end;
    }
    if (at > 0) {
      this.received.copyWithin(0, at, this.held);
      this.held -= at;
    }
    // As many new requests as answers came, in one write: the window stays full.
    if (answers > 0 && this.running) this.socket.write(this.load.next(answers));
  }

  private account(frame: Buffer): void {
    try {
      this.msgs += this.load.answered(frame);
    } catch (error) {
      this.errors += 1;
      this.firstError ??= (error as Error).message;
    }
  }

  private end(error: Error): void {
    if (this.running) this.lost ??= error;
  }
}

function connect(addr: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ ...splitAddr(addr), noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** What each queue of the topic holds, asked from the broker. */
async function queueRanges(options: GeneratorOptions): Promise<QueueRange[]> {
  const GET_MAX_OFFSET = 30;
  const GET_MIN_OFFSET = 31;
  const ranges: QueueRange[] = [];
  for (let queueId = 0; queueId < options.queues; queueId += 1) {
    const ask = async (code: number): Promise<number> => {
      const extFields = { topic: options.topic, queueId: String(queueId) };
      const answer = await requestOnce(options.addr, { code, extFields });
      if (answer.code !== 0) throw new Error(`queue ${queueId}: code ${answer.code} ${answer.remark}`);
      return Number(answer.extFields.offset);
    };
    const [min, max] = [await ask(GET_MIN_OFFSET), await ask(GET_MAX_OFFSET)];
    if (max > min) ranges.push({ queueId, min, max });
  }
  if (ranges.length === 0) throw new Error(`topic ${options.topic} holds no messages to pull`);
  return ranges;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      addr: { type: 'string' },
      topic: { type: 'string', default: 'BenchTopic' },
      seconds: { type: 'string', default: '5' },
      warm: { type: 'string', default: '2' },
      window: { type: 'string', default: '1000' },
      size: { type: 'string', default: '1024' },
      queues: { type: 'string', default: '4' },
      pid: { type: 'string' },
      pull: { type: 'boolean', default: false },
    },
  });
  if (values.addr === undefined) throw new Error('--addr HOST:PORT of a broker is needed');
  const result = await generate({
    addr: values.addr,
    topic: values.topic,
    seconds: Number(values.seconds),
    warm: Number(values.warm),
    window: Number(values.window),
    size: Number(values.size),
    queues: Number(values.queues),
    pull: values.pull,
    ...(values.pid === undefined ? {} : { pid: Number(values.pid) }),
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  if (result.errors > 0) process.exitCode = 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  });
}
