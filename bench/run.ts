/**
 * The benchmark: PocketMQ side by side with the Java broker 4.9.7, the same Java client, in interleaved pairs.
 *
 *   node --import tsx bench/run.ts [--quick] [--pairs 6] [--seconds 10] [--backlog 800000] [--only ROW[,ROW]]
 *
 * Within a row the side that begins changes from pair to pair. Rows run one after the other: consumption first, while
 * the commit logs are short (the Java broker serves old messages in smaller portions), memory after all load.
 * --quick is one short pair of everything: it shows that the harness works and proves nothing.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { OUR_ENTRY } from '../test/interop/support/our-cluster.ts';
import { ensurePeer } from '../test/interop/support/peers.ts';
import { GOALS, NEEDS, type RowId } from './goals.ts';
import { pair } from './pairs.ts';
import { Report, say } from './report.ts';
import { clusterList, cpuPerMessage, MEASURES, type Settings, start } from './rows.ts';
import { type ClientRun, Side, type SideName } from './sides.ts';
import { STORE_ROWS, storeRows } from './store-rows.ts';

const SENDING: readonly RowId[] = ['sync1', 'sync16', 'sync64', 'async'];

interface Wanted {
  readonly settings: Settings;
  readonly rows: ReadonlySet<RowId>;
}

function wanted(): Wanted {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      pairs: { type: 'string' },
      seconds: { type: 'string' },
      backlog: { type: 'string' },
      only: { type: 'string', multiple: true },
    },
  });
  const { quick } = values;
  const settings: Settings = {
    pairs: Number(values.pairs ?? (quick ? 1 : 6)),
    seconds: Number(values.seconds ?? (quick ? 2 : 10)),
    brokerWarm: quick ? 4 : 30,
    clientWarm: quick ? 1 : 5,
    size: 1024,
    backlog: Number(values.backlog ?? (quick ? 60_000 : 800_000)),
    gigabytes: quick ? 1 : 10,
  };
  const known = new Set<string>(GOALS.map((goal) => goal.id));
  const rows = new Set<RowId>();
  for (const id of values.only?.flatMap((list) => list.split(',')) ?? known) {
    if (!known.has(id)) throw new Error(`there is no row ${id}; the rows are ${[...known].join(', ')}`);
    rows.add(id as RowId);
    for (const needed of NEEDS[id as RowId] ?? []) rows.add(needed);
  }
  return { settings, rows };
}

async function loadRows(report: Report, { settings, rows }: Wanted, sides: Record<SideName, Side>): Promise<void> {
  const sent: Record<SideName, ClientRun[]>[] = [];
  for (const [id, measure] of MEASURES) {
    if (!rows.has(id)) continue;
    for (let number = 0; number < settings.pairs; number += 1) {
      const both = await pair(report, id, number, (name) => measure(sides[name], settings, number));
      if (!SENDING.includes(id)) continue;
      sent[number] ??= { java: [], ours: [] };
      for (const name of ['java', 'ours'] as const) sent[number]?.[name].push(both[name].details as ClientRun);
    }
  }
  for (const [number, runs] of sent.entries()) {
    const order = number % 2 === 0 ? 'java first' : 'ours first';
    report.add('cpu', order, { value: cpuPerMessage(runs.java) }, { value: cpuPerMessage(runs.ours) });
  }
}

async function clusters(report: Report, want: Wanted): Promise<void> {
  const { settings, rows } = want;
  const client = await ensurePeer('4.9.7');
  const started: Side[] = [];
  try {
    const java = await Side.start('java', client);
    started.push(java);
    const ours = await Side.start('ours', client);
    started.push(ours);
    if (rows.has('clusterlist-wall') || rows.has('clusterlist-cpu')) {
      // Once unmeasured each, so that neither tool pays for reading its files from the disk.
      for (const name of ['java', 'ours'] as const) await clusterList(name, java.cluster.namesrvAddr);
      for (let number = 0; number < settings.pairs; number += 1) {
        await pair(report, 'clusterlist-wall', number, (name) => clusterList(name, java.cluster.namesrvAddr));
      }
    }
    if ([...MEASURES.keys(), 'memory' as const].some((id) => rows.has(id))) {
      say(`warming both brokers for ${settings.brokerWarm} s each`);
      for (const side of started) await side.warmUp(settings.brokerWarm, settings.size);
    }
    await loadRows(report, want, { java, ours });
    if (rows.has('memory')) {
      report.add('memory', 'java first', { value: java.memoryMiB() }, { value: ours.memoryMiB() });
    }
  } finally {
    for (const side of started) await side.stop();
  }
}

async function main(): Promise<void> {
  const want = wanted();
  if (!existsSync(OUR_ENTRY)) throw new Error('bin/run.cjs is missing: run `npm run build` first');
  const report = new Report(want.settings);
  if (want.rows.has('start')) {
    for (const name of ['java', 'ours'] as const) await start(name);
    for (let number = 0; number < want.settings.pairs; number += 1) await pair(report, 'start', number, start);
  }
  const elsewhere: readonly RowId[] = ['start', 'start-ack', ...STORE_ROWS];
  if ([...want.rows].some((id) => !elsewhere.includes(id))) await clusters(report, want);
  if (STORE_ROWS.some((id) => want.rows.has(id))) {
    await storeRows(report, want.rows, want.settings, await ensurePeer('4.9.7'));
  }
  say(`\nwritten to ${report.finish().replace(process.cwd(), '.')}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
