/**
 * Sends hostile frames to a server and finds out what became of each: a request of a code nobody serves goes behind it, and
 * either that is answered, or the connection is closed, or the server hangs. Frames that should not break a connection go
 * several at a time; when it is closed all the same, each is tried alone.
 */
import { connect, type Socket } from 'node:net';
import type { HostileFrame } from './mutations.ts';

/** Answered by every server with code 3. */
const NOBODYS_CODE = 29_999;
const PROBE_OPAQUE = 0x7a7a7a7a;
const PROBE = probe();
/** A remark in which an error of the language stands was not meant for clients. */
const FAULT =
  /(Type|Range|Reference|Syntax|Internal|Assertion)Error|is not a function|Cannot read prop|Maximum call stack/;

export interface FuzzCounts {
  frames: number;
  /** The frame left the connection open. */
  survived: number;
  closed: number;
  /** Neither answered nor closed in time. */
  hung: number;
  /** Answers that show an error of the program. */
  faults: number;
  firstFault: string;
}

export const noFuzz = (): FuzzCounts => ({ frames: 0, survived: 0, closed: 0, hung: 0, faults: 0, firstFault: '' });

type Outcome = 'survived' | 'closed' | 'hung';

export class FuzzClient {
  readonly counts: FuzzCounts;
  readonly #port: number;
  readonly #patienceMs: number;
  #socket: Socket | undefined;
  #received: Buffer = Buffer.alloc(0);
  #settle: ((outcome: Outcome) => void) | undefined;
  #sent: readonly HostileFrame[] = [];

  constructor(port: number, options: { counts?: FuzzCounts; patienceMs?: number } = {}) {
    this.#port = port;
    this.counts = options.counts ?? noFuzz();
    this.#patienceMs = options.patienceMs ?? 30_000;
  }

  /** Rejects only when the server does not take a connection any more. */
  async try(frames: readonly HostileFrame[]): Promise<void> {
    const sturdy = frames.filter(({ breaks }) => !breaks);
    const outcome = sturdy.length === 0 ? 'survived' : await this.#send(sturdy);
    if (outcome === 'survived') this.#count('survived', sturdy.length);
    else if (sturdy.length === 1) this.#count(outcome, 1);
    else for (const frame of sturdy) this.#count(await this.#send([frame]), 1);
    for (const frame of frames) if (frame.breaks) this.#count(await this.#send([frame]), 1);
  }

  close(): void {
    this.#socket?.resetAndDestroy();
    this.#socket = undefined;
  }

  #count(outcome: Outcome, frames: number): void {
    this.counts.frames += frames;
    this.counts[outcome] += frames;
  }

  async #send(frames: readonly HostileFrame[]): Promise<Outcome> {
    const socket = this.#socket ?? (await this.#connect());
    this.#sent = frames;
    let timer: NodeJS.Timeout | undefined;
    const outcome = await new Promise<Outcome>((resolve) => {
      this.#settle = resolve;
      timer = setTimeout(() => resolve('hung'), this.#patienceMs);
      socket.write(Buffer.concat([...frames.map(({ bytes }) => bytes), PROBE]));
      if (frames.some(({ kind }) => kind === 'length' || kind === 'noise')) socket.end();
    });
    clearTimeout(timer);
    this.#settle = undefined;
    if (outcome === 'hung') this.close();
    return outcome;
  }

  #connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
      this.#received = Buffer.alloc(0);
      socket.once('connect', () => {
        this.#socket = socket;
        resolve(socket);
      });
      socket.on('error', reject);
      socket.on('data', (chunk) => this.#onData(chunk));
      socket.on('close', () => {
        if (this.#socket !== socket) return;
        this.#socket = undefined;
        this.#settle?.('closed');
      });
    });
  }

  #onData(chunk: Buffer): void {
    let rest = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (rest.length >= 8 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      this.#onFrame(rest.subarray(8, Math.min(end, 8 + rest.readUIntBE(5, 3))));
      rest = rest.subarray(end);
    }
    this.#received = Buffer.from(rest);
  }

  #onFrame(header: Buffer): void {
    const text = header.toString('latin1');
    if (text.includes(`"opaque":${PROBE_OPAQUE}`)) this.#settle?.('survived');
    else if (FAULT.test(text)) {
      this.counts.faults++;
      const sent = this.#sent.map(({ bytes }) => bytes.toString('latin1', 0, 1500)).join('\n');
      if (this.counts.firstFault === '') this.counts.firstFault = `${text.slice(0, 1000)}\nfor one of\n${sent}`;
    }
  }
}

function probe(): Buffer {
  const header = Buffer.from(
    `{"code":${NOBODYS_CODE},"flag":0,"language":"JAVA","opaque":${PROBE_OPAQUE},"version":407}`,
  );
  const frame = Buffer.alloc(8 + header.length);
  frame.writeInt32BE(4 + header.length, 0);
  frame.writeInt32BE(header.length, 4);
  header.copy(frame, 8);
  return frame;
}
