/**
 * The real mqadmin, many commands in one JVM: a command then takes a tenth of a second instead of the three to five
 * seconds of a process, so that whole command sets can be compared. The classes are the same; `mqadmin` in java-cluster.ts
 * runs it as a user does. A command that leaves by System.exit (wrong usage) wants a process of its own.
 */
import { startProgram } from './java-cluster.ts';
import type { Peer } from './peers.ts';
import { type Finished, pollUntil, type Spawned } from './process.ts';

const COMMAND_LIMIT_MS = 60_000;

export class MqadminBatch {
  private readonly program: Spawned;
  private answered = 0;

  private constructor(program: Spawned) {
    this.program = program;
  }

  static async start(peer: Peer): Promise<MqadminBatch> {
    return new MqadminBatch(await startProgram(peer, 'MQAdminBatch', []));
  }

  /** One command at a time. The code is 0, as the tool's own is for everything but wrong usage. */
  async run(args: readonly string[]): Promise<Finished> {
    if (args.some((word) => /[\t\n]/.test(word))) throw new Error('no word may hold a tab or a line end');
    this.program.child.stdin?.write(`${args.join('\t')}\n`);
    const lines = (): string[] => this.program.stdout.split('\n').slice(0, -1);
    const there = (): boolean => {
      if (this.program.finished !== undefined) {
        throw new Error(`mqadmin ${args.join(' ')} ended its JVM: ${this.program.stderr.slice(-2000)}`);
      }
      return lines().length > this.answered;
    };
    await pollUntil(`the end of mqadmin ${args.join(' ')}`, there, { timeoutMs: COMMAND_LIMIT_MS, everyMs: 5 });
    const answer = JSON.parse(lines()[this.answered] ?? '') as { stdout: string; stderr: string };
    this.answered += 1;
    return { ...answer, code: 0 };
  }

  async stop(): Promise<void> {
    this.program.closeStdin();
    await this.program.wait(30_000);
  }
}
