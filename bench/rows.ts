/**
 * How each row is measured on one side: a figure, and whatever else is worth keeping in the JSON.
 *
 * Sending rows leave their CPU and latency behind, from which the rows `cpu` and `p99` are made (derive).
 */
import { mqadminCommand } from '../test/interop/support/java-cluster.ts';
import { OUR_ENTRY } from '../test/interop/support/our-cluster.ts';
import { ensurePeer } from '../test/interop/support/peers.ts';
import { runToEnd } from '../test/interop/support/process.ts';
import { generate } from './generator.ts';
import type { RowId } from './goals.ts';
import { GroupLoad } from './group-load.ts';
import { cpuSeconds } from './proc.ts';
import { type ClientRun, Side, type SideName } from './sides.ts';

export interface Settings {
  readonly pairs: number;
  readonly seconds: number;
  /** Warm-up of the brokers before the first row. */
  readonly brokerWarm: number;
  /** Warm-up of each client before it measures. */
  readonly clientWarm: number;
  readonly size: number;
  readonly backlog: number;
  /** Size of the log that the rows about old data read, in GiB. */
  readonly gigabytes: number;
}

export interface Measured {
  readonly value: number;
  readonly details?: object;
  /** Figures of further rows that this run yields as well. */
  readonly also?: ReadonlyMap<RowId, number>;
}

type Measure = (side: Side, settings: Settings, pair: number) => Promise<Measured>;

/** Rows that need both clusters up, in the order in which they run: see run.ts. */
// What pulls comes first: behind more log than 40 % of the memory both brokers hand out 8 messages a pull instead of 32, and
// the quicker side gets there first.
export const MEASURES: ReadonlyMap<RowId, Measure> = new Map<RowId, Measure>([
  ['consume', consume],
  ['receipt', receipt],
  ['groups', groups],
  ['generator-pull', (side, settings) => generator(side, settings, true)],
  ['sync1', (side, settings) => sending(side, settings, 'sync', 1)],
  ['sync16', (side, settings) => sending(side, settings, 'sync', 16)],
  ['sync64', (side, settings) => sending(side, settings, 'sync', 64)],
  ['async', (side, settings) => sending(side, settings, 'async', 1000)],
  ['transaction16', (side, settings) => sending(side, settings, 'transaction', 16)],
  ['generator-send', (side, settings) => generator(side, settings, false)],
]);

/** The Java client for `seconds`; fails when a single send does. */
export async function sending(
  side: Side,
  settings: Settings,
  mode: 'sync' | 'transaction' | 'async',
  width: number,
): Promise<Measured> {
  const { seconds, size, clientWarm } = settings;
  const run = await side.run({ mode, topic: side.sendTopic, width, amount: seconds, size, warm: clientWarm });
  refuseErrors(side, run);
  return {
    value: run.rate,
    details: run,
    also: mode === 'sync' && width === 16 ? new Map([['p99', run.p99]]) : new Map(),
  };
}

async function consume(side: Side, settings: Settings, pair: number): Promise<Measured> {
  await side.ensureBacklog(settings.backlog, settings.size);
  const width = `bench_group_${pair}_${Date.now()}`;
  const { backlog: amount, clientWarm: warm } = settings;
  const run = await side.run({
    mode: 'consume',
    topic: side.backlogTopic,
    width,
    amount,
    size: 0,
    warm: Math.min(warm, 2),
  });
  refuseErrors(side, run);
  if (run.msgs < amount / 4) throw new Error(`the backlog of ${amount} messages is too small to measure`);
  return { value: run.rate, details: run };
}

/** A message every 5 ms, for one consumer that waits: the broker has nothing else to do. */
async function receipt(side: Side, settings: Settings): Promise<Measured> {
  const { seconds, size, clientWarm: warm } = settings;
  const run = await side.run({ mode: 'receipt', topic: side.receiptTopic, width: 5, amount: seconds, size, warm });
  refuseErrors(side, run);
  if (run.msgs < seconds * 20) throw new Error(`only ${run.msgs} messages arrived on ${side.name}`);
  return { value: run.p50, details: run, also: new Map([['receipt-p99', run.p99]]) };
}

/** Members that wait: heartbeats, rebalances and long polling at the pace of Java's client. */
async function groups(side: Side, settings: Settings): Promise<Measured> {
  const load = await GroupLoad.start(side.cluster.brokerAddr, side.groupsTopic);
  try {
    await load.for(settings.clientWarm);
    const before = cpuSeconds(side.brokerPid);
    const begin = performance.now();
    // Every period of a member is to fall into it.
    await load.for(Math.max(settings.seconds, 30));
    const value = (cpuSeconds(side.brokerPid) - before) / ((performance.now() - begin) / 1000);
    if (load.fault !== undefined) throw new Error(`groups on ${side.name}: ${load.fault}`);
    return { value, details: { answered: load.answered, members: load.members } };
  } finally {
    load.stop();
  }
}

async function generator(side: Side, settings: Settings, pull: boolean): Promise<Measured> {
  if (pull) await side.ensureBacklog(settings.backlog, settings.size);
  const result = await generate({
    addr: side.cluster.brokerAddr,
    topic: pull ? side.backlogTopic : 'BenchGenerator',
    seconds: settings.seconds / 2,
    warm: settings.clientWarm,
    window: 1000,
    size: settings.size,
    queues: 4,
    pid: side.brokerPid,
    pull,
  });
  if (result.errors > 0) throw new Error(`generator on ${side.name}: ${result.errors} errors, ${result.firstError}`);
  return { value: result.serverCpuMicrosPerMessage ?? Number.NaN, details: result };
}

export async function start(name: SideName): Promise<Measured> {
  const { listening, acknowledged } = await Side.timeStart(name);
  return { value: listening, also: new Map([['start-ack', acknowledged]]) };
}

/** Both tools ask the same server, the Java one: what is compared is the tool. */
export async function clusterList(name: SideName, namesrvAddr: string): Promise<Measured> {
  const args = ['clusterList', '-n', namesrvAddr];
  const command =
    name === 'java'
      ? ['java', ...mqadminCommand(await ensurePeer('4.9.7'), args)]
      : [process.execPath, OUR_ENTRY, ...args];
  // Bash's own `time` reads the child's rusage: exact CPU, which Node does not tell of a child.
  const script = 'TIMEFORMAT="TIMES %R %U %S"; time "$@"';
  const result = await runToEnd('bash', ['-c', script, 'bash', ...command]);
  const times = /TIMES ([\d.]+) ([\d.]+) ([\d.]+)/.exec(result.stderr);
  if (result.code !== 0 || times === null || !result.stdout.includes('DefaultCluster')) {
    throw new Error(`clusterList of ${name} failed (code ${result.code}): ${result.stderr.slice(-500)}`);
  }
  const cpu = (Number(times[2]) + Number(times[3])) * 1000;
  return { value: Number(times[1]) * 1000, also: new Map([['clusterlist-cpu', cpu]]) };
}

/** CPU of the broker per message over all sending runs of one side in one pair, in microseconds. */
export function cpuPerMessage(runs: readonly ClientRun[]): number {
  const cpu = runs.reduce((sum, run) => sum + run.brokerCpuSeconds, 0);
  const msgs = runs.reduce((sum, run) => sum + run.msgs, 0);
  return (cpu * 1e6) / msgs;
}

function refuseErrors(side: Side, run: ClientRun): void {
  if (run.errors > 0) throw new Error(`${run.errors} errors on ${side.name}, the first: ${run.firstError}`);
}
