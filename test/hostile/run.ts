/**
 * `npm run test:hostile`: the built namesrv and broker as processes, a well-behaved client beside every kind of client that is
 * not, and a table at the end. Exits with 1 when a server crashed or hung, an answer showed an error of the program, the
 * well-behaved client saw an error, or memory or open files went beyond their bounds.
 *
 *   --frames N    mutated frames (1,000,000)        --idle N      idle connections (5,000)
 *   --seed N      of the mutations                  --readers N   connections that never read (200)
 *   --hostile N   connections while the commands of the quickstart run (2,000)
 *   --quick       all of it in about 40 seconds
 *
 * Latencies are printed and never judged: a busy machine must not fail a run. Needs `npm run build`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cpuSeconds } from '../../bench/proc.ts';
import { servedCodes as brokerCodes } from '../../src/core/broker/processors/index.ts';
import { servedCodes as namesrvCodes } from '../../src/core/namesrv/processors/index.ts';
import { OurCluster, pocketmq } from '../interop/support/our-cluster.ts';
import { childEnv, Spawned } from '../interop/support/process.ts';
import { createTopic, encodeFrame, requestOnce } from '../interop/support/wire.ts';
import { type Crowd, halfOpen, idle, neverReading, reconnecting, unfinished } from './crowds.ts';
import { FuzzClient, type FuzzCounts, noFuzz } from './fuzz-client.ts';
import { Mutator } from './mutations.ts';
import { type Usage, Watch } from './watch.ts';

const TOPIC = 'WellBehaved';
const BULK_TOPIC = 'Bulk';
const BULK_MESSAGES = 600;
const BULK_BODY_BYTES = 64 * 1024;
const FRAMES_AT_ONCE = 32;
const FUZZ_CLIENTS = 4;
const MAX_HUNG = 4;
/** A server's share of the machine under all of this; what waits for readers and what is unfinished may take 512 of it. */
const MAX_RSS_MIB = 1024;
/** Files and connections that may remain of the crowds when they have gone. */
const MAX_FDS_LEFT = 100;
const WELL_BEHAVED = fileURLToPath(new URL('well-behaved-program.ts', import.meta.url));

interface Phase {
  readonly phase: string;
  readonly sends: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const { values } = parseArgs({
  options: {
    frames: { type: 'string' },
    seed: { type: 'string' },
    idle: { type: 'string' },
    readers: { type: 'string' },
    hostile: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const { quick } = values;
const numberOf = (text: string | undefined, long: number, short: number): number =>
  Number(text ?? (quick ? short : long));
const frames = numberOf(values.frames, 1_000_000, 20_000);
const idleCount = numberOf(values.idle, 5000, 1500);
const readers = numberOf(values.readers, 200, 60);
const hostile = numberOf(values.hostile, 2000, 600);
const seed = Number(values.seed ?? (quick ? 20_261_127 : Date.now() % 1_000_000_000));
const phaseMs = quick ? 2500 : 10_000;

/** The client in a process of its own, and what it said of each phase. */
class Client {
  readonly phases: Phase[] = [];
  readonly #process: Spawned;
  #lines = 1;

  private constructor(process: Spawned) {
    this.#process = process;
  }

  static async start(namesrvAddr: string): Promise<Client> {
    const args = ['--import', 'tsx', WELL_BEHAVED, namesrvAddr, TOPIC];
    const child = new Spawned('the well-behaved client', process.execPath, args, { env: childEnv() });
    await child.waitForOutput(/started\n/, 30_000);
    return new Client(child);
  }

  /** Ends a phase. */
  async mark(phase: string): Promise<Phase> {
    this.#process.child.stdin?.write(`${phase}\n`);
    const found = JSON.parse(await this.#line()) as Phase;
    this.phases.push(found);
    return found;
  }

  async finish(): Promise<{ sent: number; received: number; errors: number; firstError: string }> {
    this.#process.closeStdin();
    const counts = JSON.parse(await this.#line());
    await this.#process.wait(30_000);
    return counts;
  }

  async #line(): Promise<string> {
    const wanted = ++this.#lines;
    await this.#process.waitForOutput(new RegExp(`^(?:.*\n){${wanted}}`), 90_000);
    return this.#process.stdout.split('\n')[wanted - 1] ?? '';
  }
}

function say(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
}

/** A pull that brings as much as a pull can. */
function bulkPull(): Buffer {
  const extFields = {
    ...{ commitOffset: '0', consumerGroup: 'greedy', expressionType: 'TAG', maxMsgNums: '32', queueId: '0' },
    ...{
      queueOffset: '0',
      subVersion: '0',
      subscription: '*',
      suspendTimeoutMillis: '15000',
      sysFlag: '4',
      topic: BULK_TOPIC,
    },
  };
  return encodeFrame({ code: 11, extFields }, 1);
}

async function fillBulk(brokerAddr: string): Promise<void> {
  const extFields = {
    ...{ a: 'bulk', b: BULK_TOPIC, c: 'TBW102', d: '4', e: '0', f: '0', g: String(Date.now()), h: '0', i: '', j: '0' },
    ...{ k: 'false', m: 'false' },
  };
  const body = Buffer.alloc(BULK_BODY_BYTES, 'x');
  for (let i = 0; i < BULK_MESSAGES; i++) {
    const { code, remark } = await requestOnce(brokerAddr, { code: 310, extFields, body });
    if (code !== 0) throw new Error(`filling ${BULK_TOPIC}: ${code} ${remark}`);
  }
}

async function fuzz(port: number, codes: readonly number[], count: number, mutatorSeed: number): Promise<FuzzCounts> {
  const counts = noFuzz();
  const mutator = new Mutator(mutatorSeed, codes);
  let left = count;
  const worker = async (): Promise<void> => {
    const client = new FuzzClient(port, { counts });
    // A server that hangs would take half a minute for each of the others.
    while (left > 0 && counts.hung < MAX_HUNG) {
      if (Math.floor(left / 100_000) !== Math.floor((left + FRAMES_AT_ONCE) / 100_000))
        say(`${left} frames left for ${port}`);
      const batch = Array.from({ length: Math.min(left, FRAMES_AT_ONCE) }, () => mutator.next());
      left -= batch.length;
      await client.try(batch);
    }
    client.close();
  };
  try {
    await Promise.all(Array.from({ length: FUZZ_CLIENTS }, worker));
  } catch (error) {
    left = 0;
    failures.push(`port ${port} takes no connection any more: ${String(error)}`);
  }
  return counts;
}

/** What the quickstart page has one do with a cluster; the names of the commands that failed. */
async function quickstartCommands(cluster: OurCluster): Promise<string[]> {
  const failed: string[] = [];
  const run = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await pocketmq([...args, '-n', cluster.namesrvAddr]);
    if (code !== 0) failed.push(`${args[0]}: exit code ${code}: ${stderr.slice(0, 300)}`);
  };
  await run('clusterList');
  await run('updateTopic', '-c', cluster.clusterName, '-t', 'QuickstartTopic', '-r', '2', '-w', '2');
  await run('topicList');
  await run('topicRoute', '-t', 'QuickstartTopic');
  await run('sendMessage', '-t', 'QuickstartTopic', '-p', 'hello', '-k', 'key1');
  await run('consumeMessage', '-t', 'QuickstartTopic', '-c', '1');
  await run('topicStatus', '-t', 'QuickstartTopic');
  return failed;
}

/** CPU seconds of the broker; 0 where that cannot be read. */
function cpuOf(cluster: OurCluster): number {
  try {
    return cpuSeconds(cluster.broker?.pid ?? 0);
  } catch {
    return 0;
  }
}

/** Lines of level ERROR in the servers' logs. */
function errorLines(dataDir: string): string[] {
  const folder = join(dataDir, 'logs');
  return readdirSync(folder)
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => /^\S+ \S+ ERROR /.test(line));
}

const failures: string[] = [];
const rows: [string, string][] = [];
const row = (what: string, value: string | number): void => void rows.push([what, String(value)]);
function bound(what: string, value: number, limit: number): void {
  if (value > limit) failures.push(`${what}: ${value}, more than ${limit}`);
}

async function crowds(cluster: OurCluster, client: Client): Promise<void> {
  const { brokerPort, namesrvPort } = cluster;
  const request = bulkPull();
  const measured = async (name: string, ...made: Crowd[]): Promise<void> => {
    await client.mark(`making ${name}`);
    const [begun, cpu] = [performance.now(), cpuOf(cluster)];
    await delay(phaseMs);
    await client.mark(name);
    const busy = Math.round(((cpuOf(cluster) - cpu) / (performance.now() - begun)) * 100_000);
    const still = made.map(({ open, made: all }) => `${open} of ${all}`).join(', ');
    row(`${name}: open at the end; the broker's CPU`, `${still}; ${busy} %`);
    say(`${name}: ${still} open`);
  };
  const sleepers = [await idle(idleCount, brokerPort), await idle(Math.ceil(idleCount / 10), namesrvPort)];
  await measured('idle', ...sleepers);
  for (const { open, made } of sleepers) bound('idle connections that were lost', made - open, 0);
  const greedy = await neverReading(readers, brokerPort, request);
  await measured('never reading', greedy);
  const halves = [
    await halfOpen(readers, brokerPort, request),
    await unfinished(readers * 2, brokerPort, 1024 * 1024),
    await unfinished(readers, namesrvPort, 1024 * 1024),
  ];
  await measured('half-open and unfinished', ...halves);
  const loops = [reconnecting(8, brokerPort, seed), reconnecting(2, namesrvPort, seed)];
  await measured('connecting in a loop', ...loops);
  row(
    'connections made in loops',
    loops.reduce((sum, { made }) => sum + made, 0),
  );

  const more = await neverReading(Math.max(0, hostile - readers * 4), brokerPort, request);
  await client.mark('making the quickstart');
  const failed = await quickstartCommands(cluster);
  await client.mark('all, and the quickstart');
  row('hostile connections beside the quickstart', hostile);
  row('commands of the quickstart that failed', failed.length);
  failures.push(...failed);
  for (const crowd of [...sleepers, greedy, ...halves, ...loops, more]) await crowd.leave();
}

async function main(): Promise<void> {
  const begun = Date.now();
  say(`seed ${seed}`);
  const cluster = await OurCluster.start({ broker: { brokerName: 'hostile-broker' } });
  const { brokerAddr, namesrvAddr, brokerPort, namesrvPort } = cluster;
  for (const topic of [TOPIC, BULK_TOPIC]) await createTopic({ namesrvAddr, brokerAddr, topic, queues: 4 });
  await fillBulk(brokerAddr);
  const pids = { broker: cluster.broker?.pid ?? 0, namesrv: cluster.namesrv?.pid ?? 0 };
  const client = await Client.start(namesrvAddr);
  // From here on this process is the hostile one: elsewhere it would have a machine of its own, here it gets what is left.
  setPriority(constants.priority.PRIORITY_LOW);
  await delay(phaseMs);
  await client.mark('warm-up');
  await delay(phaseMs);
  const own = await client.mark('alone');
  const watches = { broker: new Watch(pids.broker), namesrv: new Watch(pids.namesrv) };

  await crowds(cluster, client);
  await delay(1500);
  await client.mark('the crowds leave');
  const left: Record<string, Usage> = { broker: watches.broker.now(), namesrv: watches.namesrv.now() };

  say(`${frames} mutated frames`);
  const shares = [
    { port: brokerPort, codes: brokerCodes, count: Math.ceil(frames * 0.65) },
    { port: brokerPort - 2, codes: brokerCodes, count: Math.ceil(frames * 0.05) },
    { port: namesrvPort, codes: namesrvCodes, count: Math.ceil(frames * 0.3) },
  ];
  const fuzzed = await Promise.all(shares.map(({ port, codes, count }, i) => fuzz(port, codes, count, seed + i)));
  await client.mark('mutated frames');
  const total = (name: 'frames' | 'survived' | 'closed' | 'hung' | 'faults'): number =>
    fuzzed.reduce((sum, counts) => sum + counts[name], 0);

  await delay(phaseMs);
  await client.mark('alone again');
  const counts = await client.finish();
  for (const watch of Object.values(watches)) watch.stop();
  const ended = [cluster.broker, cluster.namesrv].filter((server) => server?.finished !== undefined);
  for (const server of ended) failures.push(`${server?.name} ended: ${server?.stderr.slice(-1500)}`);
  const exits = [await cluster.broker?.stop(), await cluster.namesrv?.stop()];
  const errors = errorLines(cluster.dataDir);
  await cluster.stop();

  row('frames tried', total('frames'));
  row('  connection still served / closed', `${total('survived')} / ${total('closed')}`);
  row('  neither answered nor closed', total('hung'));
  row('  answers that show an error of the program', total('faults'));
  row('servers that crashed', ended.length);
  row('servers that did not end with 0', exits.filter((exit) => exit?.code !== 0).length);
  row('ERROR lines in their logs', errors.length);
  row("well-behaved client's messages sent / received", `${counts.sent} / ${counts.received}`);
  row("well-behaved client's errors", counts.errors);
  for (const { phase, sends, p99 } of client.phases) {
    if (phase.startsWith('making') || phase === 'warm-up') continue;
    const ratio = phase === 'alone' ? '' : `, ${(p99 / own.p99).toFixed(1)} times its own`;
    row(`  p99 ${phase} (${sends} sends)`, `${p99.toFixed(2)} ms${ratio}`);
  }
  for (const [name, watch] of Object.entries(watches)) {
    const after = left[name] ?? watch.before;
    row(`${name}: RSS before / peak`, `${watch.before.rssMiB} / ${watch.peak.rssMiB} MiB`);
    row(
      `${name}: open files before / peak / after the crowds`,
      `${watch.before.fds} / ${watch.peak.fds} / ${after.fds}`,
    );
    bound(`${name}: RSS in MiB`, watch.peak.rssMiB, MAX_RSS_MIB);
    bound(`${name}: open files after the crowds`, after.fds, watch.before.fds + MAX_FDS_LEFT);
  }
  row('seed', seed);
  row('seconds', Math.round((Date.now() - begun) / 1000));

  bound('neither answered nor closed', total('hung'), 0);
  bound('answers that show an error of the program', total('faults'), 0);
  bound('servers that crashed', ended.length, 0);
  bound('servers that did not end with 0', exits.filter((exit) => exit?.code !== 0).length, 0);
  bound('ERROR lines', errors.length, 0);
  bound("the well-behaved client's errors", counts.errors, 0);
  for (const { firstFault } of fuzzed) if (firstFault !== '') failures.push(firstFault);
  if (counts.firstError !== '') failures.push(counts.firstError);
  failures.push(...errors.slice(0, 5));

  const width = Math.max(...rows.map(([what]) => what.length));
  console.log(`\n${rows.map(([what, value]) => `${what.padEnd(width)}  ${value}`).join('\n')}\n`);
  for (const failure of failures) console.log(`FAILED ${failure}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

await main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
