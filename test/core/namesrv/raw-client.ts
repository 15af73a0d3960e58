/** A bare socket that writes frames as bytes and reads whole frames, so that nothing of the client under test helps. */
import { connect, type Socket } from 'node:net';
import { decodeFrame, type RemotingCommand } from '../../../src/core/remoting/remoting-command.ts';

export class RawClient {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: ((frame: Buffer) => void) | undefined;
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#deliver();
    });
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new RawClient(socket)));
      socket.once('error', reject);
    });
  }

  /** Writes one frame with a JSON header and resolves with the next frame that comes. */
  async request(header: Record<string, unknown>, body: Buffer = Buffer.alloc(0)): Promise<RemotingCommand> {
    return decodeFrame(await this.exchange(jsonFrame(header, body)));
  }

  exchange(frame: Buffer): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#socket.write(frame);
      this.#deliver();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #deliver(): void {
    if (this.#waiting === undefined || this.#received.length < 4) return;
    const length = this.#received.readInt32BE(0) + 4;
    if (this.#received.length < length) return;
    const frame = Buffer.from(this.#received.subarray(0, length));
    this.#received = this.#received.subarray(length);
    const deliver = this.#waiting;
    this.#waiting = undefined;
    deliver(frame);
  }
}

function jsonFrame(header: Record<string, unknown>, body: Buffer): Buffer {
  const defaults = { flag: 0, language: 'JAVA', opaque: 7, version: 407 };
  const text = Buffer.from(JSON.stringify({ ...defaults, ...header }));
  const prefix = Buffer.alloc(8);
  prefix.writeInt32BE(4 + text.length + body.length, 0);
  prefix.writeInt32BE(text.length, 4);
  return Buffer.concat([prefix, text, body]);
}
