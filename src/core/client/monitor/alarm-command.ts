/**
 * An alarm given to a program: JSON on its stdin, its parts in environment variables. The program leads a process group of its
 * own, which is killed as a whole when the time is over.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import { type AlarmDocument, alarmEnvironment } from './alarm-document.ts';
import type { CommandAction } from './monitor-rule.ts';

/** Of what the program writes to stderr, the beginning is told when it fails. */
const MAX_STDERR = 500;

/** Resolves when the program ended with 0. Rejects with PocketError RESPONSE, TIMEOUT, NOT_FOUND, or STOPPED by `over`. */
export function runAlarmCommand(
  { argv, timeoutMs }: CommandAction,
  document: AlarmDocument,
  { clock, over, env }: { readonly clock: Clock; readonly over: AbortSignal; readonly env: NodeJS.ProcessEnv },
): Promise<void> {
  const [program, ...args] = argv;
  if (over.aborted) return Promise.reject(new PocketError('STOPPED', 'the monitor ends'));
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...env, ...alarmEnvironment(document) },
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
    });
    let stderr = '';
    let failure: PocketError | undefined;
    const kill = (error: PocketError): void => {
      failure ??= error;
      killGroup(child);
      // Whoever left the group may hold the pipe open.
      child.stderr.destroy();
    };
    const onOver = (): void => kill(new PocketError('STOPPED', 'the monitor ends'));
    const timer = clock.after(timeoutMs, () =>
      kill(new PocketError('TIMEOUT', `${program} did not end within ${timeoutMs} ms and was killed`)),
    );
    const settle = (): void => {
      timer.cancel();
      over.removeEventListener('abort', onOver);
      child.stderr.destroy();
      if (failure === undefined) resolve();
      else reject(failure);
    };
    over.addEventListener('abort', onOver);
    child.on('error', (error) => {
      failure ??= new PocketError('NOT_FOUND', `${program} cannot be run: ${error.message}`, { cause: error });
      settle();
    });
    child.stderr.on('data', (chunk) => {
      if (stderr.length < MAX_STDERR) stderr = (stderr + String(chunk)).slice(0, MAX_STDERR);
    });
    child.on('exit', (code, signal) => {
      if (code !== 0) failure ??= exitFailure(program, code ?? signal, stderr);
      settle();
    });
    // A program that does not read its stdin is none that failed.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(document));
  });
}

function exitFailure(program: string, code: number | string | null, stderr: string): PocketError {
  const said = stderr.trim().replaceAll(/\s+/g, ' ');
  return new PocketError('RESPONSE', `${program} ended with ${code}${said === '' ? '' : `: ${said}`}`);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
