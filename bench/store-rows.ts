/**
 * The rows about the store: what SYNC_FLUSH costs, how soon a killed broker acknowledges again, and how fast a log of
 * `gigabytes` is recovered, opened and read when nothing of it is in memory. The last three are held against the disk:
 * `dd` over the same files, as cold, in the same pair.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OurCluster } from '../test/interop/support/our-cluster.ts';
import type { Peer } from '../test/interop/support/peers.ts';
import { pollUntil, runToEnd } from '../test/interop/support/process.ts';
import { createTopic, sendOnce } from '../test/interop/support/wire.ts';
import { generate } from './generator.ts';
import type { RowId } from './goals.ts';
import { pair } from './pairs.ts';
import type { Report } from './report.ts';
import { type Measured, type Settings, sending } from './rows.ts';
import { Side, type SideName } from './sides.ts';

export const STORE_ROWS: readonly RowId[] = ['sync-flush64', 'kill-ack', 'clean-open', 'recovery', 'cold-read'];

const START_LIMIT_MS = 300_000;
const MIB = 1024 * 1024;
const TOPIC = 'BenchCold';
/** Larger than in the other rows: the log is to grow, and to be read, at the pace of the disk. */
const COLD_SIZE = 4096;
const QUEUES = 4;

export async function storeRows(
  report: Report,
  rows: ReadonlySet<RowId>,
  settings: Settings,
  client: Peer,
): Promise<void> {
  if (rows.has('sync-flush64')) {
    await withSides({ flushDiskType: 'SYNC_FLUSH' }, client, async (sides) => {
      for (const side of Object.values(sides)) await side.warmUp(settings.brokerWarm / 2, settings.size);
      for (let number = 0; number < settings.pairs; number += 1) {
        await pair(report, 'sync-flush64', number, (name) => sending(sides[name], settings, 'sync', 64));
      }
    });
  }
  if (rows.has('kill-ack')) {
    await withSides({}, client, async (sides) => {
      for (const side of Object.values(sides)) await side.ensureBacklog(settings.backlog, settings.size);
      for (let number = 0; number < settings.pairs; number += 1) {
        await pair(report, 'kill-ack', number, (name) => killToAck(sides[name], settings));
      }
    });
  }
  if (rows.has('clean-open') || rows.has('recovery') || rows.has('cold-read')) await coldRows(report, rows, settings);
}

async function withSides(
  broker: Readonly<Record<string, string>>,
  client: Peer,
  work: (sides: Record<SideName, Side>) => Promise<void>,
): Promise<void> {
  const java = await Side.start('java', client, broker);
  try {
    const ours = await Side.start('ours', client, broker);
    try {
      await work({ java, ours });
    } finally {
      await ours.stop();
    }
  } finally {
    await java.stop();
  }
}

/** Milliseconds from SIGKILL, under load, to the first acknowledged message of the next process. */
async function killToAck(side: Side, settings: Settings): Promise<Measured> {
  const { cluster } = side;
  await sending(side, settings, 'sync', 16);
  const begin = performance.now();
  await cluster.stopBroker('SIGKILL');
  await cluster.startBrokerUntilListening();
  const often = { timeoutMs: START_LIMIT_MS, everyMs: 2 };
  await pollUntil('the first message', () => sendOnce(cluster.brokerAddr, side.sendTopic, Buffer.from('first')), often);
  const value = performance.now() - begin;
  await cluster.stopBroker();
  await cluster.startBroker();
  return { value };
}

async function coldRows(report: Report, rows: ReadonlySet<RowId>, settings: Settings): Promise<void> {
  const cluster = await OurCluster.prepare({ broker: { mappedFileSizeCommitLog: String(1024 * MIB) } });
  try {
    await cluster.startNamesrv();
    await cluster.startBroker();
    await fill(cluster, settings.gigabytes * 1024 * MIB);
    await cluster.stopBroker();
    const bytes = logFiles(cluster).length * 1024 * MIB;
    const measures: readonly [RowId, () => Promise<number>][] = [
      ['clean-open', () => timeOpen(cluster)],
      ['cold-read', async () => (await readCold(cluster, settings)) / MIB],
      // The crash is one without a checkpoint: the whole log is read again.
      ['recovery', async () => bytes / MIB / ((await timeRecovery(cluster)) / 1000)],
    ];
    for (const [id, measure] of measures) {
      if (!rows.has(id)) continue;
      for (let number = 0; number < Math.min(settings.pairs, 3); number += 1) {
        const disk = await diskRate(cluster);
        await forget(cluster);
        report.add(id, 'java first', { value: id === 'clean-open' ? Number.NaN : disk }, { value: await measure() });
      }
    }
  } finally {
    await cluster.stop();
  }
}

async function fill(cluster: OurCluster, bytes: number): Promise<void> {
  const { namesrvAddr, brokerAddr } = cluster;
  await createTopic({ namesrvAddr, brokerAddr, topic: TOPIC, queues: QUEUES });
  for (let stored = 0; stored < bytes; ) {
    const { msgs } = await generate({ ...load(cluster), seconds: 5, pull: false });
    stored += msgs * COLD_SIZE;
  }
}

const load = (cluster: OurCluster) => ({
  addr: cluster.brokerAddr,
  topic: TOPIC,
  warm: 0,
  window: 1000,
  size: COLD_SIZE,
  queues: QUEUES,
});

/** Milliseconds from the start of the process until it accepts connections; it is stopped again. */
async function timeOpen(cluster: OurCluster): Promise<number> {
  const begin = performance.now();
  await cluster.startBrokerUntilListening();
  const value = performance.now() - begin;
  await cluster.stopBroker();
  return value;
}

async function timeRecovery(cluster: OurCluster): Promise<number> {
  await cluster.startBroker();
  const { storeDir } = cluster;
  await cluster.stopBroker('SIGKILL');
  rmSync(join(storeDir, 'checkpoint'));
  await forget(cluster);
  return timeOpen(cluster);
}

/** Bytes of bodies a second that 16 pulls at a time get of the oldest messages. */
async function readCold(cluster: OurCluster, settings: Settings): Promise<number> {
  await cluster.startBroker();
  await forget(cluster);
  const { rate, errors, firstError } = await generate({ ...load(cluster), seconds: settings.seconds / 2, pull: true });
  if (errors > 0) throw new Error(`reading old messages: ${errors} errors, ${firstError}`);
  await cluster.stopBroker();
  return rate * COLD_SIZE;
}

function logFiles(cluster: OurCluster): string[] {
  const folder = join(cluster.storeDir, 'commitlog');
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

/** MiB a second that dd reads of the first files of the log, cold, in blocks of a MiB. */
async function diskRate(cluster: OurCluster): Promise<number> {
  await forget(cluster);
  const files = logFiles(cluster).slice(0, 2);
  const begin = performance.now();
  for (const file of files) await dd([`if=${file}`, 'of=/dev/null', 'bs=1M']);
  return (files.length * 1024 * 1000) / (performance.now() - begin);
}

/** Takes every file of the store out of the kernel's cache. */
async function forget(cluster: OurCluster): Promise<void> {
  for (const name of readdirSync(cluster.storeDir, { recursive: true, encoding: 'utf8' })) {
    const file = join(cluster.storeDir, name);
    if (!statSync(file).isFile()) continue;
    await dd([`of=${file}`, 'conv=notrunc,fdatasync', 'oflag=nocache', 'count=0', 'if=/dev/null']);
  }
}

async function dd(args: readonly string[]): Promise<void> {
  const { code, stderr } = await runToEnd('dd', args);
  if (code !== 0) throw new Error(`dd ${args.join(' ')}: ${stderr}`);
}
