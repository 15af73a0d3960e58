/**
 * What quickstart shows, at most 80 columns wide: each command as a user would type it, its result in a line, progress where
 * there is a terminal, and a summary. Nothing when a machine reads the result.
 */

import type { ClusterRow } from '../../core/client/admin/cluster-admin.ts';
import type { Io } from '../io.ts';
import type { QuickstartResult } from './quickstart-run.ts';

const WIDTH = 79;
const PROGRESS_EVERY = 50;
const CLEAR_LINE = '\r\u001b[K';

/** A whole number with commas between thousands. */
export const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

export interface ReportOptions {
  readonly io: Io;
  readonly quiet: boolean;
  /** Makes a text stand out. */
  bold(text: string): string;
}

export class QuickstartReport {
  readonly #io: Io;
  readonly #quiet: boolean;
  readonly #bold: (text: string) => string;
  readonly #program: string;
  #progressShown = false;

  constructor({ io, quiet, bold }: ReportOptions) {
    this.#io = io;
    this.#quiet = quiet;
    this.#bold = bold;
    this.#program = programName(io.env);
  }

  /** `$ mqadmin updateTopic …` */
  command(...words: string[]): void {
    this.#line(this.#bold(`$ ${this.#program} ${words.join(' ')}`));
  }

  /** `$ export NAME=value` */
  export(name: string, value: string): void {
    this.#line(this.#bold(`$ export ${name}=${/[^\w./:-]/.test(value) ? `'${value}'` : value}`));
  }

  /** A command repeated for i = 1 to `times`. */
  loop(times: number, ...words: string[]): void {
    this.#line(this.#bold(`$ for i in $(seq ${times}); do`));
    this.#line(this.#bold(`>   ${this.#program} ${words.join(' ')}; done`));
  }

  /** A result; folded at blanks where it is too long. */
  note(text: string): void {
    let line = ' ';
    for (const word of text.split(' ')) {
      if (line.length + 1 + word.length > WIDTH) {
        this.#line(line.trimEnd());
        line = '   ';
      }
      line += ` ${word}`;
    }
    this.#line(line);
  }

  rate(what: string, messages: number, millis: number): void {
    this.note(`${what}: ${count(millis)} ms, ${count((messages / millis) * 1000)} a second`);
  }

  progress(what: string, done: number): void {
    if (this.#quiet || !this.#io.stdoutIsTerminal || done % PROGRESS_EVERY !== 0) return;
    this.#progressShown = true;
    this.#io.out(`${CLEAR_LINE}  ${count(done)} ${what}`);
  }

  async brokers(rows: readonly ClusterRow[]): Promise<void> {
    const { default: Table } = await import('cli-table3');
    const table = new Table({
      head: ['cluster', 'broker', 'id', 'address', 'version', 'messages in', 'out'],
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
      chars: borderless,
    });
    for (const row of rows) {
      const totals = [count(row.inTotalToday), count(row.outTotalToday)];
      table.push([row.clusterName, row.brokerName, row.brokerId, row.brokerAddr, row.version, ...totals]);
    }
    for (const line of table.toString().split('\n')) this.note(line.trimEnd());
  }

  names(names: readonly string[]): void {
    this.note([...names].sort().join('  '));
  }

  async summary(result: QuickstartResult): Promise<void> {
    const { millis, kept, namesrvAddr, dataDir } = result;
    const steps = Object.entries(millis).filter(([step]) => step !== 'total');
    this.#line('');
    this.#line(
      `${count(result.sent)} messages sent, ${count(result.received)} received, each exactly once, ` +
        `in ${(millis.total / 1000).toFixed(1)} s`,
    );
    this.note(`(${steps.map(([step, time]) => `${step} ${count(time)} ms`).join(', ')})`);
    if (kept) {
      this.#line('The cluster keeps running.');
      this.#line(`  use it:   ${this.#bold(`export NAMESRV_ADDR=${namesrvAddr}`)}`);
      this.#line(`  stop it:  ${this.#bold(`${this.#program} shutdown all --data-dir '${dataDir}'`)}`);
    }
    const next = kept ? `${this.#program} topicList -n ${namesrvAddr}` : `${this.#program} quickstart --keep`;
    this.#line(`next: ${this.#bold(next)}`);
  }

  /** Leaves the terminal usable: no half line. */
  end(): void {
    if (this.#progressShown) this.#io.out(CLEAR_LINE);
    this.#progressShown = false;
  }

  #line(text: string): void {
    if (this.#quiet) return;
    this.end();
    this.#io.out(`${text}\n`);
  }
}

const borderless = Object.fromEntries([
  ['middle', ''],
  ...['top', 'bottom', 'mid', 'left', 'right'].flatMap((side) => [
    [side, ''],
    [`${side}-mid`, ''],
    [`${side}-left`, ''],
    [`${side}-right`, ''],
  ]),
]);

/** What the person would type: npm and npx run the program without putting it on the PATH. */
function programName(env: Io['env']): string {
  if (env.npm_lifecycle_event === 'npx') return 'npx pocketmq';
  return env.npm_lifecycle_event === undefined ? 'mqadmin' : 'bin/mqadmin';
}
