/**
 * The built command line as processes of one test: a folder with an unfriendly name as home and data directory, runs that
 * are waited for or not, and an end that leaves nothing. Needs `npm run build`.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopProcesses } from '../../src/core/cluster/daemon.ts';
import type { Seen } from '../commands/run-command.ts';

const entry = fileURLToPath(new URL('../../bin/run.cjs', import.meta.url));

export class BuiltCommands {
  /** Home and temporary folder of the runs. */
  readonly dir = mkdtempSync(join(tmpdir(), 'pocketmq 进程 '));
  readonly dataDir = join(this.dir, 'data');
  readonly #running: ChildProcess[] = [];

  /** Starts a command line in a process group of its own. */
  start(argv: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const child = spawn(process.execPath, [entry, ...argv], {
      env: { PATH: process.env.PATH, HOME: this.dir, TMPDIR: this.dir, POCKETMQ_DATA_DIR: this.dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.push(child);
    return child;
  }

  async finish(child: ChildProcess): Promise<Seen> {
    const seen = { stdout: '', stderr: '' };
    child.stdout?.on('data', (chunk) => {
      seen.stdout += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      seen.stderr += chunk;
    });
    await once(child, 'close');
    return { ...seen, exitCode: child.exitCode ?? -1 };
  }

  run(...argv: string[]): Promise<Seen> {
    return this.finish(this.start(argv));
  }

  /** What a child wrote to stdout up to a match. The child's pipe stays open. */
  saw(child: ChildProcess, pattern: RegExp): Promise<string> {
    let text = '';
    return new Promise((resolve, reject) => {
      child.stdout?.on('data', (chunk) => {
        text += chunk;
        if (pattern.test(text)) resolve(text);
      });
      child.stdout?.once('end', () => reject(new Error(`${pattern} did not come: ${text}`)));
    });
  }

  /** Ends whatever still runs and deletes the folder. */
  async end(): Promise<void> {
    for (const child of this.#running) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    }
    await stopProcesses(this.dataDir, 'all', { timeoutMs: 10_000, kill: true });
    rmSync(this.dir, { recursive: true, force: true });
  }
}
