/**
 * A server in the foreground: started, announced by its boot line, stopped by the first SIGTERM or SIGINT. Stopping flushes
 * the store, so further signals only get a sentence.
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
}

/** Resolves when the server was stopped by a signal and everything is on the disk. */
export async function serve({ io, logFile, start, started }: Serving): Promise<void> {
  const logger = new LogFile({ path: logFile });
  const signals = watchSignals(io);
  try {
    const server = await start(logger);
    for (const notice of server.notices) io.err(`${notice}\n`);
    await started(server);
    await signals.first;
    await server.stop();
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
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    first,
    dispose() {
      clearInterval(alive);
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
