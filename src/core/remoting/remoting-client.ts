/**
 * Connections to any number of servers, made when they are first needed, shared by everything in the process that talks
 * to the same address, and made anew after they broke. Mirrors NettyRemotingClient; choosing a namesrv is the client's.
 */

import { connect, isIPv6, type Socket } from 'node:net';
import type { Clock, Timer } from '../common/clock.ts';
import { PocketError } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import { Connection, type Dispatcher } from './connection.ts';
import { sharedRead } from './read-buffer.ts';
import { MAX_FRAME_LENGTH, type RemotingCommand } from './remoting-command.ts';

export interface RemotingClientOptions {
  clock: Clock;
  logger: Logger;
  /** Serves the requests that come from the other end (consumer changes, ...). */
  processors?: Dispatcher;
  connectTimeoutMs?: number;
  idleTimeoutMs?: number;
  onClose?: (connection: Connection, reason: string) => void;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 3000;
const DEFAULT_IDLE_TIMEOUT_MS = 120_000;
const SCANS_PER_TIMEOUT = 8;

export class RemotingClient {
  readonly #options: RemotingClientOptions;
  /** addr -> the connection or the attempt under way. */
  readonly #connections = new Map<string, Promise<Connection>>();
  readonly #open = new Map<string, Connection>();
  /** What gives an attempt to connect up. */
  readonly #attempts = new Set<() => void>();
  #scan: Timer | undefined;
  #tick = 0;
  #stopped = false;

  constructor(options: RemotingClientOptions) {
    this.#options = options;
  }

  /** Sends a request to `addr` (host:port) and waits for the answer, whatever its code. Rejects with PocketError CONNECT or TIMEOUT. */
  async invoke(addr: string, command: RemotingCommand, timeoutMs: number): Promise<RemotingCommand> {
    const open = this.#open.get(addr);
    if (open !== undefined) return open.invoke(command, timeoutMs);
    const begun = this.#options.clock.monotonic();
    const connection = await this.connection(addr, timeoutMs);
    const left = timeoutMs - (this.#options.clock.monotonic() - begun);
    return connection.invoke(command, Math.max(1, Math.ceil(left)));
  }

  /**
   * Sends a request nobody answers; resolves at once, or where the peer reads too slowly when most has left. Rejects
   * with PocketError CONNECT when there is no connection to be had.
   */
  async oneway(addr: string, command: RemotingCommand): Promise<void> {
    const connection = this.#open.get(addr) ?? (await this.connection(addr));
    connection.oneway(command);
    await connection.drained();
  }

  /** Whether a connection to `addr` is up now. */
  isConnected(addr: string): boolean {
    return this.#open.has(addr);
  }

  /** The connection to `addr`, made if there is none. */
  connection(addr: string, timeoutMs = Number.POSITIVE_INFINITY): Promise<Connection> {
    const known = this.#connections.get(addr);
    if (known !== undefined) return known;
    if (this.#stopped) return Promise.reject(new PocketError('STOPPED', 'the client is stopped'));
    const attempt = this.#connect(
      addr,
      Math.min(timeoutMs, this.#options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS),
    );
    this.#connections.set(addr, attempt);
    attempt.catch(() => this.#connections.delete(addr));
    return attempt;
  }

  /** Closes the connection to `addr`, if there is one. */
  close(addr: string): void {
    this.#open.get(addr)?.close('closed by us');
  }

  /** Closes everything, gives up attempts to connect (PocketError STOPPED) and waits until the sockets are gone. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#scan?.cancel();
    for (const giveUp of this.#attempts) giveUp();
    const attempts = [...this.#connections.values()];
    for (const connection of [...this.#open.values()]) connection.close('the client stops');
    for (const attempt of await Promise.allSettled(attempts)) {
      if (attempt.status === 'fulfilled') attempt.value.close('the client stops');
    }
  }

  #connect(addr: string, timeoutMs: number): Promise<Connection> {
    const { host, port } = splitAddress(addr);
    return new Promise((resolve, reject) => {
      let connection: Connection | undefined;
      const onread = sharedRead((buffer, length) => connection?.receive(buffer, length, this.#tick));
      const socket = connect({ host, port, noDelay: true, onread });
      const timer = this.#options.clock.after(timeoutMs, () => fail(`no answer within ${Math.ceil(timeoutMs)} ms`));
      const end = (): void => {
        timer.cancel();
        this.#attempts.delete(giveUp);
      };
      const fail = (why: string, cause?: Error): void => {
        end();
        socket.destroy();
        reject(
          new PocketError('CONNECT', `connect to ${addr} failed`, { cause: cause ?? new Error(why), detail: addr }),
        );
      };
      const giveUp = (): void => {
        end();
        socket.destroy();
        reject(new PocketError('STOPPED', 'the client is stopped'));
      };
      this.#attempts.add(giveUp);
      const onError = (error: Error): void => fail(error.message, error);
      socket.once('error', onError);
      socket.once('connect', () => {
        end();
        socket.off('error', onError);
        connection = this.#adopt(addr, socket);
        resolve(connection);
      });
    });
  }

  #adopt(addr: string, socket: Socket): Connection {
    const connection = new Connection({
      socket,
      clock: this.#options.clock,
      dispatcher: this.#options.processors,
      maxFrameLength: MAX_FRAME_LENGTH,
      onClose: (closing, reason) => {
        if (this.#open.get(addr) === closing) {
          this.#open.delete(addr);
          this.#connections.delete(addr);
        }
        this.#options.logger.debug(`connection to ${addr} closed: ${reason}`);
        this.#options.onClose?.(closing, reason);
      },
    });
    connection.lastActiveTick = this.#tick;
    this.#open.set(addr, connection);
    this.#scan ??= this.#options.clock.every(
      (this.#options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS) / SCANS_PER_TIMEOUT,
      () => this.#closeIdle(),
    );
    return connection;
  }

  #closeIdle(): void {
    this.#tick++;
    for (const connection of this.#open.values()) {
      if (connection.takeWritten()) connection.lastActiveTick = this.#tick;
      if (this.#tick - connection.lastActiveTick > SCANS_PER_TIMEOUT) connection.close('it was idle for too long');
    }
  }
}

/**
 * host and port of `host:port`, `[ipv6]:port` or `ipv6:port`, which is what Java's brokers register with an IPv6 brokerIP1:
 * what is behind the last colon is the port. Throws PocketError ILLEGAL_ARGUMENT.
 */
export function splitAddress(addr: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|(.+)):(\d{1,5})$/.exec(addr.trim());
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  const isOne = match?.[1] !== undefined || !host.includes(':') || isIPv6(host);
  if (host === '' || !isOne || !(port > 0 && port < 65_536)) {
    throw new PocketError('ILLEGAL_ARGUMENT', `"${addr}" is no address of the form host:port`, { detail: addr });
  }
  return { host, port };
}
