/**
 * A TCP relay that writes down which requests pass and how they are answered: what a server was asked can then be told
 * apart from what it does by itself, such as forgetting a broker whose connection ended.
 */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { splitAddr } from './wire.ts';

export interface Passed {
  readonly code: number;
  /** Response code; undefined as long as there is none, and for a one-way request for ever. */
  answer: number | undefined;
  readonly oneway: boolean;
}

interface Head {
  readonly code: number;
  readonly flag: number;
  readonly opaque: number;
}

const RESPONSE = 1;
const ONEWAY = 2;

export class Relay {
  readonly passed: Passed[] = [];
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(target: string) {
    const { host, port } = splitAddr(target);
    this.server = createServer((client) => {
      const server = createConnection({ host, port });
      const pending = new Map<number, Passed>();
      this.couple(client, server, (head) => {
        if ((head.flag & RESPONSE) !== 0) return;
        const passed: Passed = { code: head.code, answer: undefined, oneway: (head.flag & ONEWAY) !== 0 };
        this.passed.push(passed);
        pending.set(head.opaque, passed);
      });
      this.couple(server, client, (head) => {
        const asked = pending.get(head.opaque);
        if (asked !== undefined && (head.flag & RESPONSE) !== 0) asked.answer = head.code;
      });
    });
  }

  static async start(target: string): Promise<Relay> {
    const relay = new Relay(target);
    await new Promise<void>((resolve) => relay.server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get addr(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the relay does not listen');
    return `127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Passes bytes on, and the head of every whole frame (a JSON header) to `seen`. */
  private couple(from: Socket, to: Socket, seen: (head: Head) => void): void {
    let received = Buffer.alloc(0);
    this.sockets.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      to.end();
    });
    from.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const frame = received.subarray(0, 4 + received.readInt32BE(0));
        received = received.subarray(frame.length);
        seen(JSON.parse(frame.toString('utf8', 8, 8 + frame.readUIntBE(5, 3))) as Head);
      }
      to.write(chunk);
    });
  }
}
