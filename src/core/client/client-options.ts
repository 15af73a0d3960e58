/**
 * What a program tells every client, and the checks of what a program may get wrong where no compiler looks over it: the
 * list of name servers, numbers out of their range. All throw PocketError ILLEGAL_ARGUMENT when the client is made, not at its
 * first request.
 */

import type { Clock } from '../common/clock.ts';
import { PocketError } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import { checkedNamesrvAddr } from '../common/namesrv-addr-list.ts';

/** Largest int of the protocol, and longest delay of a timer, ms. */
export const MAX_INT = 2 ** 31 - 1;

/** What every client takes. One of `namesrvAddr` and `namesrvAddrs` is needed. */
export interface ClientOptions {
  /** The name servers as RocketMQ writes them: `10.0.0.1:9876;10.0.0.2:9876`. */
  readonly namesrvAddr?: string | undefined;
  /** The same as a list, `host:port` each. */
  readonly namesrvAddrs?: readonly string[] | undefined;
  /**
   * This client's part of its client id, `ip@instanceName`, which must differ from that of every other client of the machine
   * in the same group; default: one that no other has. Members of a group divide queues in the order of their ids.
   */
  readonly instanceName?: string | undefined;
  /** Receives what a client has to tell beside its results; default: nothing is logged. */
  readonly logger?: Logger | undefined;
  /** The time a client goes by; default: the system's. */
  readonly clock?: Clock | undefined;
  /** Chooses the first name server, queue and broker: 0 <= x < 1; default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** `host:port` of each name server, as they were given. Throws PocketError ILLEGAL_ARGUMENT for a part that is no address. */
export function namesrvAddrsOf(options: Pick<ClientOptions, 'namesrvAddr' | 'namesrvAddrs'>): readonly string[] {
  const { namesrvAddr, namesrvAddrs } = options;
  if (namesrvAddr !== undefined && namesrvAddrs !== undefined) {
    throw illegal('give namesrvAddr or namesrvAddrs, not both');
  }
  if (namesrvAddr !== undefined && typeof namesrvAddr !== 'string') {
    throw illegal('namesrvAddr is one text, "127.0.0.1:9876;127.0.0.2:9876"; a list goes into namesrvAddrs');
  }
  if (namesrvAddrs !== undefined && !Array.isArray(namesrvAddrs)) {
    throw illegal('namesrvAddrs is a list, ["127.0.0.1:9876"]; a text goes into namesrvAddr');
  }
  return checkedNamesrvAddr(namesrvAddr ?? namesrvAddrs?.join(';'))?.split(';') ?? [];
}

/** Throws when the named option is given and is no whole number between `min` and `max`. */
export function checkRange(name: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return;
  const limits = max === Number.MAX_SAFE_INTEGER ? `not below ${min}` : `from ${min} to ${max}`;
  throw illegal(`${name} must be a whole number ${limits}, not ${typeof value === 'string' ? `'${value}'` : value}`);
}

/** Throws when the named option is given and is not one of the words. */
export function checkWord(name: string, value: string | undefined, words: readonly string[]): void {
  if (value === undefined || words.includes(value)) return;
  throw illegal(`${name} is one of ${words.join(', ')}, not '${value}'`);
}

const illegal = (message: string): PocketError => new PocketError('ILLEGAL_ARGUMENT', message);
