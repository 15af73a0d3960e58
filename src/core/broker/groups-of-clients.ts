/**
 * In which groups each connection is: bounds what heartbeats can add, and a connection that closes leaves its own groups
 * only, however many there are.
 */

import type { PeerConnection } from './client-channel.ts';
import { MAX_GROUPS_OF_CLIENT, MAX_MEMBERS, tooMany } from './table-limits.ts';

export class GroupsOfClients {
  readonly #groups = new Map<PeerConnection, Set<string>>();
  #members = 0;

  /** Throws ReplyError when the client or all of them would be in too many groups. */
  add(connection: PeerConnection, group: string): void {
    const groups = this.#groups.get(connection);
    if (groups?.has(group) === true) return;
    if (groups !== undefined && groups.size >= MAX_GROUPS_OF_CLIENT) {
      throw tooMany(`the client is in ${groups.size} groups`, MAX_GROUPS_OF_CLIENT);
    }
    if (this.#members >= MAX_MEMBERS) throw tooMany(`the groups have ${this.#members} members`, MAX_MEMBERS);
    this.#members++;
    if (groups === undefined) this.#groups.set(connection, new Set([group]));
    else groups.add(group);
  }

  remove(connection: PeerConnection, group: string): void {
    const groups = this.#groups.get(connection);
    if (groups?.delete(group) !== true) return;
    this.#members--;
    if (groups.size === 0) this.#groups.delete(connection);
  }

  /** The groups of a connection. */
  of(connection: PeerConnection): Iterable<string> {
    return this.#groups.get(connection) ?? [];
  }

  /** The groups of a connection, which is in none any more. */
  take(connection: PeerConnection): Iterable<string> {
    const groups = this.#groups.get(connection);
    if (groups === undefined) return [];
    this.#groups.delete(connection);
    this.#members -= groups.size;
    return groups;
  }
}
