/** How many timed messages a stopped store holds that are not delivered: only a broker that knows them delivers them. */
import { Topic } from '../../message/topic-validator.ts';
import { decodeTimerTable, isDelivered, type TimerTable } from '../timer-offsets.ts';
import type { StoreDir } from './store-dir.ts';

const FILE = 'timerOffset.json';

/** Tells those that wait from those that are delivered, by the file the last broker has written. */
export class TimedPending {
  count = 0;
  readonly #table: TimerTable | undefined;
  readonly #minOffset: number;

  constructor(dir: StoreDir) {
    this.#table = tableOf(dir);
    this.#minOffset = dir.minOffset;
  }

  /** A unit of any queue. */
  see(queue: { topic: string; queueId: number }, queueOffset: number, physicOffset: number): void {
    if (queue.topic !== Topic.TIMER || queue.queueId !== 0 || physicOffset < this.#minOffset) return;
    if (this.#table === undefined || !isDelivered(this.#table, queueOffset)) this.count++;
  }
}

function tableOf(dir: StoreDir): TimerTable | undefined {
  for (const path of [dir.configPath(FILE), `${dir.configPath(FILE)}.bak`]) {
    try {
      const text = dir.disk.readText(path);
      if (text !== undefined) return decodeTimerTable(text);
    } catch {
      // The next one, or none: a broker looks into the log then.
    }
  }
  return undefined;
}

/** A sentence without its full stop. */
export function timedPendingText(count: number, crashed: boolean): string {
  const messages = count === 1 ? '1 timed message waits' : `${count} timed messages wait`;
  return `${crashed ? 'at most ' : ''}${messages} in ${Topic.TIMER}, which no broker of 4.9 delivers`;
}
