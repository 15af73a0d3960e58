/**
 * The requests of one client that wait for their reply, by CORRELATION_ID, and what a reply is. Mirrors RequestFutureHolder
 * and ClientRemotingProcessor.receiveReplyMessage.
 *
 * Known differences: one table for each client, not for the process; each request has a timer of its own (Java looks every
 * second); at most MAX_WAITING of them wait.
 */

import type { Clock, Timer } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import type { Logger } from '../../common/logger.ts';
import { decompressBody } from '../../message/compression.ts';
import type { Message } from '../../message/message.ts';
import { decodeProperties, Property } from '../../message/properties.ts';
import type { pushReplyMessageToClient } from '../../protocol/requests/push-reply-message-to-client.ts';
import type { RequestHeaderOf } from '../../protocol/schema.ts';

const MAX_WAITING = 65_535;
/** ClientErrorCode.REQUEST_TIMEOUT_EXCEPTION. */
const REQUEST_TIMEOUT = 10_006;

/** The answer of a replier, as its broker pushed it. */
export interface ReplyMessage extends Message {
  /** The queue of the reply topic it was sent to. */
  readonly queueId: number;
  /** Milliseconds, by the replier's clock. */
  readonly bornTimestamp: number;
  /** The replier, `ip:port`. */
  readonly bornHost: string;
  /** Milliseconds, by the broker's clock: when it pushed the reply. */
  readonly storeTimestamp: number;
  /** The broker, `ip:port`. */
  readonly storeHost: string;
}

/** One request that waits. */
export interface WaitingRequest {
  readonly correlationId: string;
  readonly topic: string;
  readonly timeoutMs: number;
  /** Who failOf() knows it by. */
  readonly owner: object;
}

interface Waiting {
  readonly owner: object;
  readonly timer: Timer;
  resolve(reply: ReplyMessage): void;
  reject(error: PocketError): void;
}

export class RequestTable {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Resolves to the reply. Rejects with PocketError TIMEOUT (also when the table is full), or with what failOf() is given. */
  wait({ correlationId, topic, timeoutMs, owner }: WaitingRequest): Promise<ReplyMessage> {
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(new PocketError('TIMEOUT', `${MAX_WAITING} requests wait for a reply already`));
    }
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(timeoutMs, () => {
        this.#waiting.delete(correlationId);
        const text = `no reply to the request to ${topic} came within ${timeoutMs} ms`;
        reject(new PocketError('TIMEOUT', text, { responseCode: REQUEST_TIMEOUT }));
      });
      this.#waiting.set(correlationId, { owner, timer, resolve, reject });
    });
  }

  /** Nobody waits for the reply any more; its promise stays as it is. False when it has been settled already. */
  forget(correlationId: string): boolean {
    const waiting = this.#waiting.get(correlationId);
    waiting?.timer.cancel();
    return this.#waiting.delete(correlationId);
  }

  /** Hands a reply to whoever waits for it; one that nobody waits for is logged. */
  receive(header: RequestHeaderOf<typeof pushReplyMessageToClient>, body: Buffer): void {
    const properties = decodeProperties(header.properties ?? '');
    const correlationId = properties[Property.CORRELATION_ID] ?? '';
    const waiting = this.#waiting.get(correlationId);
    if (waiting === undefined) {
      const from = `CorrelationId: ${correlationId}, reply from host: ${header.bornHost}`;
      this.#logger.warn(`receive reply message, but not matched any request, ${from}`);
      return;
    }
    // May throw: the replier then hears that its reply could not be used, and the request goes on waiting.
    const plain = decompressBody(body, header.sysFlag);
    this.forget(correlationId);
    properties[Property.ARRIVE_TIME] = String(this.#clock.now());
    const { topic, flag, queueId, bornTimestamp, bornHost, storeTimestamp, storeHost } = header;
    waiting.resolve({
      ...{ topic, flag, queueId, bornTimestamp, bornHost, storeTimestamp, storeHost },
      body: plain,
      properties,
    });
  }

  /** The requests of one owner will get no reply any more. */
  failOf(owner: object, error: PocketError): void {
    for (const [correlationId, waiting] of this.#waiting) {
      if (waiting.owner !== owner) continue;
      this.forget(correlationId);
      waiting.reject(error);
    }
  }
}
