/**
 * A dash that is fed one line after the other, as a person types them. Where the system allows it the shell lives in a network
 * of its own, so that it has 9876 and 10911 to itself; elsewhere `usualPorts` is false and the test names other ports.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const NAMESPACE = [...'unshare -rn sh -c'.split(' '), 'ip link set lo up && exec dash'];

export const usualPorts =
  spawnSync('unshare', ['-rn', 'sh', '-c', 'ip link set lo up'], { stdio: 'ignore' }).status === 0;

export interface LineResult {
  readonly stdout: string;
  readonly exitCode: number;
}

const DEADLINE_MS = 15_000;

export class Shell {
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  #lines = 0;

  constructor(options: { cwd: string; env: Record<string, string | undefined> }) {
    const [command = 'dash', ...args] = usualPorts ? NAMESPACE : ['dash'];
    // A group of its own, so that kill() reaches the background jobs too.
    this.#child = spawn(command, args, { ...options, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (chunk) => {
      this.#stdout += chunk;
    });
    this.#child.stderr?.on('data', (chunk) => {
      this.#stderr += chunk;
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Runs a line and returns what came on stdout since, and its exit code. */
  async run(line: string): Promise<LineResult> {
    const from = this.#stdout.length;
    const mark = `--end-of-line-${++this.#lines}:`;
    this.#child.stdin?.write(`${line}\necho "${mark}$?"\n`);
    const end = new RegExp(`${mark}(\\d+)\n`);
    await this.#until(() => end.test(this.#stdout), `the end of: ${line}`);
    const exitCode = Number(end.exec(this.#stdout)?.[1]);
    return { stdout: this.#stdout.slice(from).replace(end, ''), exitCode };
  }

  /** Waits until a background job has written this. */
  async saw(pattern: RegExp): Promise<void> {
    await this.#until(() => pattern.test(this.#stdout), String(pattern));
  }

  /** Ends the shell and whatever it still runs. */
  async kill(): Promise<void> {
    const { pid } = this.#child;
    const over = this.#child.exitCode !== null || this.#child.signalCode !== null;
    const exit = over ? Promise.resolve() : once(this.#child, 'exit');
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // Nothing is left of the group.
    }
    await exit;
  }

  async #until(done: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    while (!done()) {
      if (performance.now() > deadline || this.#child.exitCode !== null) {
        throw new Error(`${what} did not come; stdout:\n${this.#stdout}\nstderr:\n${this.#stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
