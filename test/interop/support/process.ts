/**
 * Child processes for the interop tests and the benchmark: spawning, waiting for what they print, ending them.
 *
 * Every child is entered in one table, and whatever is still in it when this process exits is killed: a test that
 * failed, timed out or was interrupted leaves no Java or Node process and no folder behind. Nothing here sleeps for a fixed
 * time; everything waits for a condition, with a deadline.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Environment for children: NODE_EXTRA_CA_CERTS costs Node tens of milliseconds at every start, so it is dropped. */
export function childEnv(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...extra };
  for (const name of ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'NAMESRV_ADDR', 'JAVA_TOOL_OPTIONS']) {
    if (extra[name] === undefined) delete env[name];
  }
  return env;
}

export interface PollOptions {
  readonly timeoutMs: number;
  readonly everyMs?: number;
}

/** Calls `condition` until it is true; throws naming `what` when the deadline has passed. */
export async function pollUntil(
  what: string,
  condition: () => Promise<boolean> | boolean,
  options: PollOptions,
): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${options.timeoutMs} ms`);
    await delay(options.everyMs ?? 20);
  }
}

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; -1 when a signal ended the process. */
  readonly code: number;
}

export interface SpawnOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** A running child with its output at hand. */
export class Spawned {
  readonly child: ChildProcess;
  readonly name: string;
  stdout = '';
  stderr = '';
  private exit: Finished | undefined;
  private readonly ended: Promise<Finished>;

  constructor(name: string, command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.name = name;
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? childEnv(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(this.child);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    // Writing to a child that has ended must not take the test process down.
    this.child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      const finish = (code: number | null, problem = ''): void => {
        running.delete(this.child);
        this.exit ??= { stdout: this.stdout, stderr: this.stderr + problem, code: code ?? -1 };
        resolve(this.exit);
      };
      this.child.on('error', (error) => finish(-1, error.message));
      this.child.on('close', (code) => finish(code));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get finished(): Finished | undefined {
    return this.exit;
  }

  /** Waits for the end; kills and throws when it takes longer than `timeoutMs`. */
  async wait(timeoutMs: number): Promise<Finished> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), timeoutMs);
    const before = Date.now();
    const result = await this.ended;
    clearTimeout(timer);
    if (result.code === -1 && Date.now() - before >= timeoutMs) {
      throw new Error(`${this.name} did not end within ${timeoutMs} ms${this.tail()}`);
    }
    return result;
  }

  /** Waits until stdout matches; throws at once when the process ends first. */
  async waitForOutput(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    let match: RegExpExecArray | null = null;
    const seen = (): boolean => {
      match = pattern.exec(this.stdout);
      if (match === null && this.exit !== undefined) {
        throw new Error(`${this.name} ended (code ${this.exit.code}) before it printed ${pattern}${this.tail()}`);
      }
      return match !== null;
    };
    try {
      await pollUntil(`${this.name}: ${pattern}`, seen, { timeoutMs });
    } catch (error) {
      throw this.exit === undefined ? new Error(`${(error as Error).message}${this.tail()}`) : error;
    }
    if (match === null) throw new Error(`${this.name}: ${pattern} vanished`);
    return match;
  }

  closeStdin(): void {
    this.child.stdin?.end();
  }

  /** Sends a signal and waits for the end; SIGKILL follows when the process does not obey in time. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', timeoutMs = 20_000): Promise<Finished> {
    if (this.exit !== undefined) return this.exit;
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), timeoutMs);
    const result = await this.ended;
    clearTimeout(timer);
    return result;
  }

  private tail(): string {
    const text = `${this.stdout.slice(-1500)}\n${this.stderr.slice(-1500)}`.trim();
    return text === '' ? '' : `; its last output:\n${text}`;
  }
}

/** Runs a command to its end. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly timeoutMs?: number } = {},
): Promise<Finished> {
  const spawned = new Spawned(`${command} ${args.slice(-6).join(' ')}`, command, args, options);
  spawned.closeStdin();
  return spawned.wait(options.timeoutMs ?? 120_000);
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Without a handler a signal ends Node before 'exit' handlers run.
  process.once(signal, () => {
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

/** A temporary folder, removed at the latest when this process ends. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `pocketmq-${name}-`));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.delete(folder);
}
