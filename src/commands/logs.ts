/**
 * mqadmin logs: the last lines of the local servers' logs, and with -f what is written from now on, until interrupted.
 * Each line begins with the name of its log, unless one log is asked for by its name.
 */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { ValueFault } from '../cli/faults.ts';
import { dataDirOf } from '../cli/find-namesrv.ts';
import { wholeNumber } from '../cli/flags.ts';
import { watchInterrupts } from '../cli/interrupt.ts';
import type { LogTail } from '../core/cluster/log-tail.ts';
import { PocketError } from '../core/common/errors.ts';

const LINES = 50;
const POLL_MS = 100;

export default class Logs extends BaseCommand {
  static override summary = "Show the local servers' logs";
  static override takesNamesrv = false;
  static override operands = '[namesrv | broker | NAME]';
  static override args = { name: Args.string() };
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'go on with what is written from now on, until interrupted' }),
    lines: wholeNumber({ description: 'how many of the last lines of each log; default 50' }),
  };

  override async run(): Promise<void> {
    const { flags, args } = await this.parse(Logs);
    const { lines = LINES } = flags;
    if (lines < 0) throw new ValueFault(`--lines is a number from 0, not ${lines}.`);
    const [{ LogTail, logNames }, { logFileOf }] = await Promise.all([
      import('../core/cluster/log-tail.ts'),
      import('../core/cluster/data-dir.ts'),
    ]);
    const dataDir = await dataDirOf(flags, this.io.env);
    const wanted = args.name as string | undefined;
    const tails = new Map<string, LogTail>();
    /** Opens the logs that are new; a log that comes later is read from its beginning. */
    const look = (): void => {
      for (const name of logNames(dataDir)) {
        if (isMeant(name, wanted) && !tails.has(name)) tails.set(name, new LogTail(logFileOf(dataDir, name)));
      }
    };
    const print = (read: (tail: LogTail) => string[]): void => {
      for (const [name, tail] of tails) {
        const prefix = name === wanted ? '' : `${name}: `;
        const text = read(tail).map((line) => `${prefix}${line}\n`);
        if (text.length > 0) this.io.out(text.join(''));
      }
    };
    look();
    if (tails.size === 0)
      throw new PocketError('NOT_FOUND', `there is no log of ${wanted ?? 'a server'} in ${dataDir}`);
    try {
      print((tail) => tail.last(lines));
      const more = (): void => {
        look();
        print((tail) => tail.more());
      };
      if (flags.follow) await follow(more);
    } finally {
      for (const tail of tails.values()) tail.close();
    }
  }
}

/** Rejects with the interruption that ends it. */
async function follow(poll: () => void): Promise<void> {
  const watch = watchInterrupts();
  try {
    for (;;) {
      await Promise.race([new Promise((resolve) => setTimeout(resolve, POLL_MS)), watch.interrupted]);
      poll();
    }
  } finally {
    watch.dispose();
  }
}

/** `broker` means all of them, `broker-a` the log of that broker. */
function isMeant(log: string, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  return log === wanted || log.startsWith(`${wanted}-`) || log === `broker-${wanted}`;
}
