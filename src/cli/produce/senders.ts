/**
 * The ways to send one message after another: each takes a message and resolves when the next may come, so that whatever reads
 * the input never runs ahead of the brokers.
 */

import type { Producer } from '../../core/client/producer/producer.ts';
import { selectQueueByHash } from '../../core/client/producer/queue-selector.ts';
import { bytesInBatch } from '../../core/client/producer/split-batch.ts';
import { PocketError } from '../../core/common/errors.ts';
import { MAX_PROPERTIES_LENGTH, Property } from '../../core/message/properties.ts';
import { RETRY_GROUP_TOPIC_PREFIX } from '../../core/message/topic-validator.ts';
import type { MadeMessage } from './message-maker.ts';

export type SendMode = 'sync' | 'async' | 'oneway' | 'batch';

/** What became of the messages of these numbers, which went in one request. */
export interface Outcomes {
  sent(numbers: readonly number[], bytes: number, millis: number): void;
  /** They are stored, but less safely than the broker's settings promise. */
  unsafe(count: number, status: string): void;
  failed(numbers: readonly number[], error: unknown): void;
}

export interface Sender {
  send(n: number, made: MadeMessage): Promise<void>;
  /** Sends what is gathered and waits for what is under way. */
  end(): Promise<void>;
}

export interface SenderOptions {
  readonly mode: SendMode;
  readonly producer: Producer;
  readonly outcomes: Outcomes;
  /** Messages of a batch. */
  readonly batchSize: number;
}

export function senderOf(options: SenderOptions): Sender {
  if (options.mode === 'batch') return new BatchSender(options);
  return options.mode === 'async' ? new AsyncSender(options) : new OneByOneSender(options);
}

const routeOf = ({ shardingKey }: MadeMessage) =>
  shardingKey === undefined ? {} : { selector: selectQueueByHash, arg: shardingKey };

class OneByOneSender implements Sender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  async send(n: number, made: MadeMessage): Promise<void> {
    const { producer, outcomes, mode } = this.#options;
    const begun = performance.now();
    try {
      if (mode === 'oneway') await producer.sendOneway(made.message, routeOf(made));
      else tellStatus(outcomes, 1, (await producer.send(made.message, routeOf(made))).sendStatus);
      outcomes.sent([n], made.message.body.length, performance.now() - begun);
    } catch (error) {
      outcomes.failed([n], error);
    }
  }

  async end(): Promise<void> {}
}

class AsyncSender implements Sender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  async send(n: number, made: MadeMessage): Promise<void> {
    const { producer, outcomes } = this.#options;
    let begun = performance.now();
    const callback = {
      onSuccess: ({ sendStatus }: { sendStatus: string }) => {
        tellStatus(outcomes, 1, sendStatus);
        outcomes.sent([n], made.message.body.length, performance.now() - begun);
      },
      onException: (error: unknown) => outcomes.failed([n], error),
    };
    await producer.sendAsync(made.message, callback, routeOf(made));
    // What waited for its turn was not under way.
    begun = performance.now();
  }

  end(): Promise<void> {
    return this.#options.producer.idle();
  }
}

/** A little less than what a broker takes, for what is around the messages. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024 - 1024;

class BatchSender implements Sender {
  readonly #options: SenderOptions;
  #numbers: number[] = [];
  #gathered: MadeMessage[] = [];
  #bytes = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  async send(n: number, made: MadeMessage): Promise<void> {
    const bytes = bytesInBatch(made.message);
    const fault = batchFault(made, bytes);
    if (fault !== undefined) {
      this.#options.outcomes.failed([n], new PocketError('ILLEGAL_ARGUMENT', fault));
      return;
    }
    const [first] = this.#gathered;
    if ((first !== undefined && !goTogether(first, made)) || this.#bytes + bytes > MAX_BATCH_BYTES) await this.end();
    this.#numbers.push(n);
    this.#gathered.push(made);
    this.#bytes += bytes;
    if (this.#gathered.length >= this.#options.batchSize) await this.end();
  }

  async end(): Promise<void> {
    const [numbers, gathered] = [this.#numbers, this.#gathered];
    if (numbers.length === 0) return;
    [this.#numbers, this.#gathered, this.#bytes] = [[], [], 0];
    const { producer, outcomes } = this.#options;
    const begun = performance.now();
    try {
      const { sendStatus } = await producer.sendBatch(gathered.map(({ message }) => message));
      tellStatus(outcomes, numbers.length, sendStatus);
      const bytes = gathered.reduce((sum, { message }) => sum + message.body.length, 0);
      outcomes.sent(numbers, bytes, performance.now() - begun);
    } catch (error) {
      outcomes.failed(numbers, error);
    }
  }
}

/** Why a message can be in no batch: the others are not to fail for it. */
function batchFault({ shardingKey, message }: MadeMessage, bytes: number): string | undefined {
  if (shardingKey !== undefined) return 'a batch goes to one queue, so its messages have no sharding key';
  if (message.properties?.[Property.DELAY] !== undefined) return 'TimeDelayLevel is not supported for batching';
  if (message.topic.startsWith(RETRY_GROUP_TOPIC_PREFIX)) return 'Retry Group is not supported for batching';
  if (bytes - message.body.length > MAX_PROPERTIES_LENGTH) return 'the properties are longer than 32 KiB';
  return undefined;
}

const goTogether = (a: MadeMessage, b: MadeMessage): boolean =>
  a.message.topic === b.message.topic &&
  a.message.properties?.[Property.WAIT] === b.message.properties?.[Property.WAIT];

function tellStatus(outcomes: Outcomes, count: number, status: string): void {
  if (status !== 'SEND_OK') outcomes.unsafe(count, status);
}
