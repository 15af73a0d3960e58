/**
 * The rows of the benchmark and what each has to reach.
 *
 * A ratio is ours divided by the Java broker's, of one pair measured one right after the other. Rows with `absolute`
 * are judged by our own figure instead, as their goal is no comparison.
 */
export interface Goal {
  readonly id: RowId;
  readonly title: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** At least this, and what we aim for: ratios, or figures where `absolute`. */
  readonly least: number;
  readonly aim: number;
  readonly absolute?: true;
  /** What ours is held against where it is not the Java broker. */
  readonly than?: 'the disk';
}

export type RowId =
  | 'start'
  | 'start-ack'
  | 'consume'
  | 'receipt'
  | 'receipt-p99'
  | 'groups'
  | 'sync1'
  | 'sync16'
  | 'sync64'
  | 'async'
  | 'transaction16'
  | 'cpu'
  | 'p99'
  | 'generator-send'
  | 'generator-pull'
  | 'memory'
  | 'clusterlist-wall'
  | 'clusterlist-cpu'
  | 'sync-flush64'
  | 'kill-ack'
  | 'clean-open'
  | 'recovery'
  | 'cold-read';

export const GOALS: readonly Goal[] = [
  { id: 'sync1', title: 'synchronous, 1 thread', unit: 'msg/s', better: 'higher', least: 2, aim: 3.5 },
  { id: 'sync16', title: 'synchronous, 16 threads', unit: 'msg/s', better: 'higher', least: 2.5, aim: 4.5 },
  { id: 'sync64', title: 'synchronous, 64 threads', unit: 'msg/s', better: 'higher', least: 2, aim: 3 },
  { id: 'async', title: 'asynchronous, window 1000', unit: 'msg/s', better: 'higher', least: 2.2, aim: 3.5 },
  { id: 'transaction16', title: 'transactions, 16 threads', unit: 'tx/s', better: 'higher', least: 2, aim: 3 },
  { id: 'consume', title: 'push consumption of a backlog', unit: 'msg/s', better: 'higher', least: 1.2, aim: 1.6 },
  { id: 'receipt', title: 'send to receipt, median', unit: 'us', better: 'lower', least: 1, aim: 1 / 2 },
  { id: 'receipt-p99', title: 'send to receipt, p99', unit: 'us', better: 'lower', least: 1, aim: 1 / 2 },
  {
    id: 'groups',
    title: '1,000 groups of 10 members, broker CPU',
    unit: 'cores',
    better: 'lower',
    least: 0.5,
    aim: 0.25,
    absolute: true,
  },
  { id: 'cpu', title: 'broker CPU per message sent', unit: 'us', better: 'lower', least: 1 / 6, aim: 1 / 15 },
  {
    id: 'generator-send',
    title: 'own generator, broker CPU per send',
    unit: 'us',
    better: 'lower',
    least: 7,
    aim: 3.5,
    absolute: true,
  },
  {
    id: 'generator-pull',
    title: 'own generator, broker CPU per pulled message',
    unit: 'us',
    better: 'lower',
    least: 3,
    aim: 1,
    absolute: true,
  },
  { id: 'p99', title: 'p99 with 16 threads', unit: 'us', better: 'lower', least: 1 / 2, aim: 1 / 4 },
  { id: 'memory', title: 'memory (PSS) after that', unit: 'MiB', better: 'lower', least: 1 / 7, aim: 1 / 16 },
  { id: 'start', title: 'both processes to listening', unit: 'ms', better: 'lower', least: 1 / 20, aim: 1 / 40 },
  {
    id: 'start-ack',
    title: 'both processes to the first ack',
    unit: 'ms',
    better: 'lower',
    least: 1 / 10,
    aim: 1 / 30,
  },
  { id: 'clusterlist-wall', title: 'clusterList, wall', unit: 'ms', better: 'lower', least: 1 / 35, aim: 1 / 60 },
  { id: 'clusterlist-cpu', title: 'clusterList, CPU', unit: 'ms', better: 'lower', least: 1 / 10, aim: 1 / 20 },
  { id: 'sync-flush64', title: 'SYNC_FLUSH, 64 threads', unit: 'msg/s', better: 'higher', least: 2, aim: 3 },
  { id: 'kill-ack', title: 'from kill -9 to the first ack', unit: 'ms', better: 'lower', least: 1 / 8, aim: 1 / 16 },
  {
    id: 'clean-open',
    title: 'opening a cleanly stopped 10 GB store',
    unit: 'ms',
    better: 'lower',
    least: 1000,
    aim: 500,
    absolute: true,
  },
  {
    id: 'recovery',
    title: 'recovery of the whole log, cold',
    unit: 'MiB/s',
    better: 'higher',
    least: 0.5,
    aim: 0.9,
    than: 'the disk',
  },
  {
    id: 'cold-read',
    title: 'pulling old data, cold',
    unit: 'MiB/s',
    better: 'higher',
    least: 0.5,
    aim: 0.9,
    than: 'the disk',
  },
];

/** What must run for a row: p99 and cpu are read off the sending runs. */
export const NEEDS: Readonly<Partial<Record<RowId, readonly RowId[]>>> = {
  p99: ['sync16'],
  'receipt-p99': ['receipt'],
  'start-ack': ['start'],
  cpu: ['sync1', 'sync16', 'sync64', 'async'],
};
