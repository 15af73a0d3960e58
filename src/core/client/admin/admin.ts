/**
 * What every admin operation works with: one remoting client and the namesrvs. Mirrors DefaultMQAdminExtImpl without its
 * client factory: an operation that asks brokers needs no heartbeat, so none is sent and stop() has nothing to wait for
 * (the original spends one to three seconds there).
 *
 * An operation is a function in one of this folder's files that takes an Admin and returns data; it never prints.
 */

import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/logger.ts';
import type { Service } from '../../common/service.ts';
import type { Fields, HeaderOf, RequestSchema } from '../../protocol/schema.ts';
import { type Answer, call } from '../../remoting/call.ts';
import { RemotingClient } from '../../remoting/remoting-client.ts';
import { NamesrvClient } from '../namesrv-client.ts';

/** mqadmin's request time-out, ms. */
const ADMIN_TIMEOUT_MS = 5000;

export interface AdminOptions {
  /** `ip:port` of each namesrv; may be empty for operations that only ask a broker. */
  readonly namesrvAddrs: readonly string[];
  /** Time-out of one request, ms; default 5000. */
  readonly timeoutMs?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 <= x < 1; chooses the first namesrv and a slave where there is no master. */
  readonly random?: (() => number) | undefined;
}

export class Admin implements Service {
  readonly client: RemotingClient;
  readonly namesrv: NamesrvClient;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;

  constructor(options: AdminOptions) {
    this.clock = options.clock;
    this.logger = options.logger;
    this.random = options.random ?? Math.random;
    this.timeoutMs = options.timeoutMs ?? ADMIN_TIMEOUT_MS;
    this.client = new RemotingClient({ clock: options.clock, logger: options.logger });
    this.namesrv = new NamesrvClient({
      client: this.client,
      addrs: options.namesrvAddrs,
      random: this.random,
      timeoutMs: this.timeoutMs,
    });
  }

  /** Connections are made on demand, so there is nothing to wait for. */
  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return this.client.stop();
  }

  /** One request to a broker, with the admin time-out. Throws PocketError CONNECT, TIMEOUT or RESPONSE. */
  askBroker<Q extends Fields, S extends Fields>(
    addr: string,
    schema: RequestSchema<Q, S>,
    header: HeaderOf<Q>,
    body?: Buffer,
  ): Promise<Answer<S>> {
    return call(this.client, addr, schema, header, { timeoutMs: this.timeoutMs, body });
  }
}
