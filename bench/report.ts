/** What a benchmark run says: a line for each pair while it goes, then the table, the shortfalls first, and JSON. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { GOALS, type Goal, type RowId } from './goals.ts';
import { loadAverage, median } from './proc.ts';
import type { Measured, Settings } from './rows.ts';

export interface Pair {
  /** Who was measured first. */
  readonly order: 'java first' | 'ours first';
  readonly java: number;
  readonly ours: number;
  readonly ratio: number;
  readonly loadAverage: string;
  readonly details?: { readonly java: object | undefined; readonly ours: object | undefined };
}

const RESULTS = fileURLToPath(new URL('./results/', import.meta.url));

export class Report {
  private readonly rows = new Map<RowId, Pair[]>();
  private readonly settings: Settings;
  private readonly began = new Date();
  private readonly loadBefore = loadAverage();

  constructor(settings: Settings) {
    this.settings = settings;
    const { pairs, seconds, brokerWarm, clientWarm, size, backlog } = settings;
    say(`${cpus().length} cores, Node ${process.version}, load average ${this.loadBefore}`);
    say(
      `${pairs} pairs of ${seconds} s, ${size} B; brokers warmed ${brokerWarm} s, each client ${clientWarm} s; ` +
        `backlog ${backlog} messages`,
    );
  }

  add(id: RowId, order: Pair['order'], java: Measured, ours: Measured): void {
    const pairs = this.rows.get(id) ?? [];
    this.rows.set(id, pairs);
    const pair: Pair = {
      order,
      java: java.value,
      ours: ours.value,
      ratio: ours.value / java.value,
      loadAverage: loadAverage(),
      ...(java.details || ours.details ? { details: { java: java.details, ours: ours.details } } : {}),
    };
    pairs.push(pair);
    const goal = goalOf(id);
    say(
      `${goal.title}, pair ${pairs.length} (${order}): ${goal.than ?? 'java'} ${figure(pair.java)} ${goal.unit}, ` +
        `ours ${figure(pair.ours)} ${goal.unit}, ratio ${ratioText(pair.ratio)}, load ${pair.loadAverage}`,
    );
  }

  /** Prints the end result and returns where the JSON was written. */
  finish(): string {
    const results = GOALS.flatMap((goal) => {
      const pairs = this.rows.get(goal.id);
      return pairs === undefined ? [] : [summary(goal, pairs)];
    });
    const short = results.filter((row) => row.verdict === 'short');
    say('');
    if (short.length === 0) say('No row falls short of its goal.');
    for (const row of short) say(`SHORT: ${row.title}: ${row.shown}, at least ${row.goal} is due`);
    say('');
    table(results);
    mkdirSync(RESULTS, { recursive: true });
    const file = `${RESULTS}${this.began.toISOString().replaceAll(':', '-').slice(0, 19)}.json`;
    const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
    const load = { before: this.loadBefore, after: loadAverage() };
    const json = { date: this.began.toISOString(), machine, loadAverage: load, settings: this.settings, rows: results };
    writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`);
    return file;
  }
}

interface Summary {
  readonly id: RowId;
  readonly title: string;
  readonly unit: string;
  readonly java: number;
  readonly ours: number;
  readonly ratio: number;
  readonly shown: string;
  readonly goal: string;
  readonly aim: string;
  readonly verdict: 'short' | 'reached' | 'aim reached';
  readonly pairs: readonly Pair[];
}

function summary(goal: Goal, pairs: readonly Pair[]): Summary {
  const [java, ours] = [median(pairs.map((pair) => pair.java)), median(pairs.map((pair) => pair.ours))];
  // The median of the ratios, not the ratio of the medians: a pair shares its moment's load.
  const ratio = median(pairs.map((pair) => pair.ratio));
  const judged = goal.absolute ? ours : ratio;
  const reaches = (bound: number): boolean => (goal.better === 'higher' ? judged >= bound : judged <= bound);
  const shown = (value: number): string => (goal.absolute ? `${figure(value)} ${goal.unit}` : ratioText(value));
  return {
    id: goal.id,
    title: goal.title,
    unit: goal.unit,
    java,
    ours,
    ratio,
    shown: shown(judged),
    goal: shown(goal.least),
    aim: shown(goal.aim),
    verdict: reaches(goal.aim) ? 'aim reached' : reaches(goal.least) ? 'reached' : 'short',
    pairs,
  };
}

function table(rows: readonly Summary[]): void {
  const cells = rows.map((row) => [
    row.title,
    `${figure(row.java)} ${row.unit}`,
    `${figure(row.ours)} ${row.unit}`,
    ratioText(row.ratio),
    row.goal,
    row.aim,
    row.verdict,
  ]);
  const all = [['median of', 'Java 4.9.7 (or the disk)', 'ours', 'ratio', 'goal', 'aim', ''], ...cells];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of all) {
    const padded = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
    say(padded.join('  ').trimEnd());
  }
}

/** 3.4x, or 1/17 where ours is smaller. */
function ratioText(ratio: number): string {
  if (Number.isNaN(ratio)) return '-';
  return ratio >= 1 ? `${ratio.toFixed(2)}x` : `1/${(1 / ratio).toFixed(1)}`;
}

function figure(value: number): string {
  if (Number.isNaN(value)) return '-';
  return value >= 100 ? String(Math.round(value)) : value.toFixed(2);
}

function goalOf(id: RowId): Goal {
  const goal = GOALS.find((one) => one.id === id);
  if (goal === undefined) throw new Error(`there is no row ${id}`);
  return goal;
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
