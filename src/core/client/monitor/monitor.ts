/**
 * Looks at a cluster every so often and tells which alarms fire and recover. What cannot be asked is told once, and once more
 * when it can be again; alarms stay as they are meanwhile.
 */

import { PocketError } from '../../common/errors.ts';
import type { Service } from '../../common/service.ts';
import type { Admin } from '../admin/admin.ts';
import { Delays } from '../delays.ts';
import { AlarmBook, type AlarmEvent } from './alarm-book.ts';
import { monitorRound, type RoundResult } from './monitor-round.ts';
import type { MonitorRule } from './monitor-rule.ts';

/** Different failures that are remembered as told. */
const MAX_TROUBLES = 100;

export interface MonitorOptions {
  /** Asks the cluster; started and stopped by the caller. */
  readonly admin: Admin;
  readonly rules: readonly MonitorRule[];
  /** From the beginning of a round to that of the next, ms; one that takes longer is followed at once. */
  readonly intervalMs: number;
  /** True: `forMs` of the rules does not count. */
  readonly atOnce?: boolean | undefined;
  readonly onAlarm: (event: AlarmEvent) => void;
  /** What is to be said about asking itself; one sentence. */
  readonly onTrouble: (sentence: string) => void;
}

export class Monitor implements Service {
  readonly #options: MonitorOptions;
  readonly #book: AlarmBook;
  readonly #delays: Delays;
  /** Failures that were told and still hold. */
  #troubles = new Set<string>();
  #running: Promise<void> | undefined;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#book = new AlarmBook({ atOnce: options.atOnce });
    this.#delays = new Delays(options.admin.clock);
  }

  /** Begins with the first round. */
  start(): Promise<void> {
    this.#running ??= this.#run();
    this.#running.catch(() => {});
    return Promise.resolve();
  }

  /** Resolves when the round under way has ended: stop the Admin before to end its calls. */
  async stop(): Promise<void> {
    this.#delays.end();
    await this.#running?.catch(() => {});
  }

  /** Never resolves before stop(); rejects for a defect of the monitor itself. */
  ended(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** One round. Rejects with PocketError STOPPED when the Admin is stopped meanwhile. */
  async round(): Promise<RoundResult> {
    const { admin, rules, onAlarm } = this.#options;
    const result = await monitorRound(admin, rules);
    const unknown = new Map(result.groups.map((group) => [group.consumerGroup, group.unknown]));
    const events = this.#book.enter(result.findings, admin.clock.now(), (condition, group) => {
      if (result.unreachable !== undefined) return condition !== 'clusterUnreachable';
      return group !== undefined && unknown.get(group)?.has(condition) === true;
    });
    this.#tellTroubles(result);
    for (const event of events) onAlarm(event);
    return result;
  }

  async #run(): Promise<void> {
    const { admin, intervalMs } = this.#options;
    while (!this.#delays.ended) {
      const began = admin.clock.monotonic();
      try {
        await this.round();
      } catch (error) {
        if (error instanceof PocketError && error.code === 'STOPPED') return;
        throw error;
      }
      await this.#delays.wait(Math.max(0, intervalMs - (admin.clock.monotonic() - began)));
    }
  }

  #tellTroubles({ groups, unreachable }: RoundResult): void {
    /** What failed -> the sentence about it: a broker that does not answer fails for all of its groups alike. */
    const now = new Map<string, string>();
    if (unreachable !== undefined) now.set('', `The cluster cannot be asked: ${unreachable.message}.`);
    for (const { consumerGroup, unknown } of groups) {
      for (const { message } of unknown.values()) {
        if (now.size >= MAX_TROUBLES) break;
        if (!now.has(message)) now.set(message, `Not all can be asked, such as ${consumerGroup}: ${message}.`);
      }
    }
    if (this.#book.leftOut > 0) now.set('alarms', 'More alarms than can be kept in mind: make the rules narrower.');
    for (const [what, sentence] of now) if (!this.#troubles.has(what)) this.#options.onTrouble(sentence);
    if (now.size === 0 && this.#troubles.size > 0) this.#options.onTrouble('Everything can be asked again.');
    this.#troubles = new Set(now.keys());
  }
}
