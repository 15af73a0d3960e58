/**
 * Which producers are connected: group -> connection -> client. Mirrors ProducerManager. Every Java client also announces
 * the group CLIENT_INNER_PRODUCER. A producer without a heartbeat for 120 s loses its connection.
 */

import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/logger.ts';
import { CHANNEL_EXPIRED_MS, type ClientChannel, type PeerConnection } from './client-channel.ts';
import { GroupsOfClients } from './groups-of-clients.ts';

export class ProducerManager {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #groups = new Map<string, Map<PeerConnection, ClientChannel>>();
  readonly #groupsOfClients = new GroupsOfClients();
  /** By clientId, the channel that was heard of last; one of those in #groups. */
  readonly #channels = new Map<string, ClientChannel>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Throws ReplyError at a limit. */
  register(group: string, channel: ClientChannel): void {
    this.#groupsOfClients.add(channel.connection, group);
    let channels = this.#groups.get(group);
    if (channels === undefined) {
      channels = new Map();
      this.#groups.set(group, channels);
    }
    const known = channels.get(channel.connection);
    if (known !== undefined) {
      known.lastUpdate = this.#clock.now();
      this.#channels.set(known.clientId, known);
      return;
    }
    // A copy: the same client is in several groups, each with a time of its own.
    const copy = { ...channel };
    channels.set(channel.connection, copy);
    this.#channels.set(channel.clientId, copy);
    this.#logger.info(`new producer connected, group: ${group} client: ${channel.clientId}`);
  }

  unregister(group: string, connection: PeerConnection): void {
    const channels = this.#groups.get(group);
    if (channels === undefined) return;
    this.#groupsOfClients.remove(connection, group);
    this.#forget(channels.get(connection));
    channels.delete(connection);
    if (channels.size === 0) this.#groups.delete(group);
  }

  onConnectionClose(connection: PeerConnection): void {
    for (const group of this.#groupsOfClients.take(connection)) this.unregister(group, connection);
  }

  /** Closes the connections of producers that have been silent for too long. */
  scan(): void {
    const now = this.#clock.now();
    for (const [group, channels] of this.#groups) {
      for (const channel of [...channels.values()]) {
        if (now - channel.lastUpdate <= CHANNEL_EXPIRED_MS) continue;
        this.unregister(group, channel.connection);
        channel.connection.close(`no heartbeat of producer group ${group} for ${CHANNEL_EXPIRED_MS} ms`);
      }
    }
  }

  /** The connected producers of a group; undefined when nobody knows the group. */
  channelsOf(group: string): ClientChannel[] | undefined {
    const channels = this.#groups.get(group);
    return channels === undefined ? undefined : [...channels.values()];
  }

  groups(): Iterable<string> {
    return this.#groups.keys();
  }

  /** The client's latest connection as a producer. */
  findChannel(clientId: string): ClientChannel | undefined {
    return this.#channels.get(clientId);
  }

  /** A client that left one group is still found by another (Java forgets it until its next heartbeat). */
  #forget(channel: ClientChannel | undefined): void {
    if (channel === undefined || this.#channels.get(channel.clientId) !== channel) return;
    this.#channels.delete(channel.clientId);
    for (const group of this.#groupsOfClients.of(channel.connection)) {
      const other = this.#groups.get(group)?.get(channel.connection);
      if (other?.clientId !== channel.clientId) continue;
      this.#channels.set(channel.clientId, other);
      return;
    }
  }
}
