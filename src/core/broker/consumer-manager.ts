/**
 * Which consumers are connected: group -> members and subscriptions. Mirrors ConsumerManager and
 * DefaultConsumerIdsChangeListener: when a group changes, every member is told at once (NOTIFY_CONSUMER_IDS_CHANGED, 40,
 * one-way), the sender of the heartbeat included, so that it rebalances without waiting for its 20 s.
 * A consumer without a heartbeat for 120 s loses its connection; the scan itself tells nobody, the close does.
 */

import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/logger.ts';
import type { ConsumerData } from '../protocol/bodies/heartbeat-data.ts';
import { notifyConsumerIdsChanged } from '../protocol/requests/notify-consumer-ids-changed.ts';
import { createRequest } from '../remoting/remoting-command.ts';
import { CHANNEL_EXPIRED_MS, type ClientChannel, type PeerConnection } from './client-channel.ts';
import { ConsumerGroupInfo } from './consumer-group-info.ts';
import { GroupsOfClients } from './groups-of-clients.ts';
import type { Subscription } from './subscription.ts';
import { MAX_SUBSCRIPTION_BYTES, tooMany } from './table-limits.ts';

/** What a subscription takes beside its texts, and a tag. */
const SUBSCRIPTION_BYTES = 400;
const TAG_BYTES = 60;

export interface ConsumerManagerOptions {
  clock: Clock;
  logger: Logger;
  /** brokerConfig.notifyConsumerIdsChangedEnable, asked at each change. */
  mayNotify: () => boolean;
  /** A group has no member any more. */
  onGone?: (group: string) => void;
}

export class ConsumerManager {
  readonly #options: ConsumerManagerOptions;
  readonly #groups = new Map<string, ConsumerGroupInfo>();
  readonly #groupsOfClients = new GroupsOfClients();
  #subscriptionBytes = 0;

  constructor(options: ConsumerManagerOptions) {
    this.#options = options;
  }

  group(group: string): ConsumerGroupInfo | undefined {
    return this.#groups.get(group);
  }

  subscription(group: string, topic: string): Subscription | undefined {
    return this.#groups.get(group)?.subscription(topic);
  }

  /** The group is online and does not subscribe to the topic any more. */
  hasLeft(group: string, topic: string): boolean {
    const info = this.#groups.get(group);
    return info !== undefined && info.subscriptionCount > 0 && info.subscription(topic) === undefined;
  }

  /** The online groups that subscribe to a topic. */
  groupsOfTopic(topic: string): string[] {
    const groups: string[] = [];
    for (const [name, info] of this.#groups) if (info.subscription(topic) !== undefined) groups.push(name);
    return groups;
  }

  /** Takes over the part of a heartbeat that is about one group. Throws ReplyError at a limit. */
  register(channel: ClientChannel, data: ConsumerData, notify: boolean): void {
    let info = this.#groups.get(data.groupName);
    const bytes = subscriptionBytes(data);
    const total = this.#subscriptionBytes - (info?.subscriptionBytes ?? 0) + bytes;
    if (total > MAX_SUBSCRIPTION_BYTES) {
      throw tooMany(`the subscriptions of all groups take ${total} bytes`, MAX_SUBSCRIPTION_BYTES);
    }
    this.#groupsOfClients.add(channel.connection, data.groupName);
    this.#subscriptionBytes = total;
    if (info === undefined) {
      info = new ConsumerGroupInfo(data.groupName);
      this.#groups.set(data.groupName, info);
    }
    info.subscriptionBytes = bytes;
    const changed = info.update(channel, data);
    const conflict = info.conflict(channel, data);
    if (conflict !== undefined) {
      this.#options.logger.warn(
        `the members of consumer group ${data.groupName} subscribe to different things, so messages go astray: ${conflict}`,
      );
    }
    if (!changed) return;
    this.#options.logger.info(`consumer group ${data.groupName} changed by ${channel.clientId}`);
    if (notify) this.#notify(info);
  }

  unregister(group: string, connection: PeerConnection, notify: boolean): void {
    const info = this.#groups.get(group);
    if (info === undefined) return;
    this.#groupsOfClients.remove(connection, group);
    info.remove(connection);
    if (info.isEmpty) {
      this.#drop(info);
      this.#options.logger.info(`consumer group ${group} has no member any more`);
    }
    if (notify) this.#notify(info);
  }

  onConnectionClose(connection: PeerConnection): void {
    for (const group of this.#groupsOfClients.take(connection)) {
      const info = this.#groups.get(group);
      if (info === undefined || !info.remove(connection)) continue;
      if (info.isEmpty) this.#drop(info);
      this.#notify(info);
    }
  }

  #drop(info: ConsumerGroupInfo): void {
    this.#groups.delete(info.groupName);
    this.#subscriptionBytes -= info.subscriptionBytes;
    this.#options.onGone?.(info.groupName);
  }

  /** Closes the connections of consumers that have been silent for too long. */
  scan(): void {
    const now = this.#options.clock.now();
    for (const info of [...this.#groups.values()]) {
      for (const channel of info.channels()) {
        if (now - channel.lastUpdate <= CHANNEL_EXPIRED_MS) continue;
        channel.connection.close(`no heartbeat of consumer group ${info.groupName} for ${CHANNEL_EXPIRED_MS} ms`);
      }
    }
  }

  #notify(info: ConsumerGroupInfo): void {
    if (!this.#options.mayNotify()) return;
    const notice = createRequest(notifyConsumerIdsChanged, { consumerGroup: info.groupName });
    for (const channel of info.channels()) channel.connection.oneway(notice);
  }
}

/** Memory a group's subscriptions take, about. */
function subscriptionBytes(data: ConsumerData): number {
  let bytes = 0;
  for (const { topic, subString, tagsSet, codeSet } of data.subscriptionDataSet) {
    bytes += SUBSCRIPTION_BYTES + topic.length + subString.length + TAG_BYTES * codeSet.length;
    for (const tag of tagsSet) bytes += TAG_BYTES + tag.length;
  }
  return bytes;
}
