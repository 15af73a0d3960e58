/**
 * A command line that runs a server: in the foreground until a signal comes, or with -d in the background, done once it is
 * ready. Both print the same; the ready file and the log are the server's.
 */

import { join } from 'node:path';
import type { ClusterRole } from '../core/cluster/cluster-ini.ts';
import type { ServerReport } from '../core/cluster/ready-file.ts';
import type { RunningServer } from '../core/cluster/server-process.ts';
import { PocketError } from '../core/common/errors.ts';
import type { Logger } from '../core/common/logger.ts';
import type { GlobalFlags } from './flags.ts';
import type { Io } from './io.ts';
import { machineText } from './machine-output.ts';

export interface ServerLine {
  readonly io: Io;
  /** Directory of package.json. */
  readonly root: string;
  readonly role: ClusterRole;
  /** Name of the command, which -d starts again in the background with `childArgs`. */
  readonly command: string;
  readonly childArgs: readonly string[];
  readonly flags: Pick<GlobalFlags, 'output'> & { daemon: boolean; 'ready-file': string | undefined };
  readonly dataDir: string;
  /** Names the log file. */
  readonly logName: string;
  /** Printed before the boot line. */
  readonly preamble: string;
  /** `moved` is to be called when the server has another address. */
  start(logger: Logger, signal: AbortSignal, moved: (addr: string) => void): Promise<RunningServer>;
}

export async function runServerLine(line: ServerLine): Promise<void> {
  await (line.flags.daemon ? startDaemon(line) : serveHere(line));
}

/** `--name=value` of every option that has a value; a switch that is on stands alone. */
export function argsOf(options: Readonly<Record<string, string | number | boolean | undefined>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return [value === true ? `--${name}` : `--${name}=${value}`];
  });
}

async function serveHere(line: ServerLine): Promise<void> {
  const { io, flags, role, dataDir, logName } = line;
  const [{ serve }, { logFileOf }, { removeReadyFile, updateReadyFile, writeReadyFile }] = await Promise.all([
    import('./serve.ts'),
    import('../core/cluster/data-dir.ts'),
    import('../core/cluster/ready-file.ts'),
  ]);
  const readyFile = flags['ready-file'];
  if (readyFile !== undefined) removeReadyFile(readyFile);
  let report: ServerReport | undefined;
  const moved = (addr: string): void => {
    if (readyFile === undefined || report === undefined) return;
    report = { ...report, addr };
    updateReadyFile(readyFile, report);
  };
  await serve({
    io,
    logFile: logFileOf(dataDir, logName),
    start: (logger, signal) => line.start(logger, signal, moved),
    started: async ({ addr, name, namesrvAddr, namesrvFrom, bootLine, notices }) => {
      report = { role, name, addr, namesrvAddr, namesrvFrom, pid: process.pid, dataDir, bootLine, notices };
      if (readyFile !== undefined) writeReadyFile(readyFile, report);
      await announce(line, report);
    },
    stopped: () => {
      if (readyFile !== undefined) removeReadyFile(readyFile);
    },
  });
}

async function startDaemon(line: ServerLine): Promise<void> {
  const { flags, root, role, dataDir, logName, command } = line;
  const [{ spawnProcess }, { logFileOf }, { readReadyFile, removeReadyFile }, { watchInterrupts }] = await Promise.all([
    import('../core/cluster/daemon.ts'),
    import('../core/cluster/data-dir.ts'),
    import('../core/cluster/ready-file.ts'),
    import('./interrupt.ts'),
  ]);
  const logFile = logFileOf(dataDir, `${logName}-output`);
  const own = logFileOf(dataDir, `${logName}-${process.pid}`).replace(/log$/, 'ready');
  const readyFile = flags['ready-file'] ?? own;
  removeReadyFile(readyFile);
  const args = [...line.childArgs, ...argsOf({ 'data-dir': dataDir, 'ready-file': readyFile })];
  const entry = join(root, 'bin', 'run.cjs');
  const watch = watchInterrupts();
  const over = new AbortController();
  watch.interrupted.catch(() => over.abort());
  try {
    let report: ServerReport | undefined;
    const until = (): boolean => {
      report = readReadyFile(readyFile);
      return report !== undefined;
    };
    const { signal } = over;
    await spawnProcess({ role, command, args, dataDir, logFile, entry, execArgv: process.execArgv, until, signal });
    if (report === undefined) throw new PocketError('STOPPED', `the ${role} did not write ${readyFile}`);
    for (const notice of report.notices) line.io.err(`${notice}\n`);
    await announce(line, report);
  } catch (error) {
    if (over.signal.aborted) await watch.interrupted;
    throw error;
  } finally {
    watch.dispose();
    removeReadyFile(own);
  }
}

/** The boot line, or one document; json is one line, so that a reader need not know where it ends. */
async function announce({ io, flags, preamble }: ServerLine, report: ServerReport): Promise<void> {
  const { bootLine, notices: _, ...document } = report;
  if (flags.output === 'text') io.out(`${preamble}${bootLine}\n`);
  else io.out(flags.output === 'json' ? `${JSON.stringify(document)}\n` : await machineText(flags.output, document));
}
