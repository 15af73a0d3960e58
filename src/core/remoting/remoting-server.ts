/**
 * Listens on one port and serves every connection through a processor table. Mirrors NettyRemotingServer.
 *
 * Bad input closes the connection it came from, is logged once, and disturbs nobody else. A connection without a read or
 * a write for the idle time is closed (Java: 120 s). Above the limit of connections a new one is closed at once; those that
 * are open go on. Lines about connections are few in a time, whatever strangers do.
 */

import { createServer, type Server, type Socket } from 'node:net';
import type { Clock, Timer } from '../common/clock.ts';
import { errnoOf, PocketError } from '../common/errors.ts';
import { LineBudget } from '../common/line-budget.ts';
import type { Logger } from '../common/logger.ts';
import type { Service } from '../common/service.ts';
import { Connection, type Dispatcher, formatAddress } from './connection.ts';
import { readAccepted } from './read-buffer.ts';
import { MAX_FRAME_LENGTH } from './remoting-command.ts';
import { RemotingLimits } from './remoting-limits.ts';

export interface RemotingServerOptions {
  /** Address to listen on: 127.0.0.1, 0.0.0.0, ... */
  host: string;
  /** 0: any free port. */
  port: number;
  processors: Dispatcher;
  clock: Clock;
  logger: Logger;
  maxFrameLength?: number;
  /** Shared with the other ports of a server; limits of its own unless given. */
  limits?: RemotingLimits;
  idleTimeoutMs?: number;
  onOpen?: (connection: Connection) => void;
  /** Once for each connection, for whatever reason it went. */
  onClose?: (connection: Connection, reason: string) => void;
}

const DEFAULT_IDLE_TIMEOUT_MS = 120_000;
const BACKLOG = 1024;
/** The idle scan runs this many times in an idle time. */
const SCANS_PER_TIMEOUT = 8;
/** A timer cannot be set further. */
const MAX_TIMER_MS = 2_147_483_647;
/** How long stop() waits for answers to leave before it cuts the connections. */
const STOP_GRACE_MS = 1000;
/** So many lines of a kind about connections in LINE_WINDOW_MS. */
const LINES = 100;
const LINE_WINDOW_MS = 10_000;

export class RemotingServer implements Service {
  readonly #options: RemotingServerOptions;
  readonly #connections = new Set<Connection>();
  readonly #limits: RemotingLimits;
  readonly #closedLines: LineBudget;
  readonly #refusedLines: LineBudget;
  #server: Server | undefined;
  #scan: Timer | undefined;
  #tick = 0;
  #idleTimeoutMs: number;

  constructor(options: RemotingServerOptions) {
    this.#options = options;
    this.#idleTimeoutMs = options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS;
    this.#limits = options.limits ?? new RemotingLimits({ logger: options.logger });
    this.#closedLines = new LineBudget(options.clock, LINES, LINE_WINDOW_MS);
    this.#refusedLines = new LineBudget(options.clock, LINES, LINE_WINDOW_MS);
  }

  /** The port that is listened on; 0 before start(). */
  get port(): number {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  connections(): Iterable<Connection> {
    return this.#connections;
  }

  /** Rejects with PocketError IN_USE when the port is taken, ILLEGAL_ARGUMENT when the address cannot be listened on. */
  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const { host, port } = this.#options;
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenError(error, host, port)));
      server.listen({ host, port, backlog: BACKLOG }, resolve);
    });
    server.on('error', (error) => this.#refused(`accepting connections failed: ${error.message}`));
    this.#server = server;
    this.setIdleTimeout(this.#idleTimeoutMs);
  }

  /** Connections that are idle for longer than `ms` are closed from now on; 0 and less: none are. */
  setIdleTimeout(ms: number): void {
    this.#idleTimeoutMs = ms;
    this.#scan?.cancel();
    this.#scan = undefined;
    if (this.#server === undefined || ms <= 0) return;
    const interval = Math.min(ms / SCANS_PER_TIMEOUT, MAX_TIMER_MS);
    this.#scan = this.#options.clock.every(interval, () => this.#closeIdle());
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#scan?.cancel();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const leaving = [...this.#connections];
    for (const connection of leaving) connection.close('the server stops');
    const cut = this.#options.clock.after(STOP_GRACE_MS, () => {
      for (const connection of leaving) connection.destroy('the server stops');
    });
    await closed;
    cut.cancel();
  }

  #accept(accepted: Socket): void {
    if (accepted.remoteAddress === undefined) {
      accepted.destroy(); // gone before it was looked at
      return;
    }
    const limits = this.#limits;
    if (limits.isFull) {
      this.#refused(
        `the connection of ${formatAddress(accepted.remoteAddress, accepted.remotePort)} was refused: ${limits.connections} are open, the limit is ${limits.maxConnections}`,
      );
      accepted.destroy();
      return;
    }
    let connection: Connection | undefined;
    const socket = readAccepted(accepted, (buffer, length) => connection?.receive(buffer, length, this.#tick));
    connection = new Connection({
      socket,
      clock: this.#options.clock,
      dispatcher: this.#options.processors,
      maxFrameLength: this.#options.maxFrameLength ?? MAX_FRAME_LENGTH,
      limits,
      onClose: (closing, reason) => this.#onClose(closing, reason),
    });
    connection.lastActiveTick = this.#tick;
    this.#connections.add(connection);
    this.#options.onOpen?.(connection);
  }

  #onClose(connection: Connection, reason: string): void {
    this.#connections.delete(connection);
    const leftOut = this.#closedLines.take();
    if (leftOut !== undefined) {
      const more = leftOut === 0 ? '' : ` (${leftOut} more were closed since the last line about it)`;
      this.#options.logger.info(`connection of ${connection.remoteAddr} closed: ${reason}${more}`);
    }
    this.#options.onClose?.(connection, reason);
  }

  #refused(sentence: string): void {
    const leftOut = this.#refusedLines.take();
    if (leftOut === undefined) return;
    this.#options.logger.warn(leftOut === 0 ? sentence : `${sentence} (and ${leftOut} others before it)`);
  }

  #closeIdle(): void {
    this.#tick++;
    for (const connection of this.#connections) {
      if (connection.takeWritten()) connection.lastActiveTick = this.#tick;
      if (this.#tick - connection.lastActiveTick > SCANS_PER_TIMEOUT) connection.close('it was idle for too long');
    }
  }
}

function listenError(cause: Error, host: string, port: number): PocketError {
  if (errnoOf(cause) === 'EADDRINUSE') {
    return new PocketError('IN_USE', `port ${port} is in use`, { cause, detail: String(port) });
  }
  // A port below 1024 is a right one has or has not.
  const code = errnoOf(cause) === 'EACCES' ? 'CONFIG' : 'ILLEGAL_ARGUMENT';
  return new PocketError(code, `cannot listen on ${host}:${port}: ${cause.message}`, { cause });
}
