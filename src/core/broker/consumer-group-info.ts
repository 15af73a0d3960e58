/**
 * The members of one consumer group and what the group subscribes to. Mirrors ConsumerGroupInfo: the latest heartbeat
 * decides type, model and subscriptions, so members of one group with different subscriptions overwrite each other.
 */

import { createHash } from 'node:crypto';
import { RETRY_GROUP_TOPIC_PREFIX } from '../message/topic-validator.ts';
import type { ConsumeFromWhere, ConsumerData, ConsumeType, MessageModel } from '../protocol/bodies/heartbeat-data.ts';
import type { SubscriptionData } from '../protocol/bodies/subscription-data.ts';
import type { ClientChannel, PeerConnection } from './client-channel.ts';
import { compileSubscription, type Subscription } from './subscription.ts';

/** Of a subscription as long as a client likes, what is kept for each of its members. */
interface Wish {
  readonly sum: string;
  /** `T=A || B, U=*`, its beginning. */
  readonly text: string;
}

/** Characters of a subscription that are logged. */
const SHOWN = 200;

export class ConsumerGroupInfo {
  readonly groupName: string;
  consumeType: ConsumeType | undefined;
  messageModel: MessageModel | undefined;
  consumeFromWhere: ConsumeFromWhere | undefined;
  /** Memory the subscriptions of the last heartbeat take, about. */
  subscriptionBytes = 0;
  readonly #channels = new Map<PeerConnection, ClientChannel>();
  readonly #subscriptions = new Map<string, Subscription>();
  /** What each member said last that it subscribes to. */
  readonly #wishes = new Map<PeerConnection, Wish>();

  constructor(groupName: string) {
    this.groupName = groupName;
  }

  get isEmpty(): boolean {
    return this.#channels.size === 0;
  }

  channels(): ClientChannel[] {
    return [...this.#channels.values()];
  }

  /** In the order in which the clients came; a client on two connections is there twice. */
  clientIds(): string[] {
    return this.channels().map((channel) => channel.clientId);
  }

  subscription(topic: string): Subscription | undefined {
    return this.#subscriptions.get(topic);
  }

  subscriptions(): Iterable<Subscription> {
    return this.#subscriptions.values();
  }

  get subscriptionCount(): number {
    return this.#subscriptions.size;
  }

  /** Takes over a heartbeat. True when a member is new or the set of subscribed topics changed. */
  update(channel: ClientChannel, data: ConsumerData): boolean {
    this.consumeType = data.consumeType;
    this.messageModel = data.messageModel;
    this.consumeFromWhere = data.consumeFromWhere;
    const isNew = this.#updateChannel(channel);
    return this.#updateSubscriptions(data.subscriptionDataSet) || isNew;
  }

  /**
   * Notes what a member subscribes to. Says who wants something else when that is news: a group whose members differ loses
   * messages. A member that subscribes to nothing chooses its queues itself and differs from nobody.
   */
  conflict({ connection, clientId }: ClientChannel, { subscriptionDataSet }: ConsumerData): string | undefined {
    const text = subscriptionDataSet
      .filter(({ topic }) => !topic.startsWith(RETRY_GROUP_TOPIC_PREFIX))
      .map(({ topic, subString }) => `${topic}=${subString}`)
      .sort()
      .join(', ');
    const sum = createHash('sha256').update(text).digest('base64');
    if (text === '' || this.#wishes.get(connection)?.sum === sum) return undefined;
    const wish = { sum, text: text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text };
    this.#wishes.set(connection, wish);
    const other = [...this.#wishes].find(([, known]) => known.sum !== sum);
    if (other === undefined) return undefined;
    return `${clientId} subscribes to ${wish.text}, ${this.#channels.get(other[0])?.clientId} to ${other[1].text}`;
  }

  /** True when the connection was a member's. */
  remove(connection: PeerConnection): boolean {
    this.#wishes.delete(connection);
    return this.#channels.delete(connection);
  }

  #updateChannel(channel: ClientChannel): boolean {
    const known = this.#channels.get(channel.connection);
    if (known !== undefined && known.clientId === channel.clientId) {
      known.lastUpdate = channel.lastUpdate;
      return false;
    }
    this.#channels.set(channel.connection, { ...channel });
    return known === undefined;
  }

  #updateSubscriptions(subscriptions: readonly SubscriptionData[]): boolean {
    let changed = false;
    const topics = new Set<string>();
    for (const data of subscriptions) {
      topics.add(data.topic);
      const known = this.#subscriptions.get(data.topic);
      if (known === undefined) changed = true;
      if (known === undefined || data.subVersion > known.data.subVersion) {
        this.#subscriptions.set(data.topic, compileSubscription(data));
      }
    }
    for (const topic of this.#subscriptions.keys()) {
      if (topics.has(topic)) continue;
      this.#subscriptions.delete(topic);
      changed = true;
    }
    return changed;
  }
}
