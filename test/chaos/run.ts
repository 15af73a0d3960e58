/**
 * `npm run test:chaos`: what is acknowledged survives kill -9 and power cuts; the counts of all parts in one table, exit
 * code 1 when one is not what it must be.
 *
 *   npm run test:chaos -- [kill] [power] [plants] [scale] [--quick] [--rounds N] [--cases N] [--seed N]
 *
 * kill    the built broker is killed under real Java senders (needs Java)
 * power   power cuts, simulated; --seed N replays the case of that seed
 * plants  bugs planted on purpose have to be noticed
 * scale   10,000 topics of 4 queues: open files, memory, times (Linux)
 *
 * --quick is CI's short form: fewer rounds and cases, no scale.
 */
import { parseArgs } from 'node:util';
import { killRounds } from './kill.ts';
import { plants } from './plants.ts';
import { powerCuts } from './power.ts';
import { type ScaleResult, scale } from './scale.ts';
import { allRight, type Row, renderTable } from './table.ts';

interface Settings {
  readonly rounds: number;
  readonly cases: number;
  readonly seed: number;
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const PARTS: Readonly<Record<string, (settings: Settings) => Promise<Row[]>>> = {
  ...{ kill, power, plants: plant, scale: large },
};

async function kill({ rounds, seed }: Settings): Promise<Row[]> {
  say(`kill: ${rounds} rounds, seed ${seed}`);
  const onRound = (round: number, acknowledged: number): void => {
    if (round % 5 === 0) say(`kill: round ${round}, ${acknowledged} acknowledged`);
  };
  const result = await killRounds({ rounds, seed, onRound });
  for (const fault of result.faults) say(`kill: ${fault}`);
  const part = 'kill';
  return [
    { part, what: 'rounds', count: result.rounds },
    { part, what: 'acknowledged', count: result.acknowledged },
    { part, what: 'found', count: result.found, must: result.acknowledged },
    { part, what: 'lost', count: result.lost, must: 0 },
    { part, what: 'doubled', count: result.doubled, must: 0 },
    { part, what: 'at another place, with another body or id', count: result.altered, must: 0 },
    { part, what: 'out of order', count: result.disordered, must: 0 },
    { part, what: 'sends without an answer', count: result.unanswered },
    { part, what: 'keys asked for', count: result.keysAsked },
    { part, what: 'keys not found', count: result.keysNotFound, must: 0 },
    { part, what: 'not delivered to the live consumer', count: result.consumer.missing, must: 0 },
    { part, what: 'delivered to it, but not there', count: result.consumer.wrong, must: 0 },
    { part, what: 'delivered to it again', count: result.consumer.again },
  ];
}

async function power({ cases, seed }: Settings): Promise<Row[]> {
  say(`power: ${cases} cases, seeds ${seed} to ${seed + cases - 1}`);
  const onCase = (number: number): void => {
    if (number % 100 === 0) say(`power: case ${number}`);
  };
  const result = await powerCuts({ cases, seed, onCase });
  for (const fault of result.faults) say(`power: ${fault}`);
  const part = 'power';
  return [
    { part, what: 'simulated cases', count: result.cases },
    { part, what: 'acknowledged', count: result.acknowledged },
    { part, what: 'found', count: result.found, must: result.acknowledged },
    { part, what: 'lost', count: result.lost, must: 0 },
    { part, what: 'doubled', count: result.doubled, must: 0 },
    { part, what: 'cases in which anything is wrong', count: result.faultySeeds.length, must: 0 },
  ];
}

async function plant({ seed }: Settings): Promise<Row[]> {
  const planted = await plants(seed);
  for (const { name, caughtBy } of planted) say(`plants: ${name}: ${caughtBy ?? 'NOT NOTICED'}`);
  const part = 'plants';
  const caught = planted.filter(({ caughtBy }) => caughtBy !== undefined).length;
  return [
    { part, what: 'planted bugs', count: planted.length },
    { part, what: 'noticed', count: caught, must: planted.length },
  ];
}

/** Descriptors: 512 segment files, and sockets, logs and libraries. */
const MOST_OPEN_FILES = 640;
/** What the memory may differ by, MiB, while hundreds of thousands of messages are stored. */
const MOST_GROWTH = 64;

async function large(): Promise<Row[]> {
  const result: ScaleResult = await scale((text) => say(`scale: ${text}`));
  const part = 'scale';
  const ratio = result.sendRateBesideReader / result.sendRate;
  const ms = (value: number): string => `${Math.round(value)} ms`;
  return [
    { part, what: 'queues', count: result.queues },
    { part, what: 'open files', count: result.openFiles, most: MOST_OPEN_FILES },
    { part, what: 'first start', count: ms(result.firstStartMs) },
    { part, what: 'a first message for each queue', count: ms(result.firstRoundMs) },
    { part, what: 'the longest wait for an answer', count: ms(result.worstWaitMs) },
    { part, what: 'one more for each queue', count: ms(result.secondRoundMs) },
    { part, what: 'the longest wait for an answer', count: ms(result.secondWorstWaitMs) },
    { part, what: 'messages stored', count: result.messages },
    { part, what: 'memory after half of them, MiB', count: Math.round(result.memoryBefore) },
    { part, what: 'memory grown by the other half, MiB', count: growthOf(result), most: MOST_GROWTH },
    { part, what: 'sends a second', count: Math.round(result.sendRate) },
    { part, what: 'sends a second beside one that catches up', count: Math.round(result.sendRateBesideReader) },
    { part, what: 'ratio of the two', count: ratio.toFixed(2) },
    { part, what: 'messages a second that one gets', count: Math.round(result.readRate) },
    { part, what: 'stop', count: ms(result.stopMs) },
    { part, what: 'start', count: ms(result.startMs) },
  ];
}

const growthOf = ({ memoryBefore, memoryAfter }: ScaleResult): number => Math.round(memoryAfter - memoryBefore);

function readArguments(): { parts: string[]; settings: Settings } {
  const { values, positionals } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      cases: { type: 'string' },
      seed: { type: 'string' },
    },
    allowPositionals: true,
  });
  const names = Object.keys(PARTS);
  for (const part of positionals) {
    if (!names.includes(part)) throw new Error(`there is no part ${part}; the parts are ${names.join(', ')}`);
  }
  const seed = countOf('seed', values.seed) ?? (values.quick ? 20_261_127 : Date.now() % 1_000_000_000);
  const rounds = countOf('rounds', values.rounds) ?? (values.quick ? 5 : 50);
  const cases = countOf('cases', values.cases) ?? (values.seed === undefined ? (values.quick ? 50 : 1000) : 1);
  const all = values.quick ? names.filter((name) => name !== 'scale') : names;
  return { parts: positionals.length > 0 ? positionals : all, settings: { rounds, cases, seed } };
}

function countOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`--${name} ${text} is no number`);
  return Number(text);
}

async function main(): Promise<void> {
  const { parts, settings } = readArguments();
  const rows: Row[] = [];
  for (const part of parts) {
    const begun = Date.now();
    rows.push(...((await PARTS[part]?.(settings)) ?? []));
    say(`${part}: done in ${Math.round((Date.now() - begun) / 1000)} s`);
  }
  say(`\n${renderTable(rows)}`);
  process.exitCode = allRight(rows) ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
