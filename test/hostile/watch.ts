/** Memory and open files of server processes, sampled while a run goes on (Linux; elsewhere there is nothing to see). */
import { readdirSync, readFileSync } from 'node:fs';

const SAMPLE_MS = 250;

export interface Usage {
  rssMiB: number;
  fds: number;
}

export function usageOf(pid: number): Usage {
  try {
    const kiB = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
    return { rssMiB: Math.round(kiB / 1024), fds: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { rssMiB: 0, fds: 0 };
  }
}

export class Watch {
  readonly before: Usage;
  readonly peak: Usage;
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#pid = pid;
    this.before = this.now();
    this.peak = { ...this.before };
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  now(): Usage {
    return usageOf(this.#pid);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#sample();
  }

  #sample(): void {
    const { rssMiB, fds } = this.now();
    this.peak.rssMiB = Math.max(this.peak.rssMiB, rssMiB);
    this.peak.fds = Math.max(this.peak.fds, fds);
  }
}
