/**
 * The namesrvs as one party to ask. The first is taken at random, then kept while it answers; one that cannot be
 * connected is passed over in round-robin order, once through the list. Mirrors the choice NettyRemotingClient makes and
 * the namesrv calls of MQClientAPIImpl.
 *
 * Known difference: after a time-out the next call goes to the next address as well.
 */

import { PocketError } from '../common/errors.ts';
import { decodeTopicRouteData, type TopicRouteData } from '../protocol/bodies/topic-route-data.ts';
import { getRouteinfoByTopic } from '../protocol/requests/get-routeinfo-by-topic.ts';
import { ResponseCode } from '../protocol/response-code.ts';
import type { Fields, HeaderOf, RequestSchema } from '../protocol/schema.ts';
import { type Answer, call } from '../remoting/call.ts';
import type { RemotingClient } from '../remoting/remoting-client.ts';

/** The client API's time-out (mqClientApiTimeout), ms. */
const DEFAULT_TIMEOUT_MS = 3000;

export interface NamesrvClientOptions {
  readonly client: RemotingClient;
  readonly addrs: readonly string[];
  /** 0 <= x < 1. */
  readonly random: () => number;
  /** Time-out of one request, ms. */
  readonly timeoutMs?: number | undefined;
}

export class NamesrvClient {
  readonly addrs: readonly string[];
  readonly #client: RemotingClient;
  readonly #timeoutMs: number;
  #index: number;

  constructor(options: NamesrvClientOptions) {
    this.addrs = options.addrs;
    this.#client = options.client;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#index = Math.floor(options.random() * options.addrs.length);
  }

  /**
   * Asks the chosen namesrv, or the next one that can be connected. Rejects with PocketError NO_NAMESRV when no address
   * is known, CONNECT (`connect to [a, b] failed`) when none can be reached, TIMEOUT, or RESPONSE.
   */
  async ask<Q extends Fields, S extends Fields>(
    schema: RequestSchema<Q, S>,
    header: HeaderOf<Q>,
    body?: Buffer,
  ): Promise<Answer<S>> {
    this.requireAddrs();
    const first = this.#index;
    let cause: unknown;
    for (const index of this.#order(first)) {
      const addr = this.addrs[index] as string;
      try {
        const answer = await call(this.#client, addr, schema, header, { timeoutMs: this.#timeoutMs, body });
        this.#index = index;
        return answer;
      } catch (error) {
        if (!(error instanceof PocketError)) throw error;
        if (error.code === 'TIMEOUT') this.#leave(index);
        if (error.code === 'RESPONSE') this.#index = index;
        if (error.code !== 'CONNECT') throw error;
        cause = error;
      }
    }
    const list = `[${this.addrs.join(', ')}]`;
    throw new PocketError('CONNECT', `connect to ${list} failed`, { cause, detail: list });
  }

  /** Sends a request to every namesrv, as the original does with what changes them. Rejects with the first failure in list order. */
  async tellAll<Q extends Fields, S extends Fields>(schema: RequestSchema<Q, S>, header: HeaderOf<Q>): Promise<void> {
    this.requireAddrs();
    const told = await Promise.allSettled(
      this.addrs.map((addr) => call(this.#client, addr, schema, header, { timeoutMs: this.#timeoutMs })),
    );
    for (const result of told) if (result.status === 'rejected') throw result.reason;
  }

  /** The route of a topic. Rejects with PocketError NOT_FOUND (responseCode 17) when the namesrv knows none. */
  async route(topic: string): Promise<TopicRouteData> {
    const answer = await this.ask(getRouteinfoByTopic, { topic }).catch((error: unknown) => {
      throw isTopicNotExist(error) ? topicNotFound(topic, error) : error;
    });
    return decodeTopicRouteData(answer.body);
  }

  /** Once through the list; the chosen one a second time if its connection was up, because that may have been stale. */
  *#order(first: number): Generator<number> {
    const chosen = this.addrs[first];
    if (chosen !== undefined && this.#client.isConnected(chosen)) yield first;
    for (let i = 0; i < this.addrs.length; i++) yield (first + i) % this.addrs.length;
  }

  #leave(index: number): void {
    const addr = this.addrs[index];
    if (addr !== undefined) this.#client.close(addr);
    this.#index = (index + 1) % this.addrs.length;
  }

  /** Throws PocketError NO_NAMESRV when no address is known. */
  requireAddrs(): void {
    if (this.addrs.length === 0) throw new PocketError('NO_NAMESRV', 'no name server address is known');
  }
}

/** Whether an error is a peer's answer that a topic does not exist. */
export function isTopicNotExist(error: unknown): error is PocketError {
  return error instanceof PocketError && error.responseCode === ResponseCode.TOPIC_NOT_EXIST;
}

/** PocketError NOT_FOUND for an unknown topic; `error` is the answer that said so. */
export function topicNotFound(topic: string, error: PocketError): PocketError {
  return new PocketError('NOT_FOUND', `the topic ${topic} does not exist`, {
    cause: error,
    responseCode: ResponseCode.TOPIC_NOT_EXIST,
    detail: error.detail ?? topic,
  });
}
