/**
 * Transactional messages of a broker: takes half messages in, ends them, asks about those that nobody has ended. Mirrors
 * TransactionalMessageServiceImpl and TransactionalMessageCheckService; what ends and checks do is in the files beside this one.
 *
 * How far the two queues are dealt with are offsets of the group CID_RMQ_SYS_TRANS in consumerOffset.json, as Java's: either
 * goes on where the other has stopped. They are handed to the table when the copies that a check has put back are safe from a power cut.
 */
import type { Clock, Timer } from '../../common/clock.ts';
import type { BrokerConfig } from '../../common/config-schema.ts';
import type { Logger } from '../../common/logger.ts';
import type { MessageExt } from '../../message/message.ts';
import { Topic } from '../../message/topic-validator.ts';
import type { MessageStore } from '../../store/message-store.ts';
import type { ConsumerOffsetManager } from '../consumer-offset-manager.ts';
import { PERM_READ, PERM_WRITE } from '../perm-name.ts';
import type { ProducerManager } from '../producer-manager.ts';
import type { StatsItems } from '../stats-items.ts';
import type { TopicConfigManager } from '../topic-config-manager.ts';
import { endedOffsets, HALF_QUEUE_ID, TRANS_GROUP } from './half-message.ts';
import { OpenHalves } from './open-halves.ts';
import { ProducerCheck } from './producer-check.ts';
import { SystemQueue } from './system-queue.ts';
import { TransactionCheck } from './transaction-check.ts';
import { type EndListener, type EndRequest, TransactionEnd } from './transaction-end.ts';

const SETTLE_MS = 1000;
/** A timer cannot be set further. */
const MAX_TIMER_MS = 2_147_483_647;

export interface TransactionalMessageServiceOptions {
  readonly config: BrokerConfig;
  readonly store: MessageStore;
  readonly offsets: ConsumerOffsetManager;
  readonly topics: TopicConfigManager;
  readonly producers: ProducerManager;
  readonly items: StatsItems;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The broker's address as a record stores it. */
  readonly storeHost: () => Buffer;
}

/** Offsets that may be saved when the commitlog is safe up to `end`. */
interface Unsettled {
  readonly half: number;
  readonly op: number;
  readonly end: number;
}

export class TransactionalMessageService {
  readonly #options: TransactionalMessageServiceOptions;
  readonly #halves = new OpenHalves();
  readonly #halfQueue: SystemQueue;
  readonly #opQueue: SystemQueue;
  readonly #end: TransactionEnd;
  readonly #producerCheck: ProducerCheck;
  #running = false;
  #timer: Timer | undefined;
  #settleTimer: Timer | undefined;
  #unsettled: Unsettled | undefined;
  #check: TransactionCheck | undefined;
  #checking: Promise<void> = Promise.resolve();

  constructor(options: TransactionalMessageServiceOptions) {
    const { store, items, producers, clock, logger, storeHost } = options;
    this.#options = options;
    this.#halfQueue = new SystemQueue(store, items, Topic.TRANS_HALF);
    this.#opQueue = new SystemQueue(store, items, Topic.TRANS_OP_HALF);
    this.#producerCheck = new ProducerCheck(producers, logger);
    this.#end = new TransactionEnd({ store, halves: this.#halves, clock, logger, storeHost });
  }

  /**
   * Reads what became of the half messages from the saved offset on. The store is open and the consumer offsets are loaded.
   * Rejects with PocketError STORE.
   */
  async load(): Promise<void> {
    const { store } = this.#options;
    const halves = this.#halves;
    halves.from = this.#savedOffset(this.#halfQueue, Topic.TRANS_HALF);
    halves.opOffset = this.#savedOffset(this.#opQueue, Topic.TRANS_OP_HALF);
    this.#end.startedAt = store.commitLogMaxOffset;
    const last = this.#halfQueue.maxOffset;
    let at = halves.opOffset;
    while (at < this.#opQueue.maxOffset) {
      const { messages, next } = await this.#opQueue.read(at);
      for (const op of messages) {
        for (const offset of endedOffsets(op)) if (offset < last) halves.ended.add(offset);
      }
      if (next <= at) return;
      at = next;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  start(): void {
    this.#running = true;
    this.reschedule();
  }

  /** No check begins any more, and the one under way ends; persist() comes when the store has taken what it put. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    this.#settleTimer?.cancel();
    this.#settleTimer = undefined;
    this.#check?.stop();
    await this.#checking;
    this.#end.stop();
  }

  /** transactionCheckInterval counts from now on. */
  reschedule(): void {
    if (!this.#running) return;
    const { clock, config } = this.#options;
    this.#timer?.cancel();
    const interval = Math.min(Math.max(config.transactionCheckInterval, 1), MAX_TIMER_MS);
    this.#timer = clock.every(interval, () => void this.check());
  }

  /** The half message that a request names. Throws ReplyError when it is not there, or another. */
  find(request: EndRequest): MessageExt {
    return this.#end.find(request);
  }

  /** Commits a half message or rolls it back; the listener is called once. */
  end(half: MessageExt, commit: boolean, listener: EndListener): void {
    this.#end.end(half, commit, listener);
  }

  /** Walks over the half messages that are not ended, unless that is being done. Never rejects. */
  check(): Promise<void> {
    if (this.#check === undefined) this.#checking = this.#runCheck();
    return this.#checking;
  }

  /** Hands the offsets to the table as far as they are safe. */
  settle(): void {
    const { store, offsets } = this.#options;
    const unsettled = this.#unsettled;
    if (unsettled === undefined) return;
    if (store.commitLogMaxOffset - store.flushBehindBytes < unsettled.end) return;
    this.#unsettled = undefined;
    this.#settleTimer?.cancel();
    this.#settleTimer = undefined;
    offsets.commit(TRANS_GROUP, Topic.TRANS_HALF, HALF_QUEUE_ID, unsettled.half);
    offsets.commit(TRANS_GROUP, Topic.TRANS_OP_HALF, HALF_QUEUE_ID, unsettled.op);
    this.#saveLater(unsettled);
    if (!this.#running) this.settle();
  }

  async #runCheck(): Promise<void> {
    const { config, store, clock, logger, topics } = this.#options;
    const halves = this.#halves;
    const before = { half: halves.from, op: halves.opOffset };
    this.#check = new TransactionCheck({
      ...{ config, store, halves, clock, logger, queue: this.#halfQueue, end: this.#end },
      producers: this.#producerCheck,
      discardTopic: () => this.#makeTopic(Topic.TRANS_CHECK_MAX_TIME),
    });
    try {
      if (topics.select(Topic.TRANS_HALF) === undefined) await this.#makeTopic(Topic.TRANS_HALF);
      await this.#check.run();
      await this.#forgetOps();
    } catch (error) {
      logger.error('half messages could not be checked, it is tried again', error);
    } finally {
      this.#check = undefined;
      this.#saveLater(before);
    }
  }

  /** Goes on behind the op messages that speak of half messages which are dealt with. */
  async #forgetOps(): Promise<void> {
    const halves = this.#halves;
    halves.opOffset = Math.max(halves.opOffset, this.#opQueue.minOffset);
    while (halves.opOffset < this.#opQueue.maxOffset) {
      const { messages, next } = await this.#opQueue.read(halves.opOffset);
      const open = messages.find((op) => endedOffsets(op).some((offset) => offset >= halves.from));
      if (next <= halves.opOffset) return;
      halves.opOffset = open?.queueOffset ?? next;
      if (open !== undefined) return;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** `saved`: the offsets the table has, or had before. Those that wait are saved first, so that the disk can keep up. */
  #saveLater(saved: Pick<Unsettled, 'half' | 'op'>): void {
    const { store, clock } = this.#options;
    const { from, opOffset } = this.#halves;
    if (this.#unsettled !== undefined || (saved.half === from && saved.op === opOffset)) return;
    this.#unsettled = { half: from, op: opOffset, end: store.commitLogMaxOffset };
    if (this.#running) this.#settleTimer ??= clock.every(SETTLE_MS, () => this.settle());
  }

  #savedOffset(queue: SystemQueue, topic: string): number {
    const saved = this.#options.offsets.query(TRANS_GROUP, topic, HALF_QUEUE_ID);
    return Math.max(queue.minOffset, Math.min(saved, queue.maxOffset));
  }

  async #makeTopic(topic: string): Promise<boolean> {
    const { topics } = this.#options;
    topics.createInSendBack(topic, 1, PERM_WRITE | PERM_READ, 0);
    return (await topics.saving(topic)) ?? true;
  }
}
