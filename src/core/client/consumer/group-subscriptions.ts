/**
 * What a push consumer subscribes to: what its heartbeats say, and what the brokers have heard. Mirrors
 * RebalancePushImpl.messageQueueChanged.
 *
 * A change of the division renews the subVersion; a pull that carries one the broker has not heard of is refused, so pulls
 * take it only after a heartbeat has brought it.
 */

import type { SubscriptionData } from '../../protocol/bodies/subscription-data.ts';
import type { ClientInstance } from '../client-instance.ts';
import { type MessageSelector, subscriptionOf } from './subscription.ts';

export class GroupSubscriptions {
  readonly #instance: ClientInstance;
  readonly #announced = new Map<string, SubscriptionData>();
  readonly #heard = new Map<string, SubscriptionData>();

  /** `wanted`: topic -> expression. Throws ILLEGAL_ARGUMENT for an empty expression. */
  constructor(instance: ClientInstance, wanted: Readonly<Record<string, string | MessageSelector>>) {
    this.#instance = instance;
    const version = instance.clock.now();
    for (const [topic, expression] of Object.entries(wanted)) {
      const subscription = subscriptionOf(topic, expression, version);
      this.#announced.set(topic, subscription);
      this.#heard.set(topic, subscription);
    }
  }

  topics(): string[] {
    return [...this.#announced.keys()];
  }

  has(topic: string): boolean {
    return this.#announced.has(topic);
  }

  /** For the heartbeat. */
  announced(): SubscriptionData[] {
    return [...this.#announced.values()];
  }

  /** For a pull. */
  heard(topic: string): SubscriptionData | undefined {
    return this.#heard.get(topic);
  }

  /** The division of the topic changed: resolves when the brokers know. Never rejects. */
  async renew(topic: string): Promise<void> {
    const subscription = this.#announced.get(topic);
    if (subscription === undefined) return;
    const renewed = { ...subscription, subVersion: this.#instance.clock.now() };
    this.#announced.set(topic, renewed);
    await this.#instance.heartbeat();
    this.#heard.set(topic, renewed);
  }
}
