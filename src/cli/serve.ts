/**
 * A server in the foreground: started, announced by its boot line, stopped by the first SIGTERM, SIGINT or SIGHUP. Stopping
 * flushes the store, so further signals only get a sentence.
 *
 * Node takes back that a signal is ignored (nohup; background jobs of a script), so the launchers name those signals in
 * POCKETMQ_IGNORED_SIGNALS; without a launcher, bash's `_` tells of nohup.
 */

import { LogFile } from '../core/cluster/log-file.ts';
import type { RunningServer } from '../core/cluster/server-process.ts';
import type { Logger } from '../core/common/logger.ts';
import type { Io } from './io.ts';

export interface Serving {
  readonly io: Io;
  readonly logFile: string;
  start(logger: Logger): Promise<RunningServer>;
  /** Called once it serves. */
  started(server: RunningServer): Promise<void>;
  /** Called once it serves no more. */
  stopped(): void;
}

/** Resolves when the server was stopped by a signal and everything is on the disk. */
export async function serve({ io, logFile, start, started, stopped }: Serving): Promise<void> {
  const logger = new LogFile({ path: logFile });
  const signals = watchSignals(io);
  try {
    const server = await start(logger);
    for (const notice of server.notices) io.err(`${notice}\n`);
    try {
      await started(server);
      await signals.first;
    } finally {
      await server.stop();
      stopped();
    }
  } finally {
    signals.dispose();
    logger.close();
  }
}

function watchSignals(io: Io): { first: Promise<void>; dispose(): void } {
  let count = 0;
  let resolve: () => void = () => {};
  const first = new Promise<void>((settle) => {
    resolve = settle;
  });
  // A pending promise keeps no process alive; the listeners of the server do, this timer covers the time before.
  const alive = setInterval(() => {}, 60_000);
  const onSignal = (): void => {
    count++;
    if (count === 1) resolve();
    if (count === 2) io.err('Stopping: what was received is being written to the disk.\n');
  };
  const ignored = ignoredSignals(io.env);
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => {
    const listener = ignored.includes(name) ? (): void => {} : onSignal;
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  return {
    first,
    dispose() {
      clearInterval(alive);
      for (const off of listeners) off();
    },
  };
}

function ignoredSignals(env: Io['env']): string[] {
  const told = env.POCKETMQ_IGNORED_SIGNALS;
  if (told !== undefined) return told.split(' ');
  return env._?.endsWith('/nohup') === true ? ['SIGHUP'] : [];
}
