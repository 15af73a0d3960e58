/**
 * One TCP connection, from either end: cuts frames out of what comes in, pairs answers with the requests that wait for
 * them, hands requests to the processor table, and gathers what goes out into one write per turn of the event loop.
 *
 * Back-pressure: a peer that does not read has its own requests left unread once so many bytes of answers wait for it; what
 * the server pushes on top of that (held pulls) may grow to a limit, then the connection is closed. A peer that asks for
 * much that takes time (messages that only the disk has) is not read from either until some of it is answered. What all
 * connections may take together is in remoting-limits.ts.
 */

import type { Socket } from 'node:net';
import type { Clock, Timer } from '../common/clock.ts';
import { PocketError } from '../common/errors.ts';
import { encodeHostAddress } from '../message/host-address.ts';
import { encodeHeader, type Fields } from '../protocol/schema.ts';
import { CURRENT_LANGUAGE, CURRENT_VERSION } from './command-header.ts';
import { FrameDecoder } from './frame-decoder.ts';
import { type Flushable, type OutputPool, outputPool } from './output-pool.ts';
import { peekCode } from './peek-code.ts';
import { PendingCalls } from './pending-calls.ts';
import type { RawFrame, RawProcessor, Reply, Segment } from './processor-table.ts';
import {
  decodeCommandHeader,
  encodeCommandHeader,
  FLAG_ONEWAY,
  FLAG_RESPONSE,
  FRAME_PREFIX_LENGTH,
  type RemotingCommand,
  SERIALIZE_JSON,
  SERIALIZE_ROCKETMQ,
  writeFramePrefix,
} from './remoting-command.ts';
import { HIGH_WATER, MAX_WAITING_BYTES, type RemotingLimits } from './remoting-limits.ts';

/** So much output of one connection is gathered in a turn of the event loop. */
const FLUSH_AT = 1024 * 1024;
/**
 * So much output of all connections is gathered in a turn of the event loop; what comes on top is handed to the system at
 * once, so that it is counted.
 */
const MAX_GATHERED = 16 * 1024 * 1024;
/** Requests of a peer that are worked on at a time before nothing more is read from it. */
const MAX_UNANSWERED = 64;
/** A peer whose requests take longer than this goes on in the next turn of the event loop, when others have had theirs. */
const TURN_MS = 5;
/** How long answers to a peer that is being left may take to leave. */
const CLOSE_GRACE_MS = 5000;

/** What a connection needs of the processor table. */
export interface Dispatcher {
  readonly hasRawProcessors: boolean;
  rawProcessor(code: number): RawProcessor | undefined;
  dispatch(command: RemotingCommand, connection: Connection): void;
}

export interface ConnectionOptions {
  socket: Socket;
  clock: Clock;
  maxFrameLength: number;
  /** What the connections of a server share; a client has none. */
  limits?: RemotingLimits | undefined;
  /** Absent: requests from the peer are not answered. */
  dispatcher?: Dispatcher | undefined;
  /** Once, after the connection is gone; `reason` is a sentence for the log. */
  onClose: (connection: Connection, reason: string) => void;
}

let lastConnectionId = 0;

export class Connection implements Flushable {
  readonly id = ++lastConnectionId;
  /** ip:port of the peer; IPv6 as [ip]:port. */
  readonly remoteAddr: string;
  readonly localAddr: string;
  /** remoteAddr as a record stores it: 4 or 16 address bytes and the port. */
  readonly remoteHost: Buffer;
  /** Where reserve() has made room; look at it again after each reserve(). */
  output: Buffer;
  /** Idle-scan tick of the last read or write; the owner of the connection advances and compares it. */
  lastActiveTick = 0;
  closed = false;

  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #dispatcher: Dispatcher | undefined;
  readonly #onClose: (connection: Connection, reason: string) => void;
  readonly #decoder: FrameDecoder;
  readonly #limits: RemotingLimits | undefined;
  readonly #pool: OutputPool = outputPool;
  readonly #calls: PendingCalls;
  readonly #rawFrame: RawFrame;
  #slices: Buffer[] = [];
  #runStart = 0;
  #runEnd = 0;
  #pendingBytes = 0;
  #waitingBytes = 0;
  #unfinishedBytes = 0;
  #unanswered = 0;
  /** Nothing is read: answers pile up, or requests that are not answered yet. */
  #throttled = false;
  /** Monotonic time at which others have their turn. */
  #turnEnd = 0;
  #yielded = false;
  #linger: Timer | undefined;
  #wroteSinceTick = false;

  constructor(options: ConnectionOptions) {
    const { socket } = options;
    this.#socket = socket;
    this.#clock = options.clock;
    this.#dispatcher = options.dispatcher;
    this.#onClose = options.onClose;
    this.#limits = options.limits;
    this.remoteAddr = formatAddress(socket.remoteAddress, socket.remotePort);
    this.localAddr = formatAddress(socket.localAddress, socket.localPort);
    this.remoteHost = encodeHostAddress(this.remoteAddr);
    this.#calls = new PendingCalls(this.#clock, this.remoteAddr);
    this.output = this.#pool.chunk;
    this.#rawFrame = { connection: this, buffer: this.output, headerStart: 0, headerEnd: 0, bodyEnd: 0 };
    this.#decoder = new FrameDecoder(options.maxFrameLength, this.#onFrame);
    socket.on('drain', () => {
      this.countWaiting();
      this.#goOn();
    });
    socket.on('error', (error) => this.close(`the connection broke: ${error.message}`));
    socket.on('end', () => this.close('the peer closed the connection'));
    socket.on('close', () => {
      this.close('the connection was closed');
      this.#onGone();
    });
    this.#limits?.add(this);
  }

  /** Bytes handed to the socket that have not left, as last counted. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Bytes of memory that hold an unfinished request, or requests that are not looked at for now. */
  get unfinishedBytes(): number {
    return this.#unfinishedBytes;
  }

  /** Takes bytes that were just read; `buffer` is overwritten after the call. */
  receive(buffer: Buffer, length: number, tick: number): void {
    if (this.closed) return;
    this.lastActiveTick = tick;
    this.#turnEnd = this.#clock.monotonic() + TURN_MS;
    try {
      this.#decoder.push(buffer, 0, length);
    } catch (error) {
      this.#refuse(error);
    }
    if (this.#decoder.heldBytes !== this.#unfinishedBytes) this.#countUnfinished();
  }

  /** A request of the peer is being worked on and will be answered later, not because something is waited for. */
  answerBegins(): void {
    if (++this.#unanswered >= MAX_UNANSWERED) this.#throttle();
  }

  answerEnds(): void {
    this.#unanswered--;
    this.#goOn();
  }

  /**
   * Makes room for `length` bytes of output and returns where they begin in `this.output`. They must be filled before
   * the running callback returns; they are written at its end, together with everything else for this connection.
   */
  reserve(length: number): number {
    const pool = this.#pool;
    const fits = pool.fits(length);
    if (fits) pool.makeRoom(length);
    if (this.#pendingBytes === 0) pool.markDirty(this);
    this.#pendingBytes += length;
    pool.gathered += length;
    if (!fits) {
      this.#closeRun();
      const own = Buffer.allocUnsafeSlow(length);
      this.output = own;
      this.#runStart = 0;
      this.#runEnd = length;
      return 0;
    }
    if (this.output !== pool.chunk || this.#runEnd !== pool.used) {
      this.#closeRun();
      this.output = pool.chunk;
      this.#runStart = pool.used;
    }
    const at = pool.used;
    pool.used += length;
    this.#runEnd = pool.used;
    return at;
  }

  /** Sends a request or an answer as it is; its opaque is the caller's affair. */
  send(command: RemotingCommand): void {
    if (this.closed) return;
    const header = encodeCommandHeader(command, command.serializeType);
    this.#write(header, command.serializeType, command.body);
  }

  /** Sends a request and waits for its answer. Rejects with PocketError TIMEOUT, CONNECT or STOPPED. */
  invoke(command: RemotingCommand, timeoutMs: number): Promise<RemotingCommand> {
    if (this.closed) {
      return Promise.reject(new PocketError('CONNECT', `the connection to ${this.remoteAddr} is closed`));
    }
    return this.#calls.wait(timeoutMs, (opaque) => this.send({ ...command, opaque }));
  }

  /** Sends a request nobody answers. */
  oneway(command: RemotingCommand): void {
    this.send({ ...command, opaque: this.#calls.takeOpaque(), flag: command.flag | FLAG_ONEWAY });
  }

  /** Resolves when the socket has taken what waits in it, or is gone; undefined while only little waits. */
  drained(): Promise<void> | undefined {
    if (this.closed || this.#waitingBytes <= HIGH_WATER || !this.#socket.writableNeedDrain) return undefined;
    const socket = this.#socket;
    return new Promise((resolve) => {
      const end = (): void => {
        socket.off('drain', end);
        socket.off('close', end);
        resolve();
      };
      socket.on('drain', end);
      socket.on('close', end);
    });
  }

  /** Answers `request` in its own serialization. */
  reply<S extends Fields>(request: RemotingCommand, fields: S, reply: Reply<S>): void {
    if (this.closed) return;
    let extFields = reply.header === undefined ? undefined : encodeHeader(fields, reply.header);
    if (reply.extFields !== undefined)
      extFields = extFields === undefined ? reply.extFields : Object.assign(extFields, reply.extFields);
    const header = encodeCommandHeader(
      {
        code: reply.code,
        flag: FLAG_RESPONSE,
        opaque: request.opaque,
        language: CURRENT_LANGUAGE,
        version: CURRENT_VERSION,
        remark: reply.remark,
        extFields,
      },
      request.serializeType,
    );
    this.#write(header, request.serializeType, reply.body);
    reply.written?.();
  }

  /** Writes what reserve() has gathered. Called by the pool at the end of the running callback. */
  flush(): boolean {
    if (this.closed || this.#pendingBytes === 0) return true;
    this.#closeRun();
    this.#pendingBytes = 0;
    this.#wroteSinceTick = true;
    const socket = this.#socket;
    const slices = this.#slices;
    this.#slices = [];
    const behind = socket.writableLength > 0;
    let copied = behind;
    const [only] = slices;
    if (slices.length === 1 && only !== undefined && !behind) {
      socket.write(only);
    } else {
      socket.cork();
      for (const slice of slices) {
        // What has to wait must not keep a whole chunk for the few bytes of an answer.
        const isPart = slice.length * 2 < slice.buffer.byteLength;
        if (!isPart) copied = false;
        socket.write(behind && isPart ? Buffer.from(slice) : slice);
      }
      socket.uncork();
    }
    this.countWaiting();
    const waiting = this.#waitingBytes;
    if (waiting > MAX_WAITING_BYTES && !this.closed) {
      this.destroy(`the peer does not read its answers: ${waiting} bytes of them wait, more than ${MAX_WAITING_BYTES}`);
    } else if (waiting > (this.#limits?.highWater ?? HIGH_WATER)) this.#throttle();
    return waiting === 0 || copied;
  }

  /** Flushes what is waiting and closes; `reason` goes to the log. Idempotent. */
  close(reason: string): void {
    if (this.closed) return;
    if (!this.flush()) this.#pool.abandon();
    if (this.closed) return;
    this.closed = true;
    this.#countUnfinished();
    this.#socket.destroySoon();
    // A peer that does not read would keep the socket for ever.
    if (this.#socket.writableLength > 0 && !this.#socket.destroyed) {
      this.#linger = this.#clock.after(CLOSE_GRACE_MS, () => this.#socket.destroy());
    }
    this.#calls.fail(new PocketError('CONNECT', `the connection to ${this.remoteAddr} was lost: ${reason}`));
    this.#onClose(this, reason);
  }

  /** Closes at once, throwing away what was not written. */
  destroy(reason: string): void {
    this.#socket.destroy();
    this.countWaiting();
    this.close(reason);
  }

  /** Brings waitingBytes up to date: what leaves bit by bit is not told. */
  countWaiting(): void {
    const before = this.#waitingBytes;
    this.#waitingBytes = this.#socket.destroyed ? 0 : this.#socket.writableLength;
    if (this.#waitingBytes !== before) this.#limits?.changed('waitingBytes', this.#waitingBytes - before);
  }

  /** Tells the idle scan whether something was written since it last asked. */
  takeWritten(): boolean {
    const wrote = this.#wroteSinceTick;
    this.#wroteSinceTick = false;
    return wrote;
  }

  #closeRun(): void {
    if (this.#runEnd > this.#runStart) this.#slices.push(this.output.subarray(this.#runStart, this.#runEnd));
    this.#runStart = 0;
    this.#runEnd = 0;
  }

  #write(header: Buffer, serializeType: 0 | 1, body: Buffer | readonly Segment[] | undefined): void {
    const bodyLength = lengthOf(body);
    let at = this.reserve(FRAME_PREFIX_LENGTH + header.length + bodyLength);
    const { output } = this;
    writeFramePrefix(output, at, { header: header.length, body: bodyLength }, serializeType);
    at += FRAME_PREFIX_LENGTH;
    at += header.copy(output, at);
    if (Buffer.isBuffer(body)) body.copy(output, at);
    else if (body !== undefined)
      for (const segment of body) at += segment.buffer.copy(output, at, segment.start, segment.end);
    if ((this.#pendingBytes > FLUSH_AT || this.#pool.gathered > MAX_GATHERED) && !this.flush()) this.#pool.abandon();
  }

  /** FrameSink: buffer[start, end) is one whole frame. */
  readonly #onFrame = (buffer: Buffer, start: number, end: number): boolean => {
    const serializeType = buffer[start + 4] ?? 0;
    const headerStart = start + FRAME_PREFIX_LENGTH;
    const headerEnd = headerStart + buffer.readUIntBE(start + 5, 3);
    if (!this.#takeRaw(buffer, headerStart, headerEnd, end, serializeType)) {
      const header = decodeCommandHeader(buffer, headerStart, headerEnd, serializeType);
      this.#onCommand({
        ...header,
        // A copy: the read buffer is overwritten by the next read.
        body: headerEnd === end ? undefined : Buffer.from(buffer.subarray(headerEnd, end)),
        serializeType: serializeType === SERIALIZE_JSON ? SERIALIZE_JSON : SERIALIZE_ROCKETMQ,
        frameLength: end - start,
      });
      if (!this.#throttled && this.#clock.monotonic() > this.#turnEnd) this.#yield();
    }
    if (this.#pendingBytes > FLUSH_AT && !this.flush()) this.#pool.abandon();
    return !this.#throttled && !this.closed;
  };

  #takeRaw(buffer: Buffer, headerStart: number, headerEnd: number, bodyEnd: number, serializeType: number): boolean {
    const dispatcher = this.#dispatcher;
    if (dispatcher === undefined || !dispatcher.hasRawProcessors || serializeType !== SERIALIZE_JSON) return false;
    const code = peekCode(buffer, headerStart, headerEnd);
    if (code < 0) return false;
    const raw = dispatcher.rawProcessor(code);
    if (raw === undefined) return false;
    const frame = this.#rawFrame;
    frame.buffer = buffer;
    frame.headerStart = headerStart;
    frame.headerEnd = headerEnd;
    frame.bodyEnd = bodyEnd;
    return raw(frame);
  }

  #onCommand(command: RemotingCommand): void {
    if ((command.flag & FLAG_RESPONSE) === 0) {
      this.#dispatcher?.dispatch(command, this);
      return;
    }
    this.#calls.answer(command);
  }

  #throttle(): void {
    if (this.#throttled || this.closed) return;
    this.#throttled = true;
    this.#socket.pause();
  }

  #yield(): void {
    this.#yielded = true;
    this.#throttle();
    setImmediate(() => {
      this.#yielded = false;
      this.#goOn();
    });
  }

  /** Reads on, and looks at what was read already, when nothing speaks against it any more. */
  #goOn(): void {
    const { writableNeedDrain } = this.#socket;
    if (!this.#throttled || this.#yielded || this.closed || writableNeedDrain || this.#unanswered >= MAX_UNANSWERED)
      return;
    this.#throttled = false;
    this.#turnEnd = this.#clock.monotonic() + TURN_MS;
    try {
      this.#decoder.resume();
    } catch (error) {
      this.#refuse(error);
    }
    this.#countUnfinished();
    if (!this.#throttled) this.#socket.resume();
  }

  #countUnfinished(): void {
    const before = this.#unfinishedBytes;
    this.#unfinishedBytes = this.closed ? 0 : this.#decoder.heldBytes;
    if (this.#unfinishedBytes !== before) this.#limits?.changed('unfinishedBytes', this.#unfinishedBytes - before);
  }

  #onGone(): void {
    this.#linger?.cancel();
    this.countWaiting();
    this.#countUnfinished();
    this.#limits?.remove(this);
  }

  #refuse(error: unknown): void {
    this.close(error instanceof Error ? error.message : String(error));
  }
}

function lengthOf(body: Buffer | readonly Segment[] | undefined): number {
  if (body === undefined) return 0;
  if (Buffer.isBuffer(body)) return body.length;
  let length = 0;
  for (const segment of body) length += segment.end - segment.start;
  return length;
}

/** ip:port, [ip]:port for IPv6; an IPv4 address in IPv6 clothes is undressed. */
export function formatAddress(address: string | undefined, port: number | undefined): string {
  const host = (address ?? '0.0.0.0').replace(/^::ffff:(?=\d+\.)/, '');
  return host.includes(':') ? `[${host}]:${port ?? 0}` : `${host}:${port ?? 0}`;
}
