/**
 * A server in the foreground: started, announced by its boot line, stopped by the first SIGTERM, SIGINT or SIGHUP. Stopping
 * flushes the store, so further signals only get a sentence. A signal that comes before the server is ready ends the start as
 * an interruption.
 *
 * Node takes back that a signal is ignored (nohup; background jobs of a script), so the launchers name those signals in
 * POCKETMQ_IGNORED_SIGNALS; without a launcher, bash's `_` tells of nohup.
 */

import { LogFile } from '../core/cluster/log-file.ts';
import type { RunningServer } from '../core/cluster/server-process.ts';
import type { Logger } from '../core/common/logger.ts';
import { type InterruptingSignal, Interruption } from './faults.ts';
import type { Io } from './io.ts';

export interface Serving {
  readonly io: Io;
  readonly logFile: string;
  /** `signal` is aborted when the server shall stop again. */
  start(logger: Logger, signal: AbortSignal): Promise<RunningServer>;
  /** Called once it serves. */
  started(server: RunningServer): Promise<void>;
  /** Called once it serves no more. */
  stopped(): void;
}

/** Resolves when the server was stopped by a signal and everything is on the disk. Rejects with Interruption before it served. */
export async function serve({ io, logFile, start, started, stopped }: Serving): Promise<void> {
  const logger = new LogFile({ path: logFile });
  const watch = watchSignals(io);
  try {
    const server = await start(logger, watch.over);
    try {
      if (watch.over.aborted) throw new Interruption(await watch.first);
      for (const notice of server.notices) io.err(`${notice}\n`);
      await started(server);
      await watch.first;
    } finally {
      await server.stop();
      stopped();
    }
  } finally {
    watch.dispose();
    logger.close();
  }
}

interface SignalWatch {
  readonly first: Promise<InterruptingSignal>;
  /** Aborted by the first signal. */
  readonly over: AbortSignal;
  dispose(): void;
}

function watchSignals(io: Io): SignalWatch {
  let count = 0;
  const over = new AbortController();
  let resolve: (name: InterruptingSignal) => void = () => {};
  const first = new Promise<InterruptingSignal>((settle) => {
    resolve = settle;
  });
  // A pending promise keeps no process alive; the listeners of the server do, this timer covers the time before.
  const alive = setInterval(() => {}, 60_000);
  const onSignal = (name: InterruptingSignal): void => {
    count++;
    resolve(name);
    over.abort();
    if (count === 2) io.err('Stopping: what was received is being written to the disk.\n');
  };
  const ignored = ignoredSignals(io.env);
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => {
    const listener = ignored.includes(name) ? (): void => {} : (): void => onSignal(name);
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  return {
    first,
    over: over.signal,
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
