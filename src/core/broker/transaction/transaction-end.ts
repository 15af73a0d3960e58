/**
 * Ends transactions: a commit stores the message in its own topic and then says in the op queue that the half message is done
 * with, a rollback does the second only. Mirrors EndTransactionProcessor and TransactionalMessageServiceImpl.
 *
 * Differences from 4.9: a message is committed once, however often the broker is told to, also when a check has put a copy
 * back meanwhile (Java stores one for each) and when the broker was killed before the op message was written (see
 * transaction-history.ts). An op message that the store refuses is written later.
 */
import type { Clock, Timer } from '../../common/clock.ts';
import type { Logger } from '../../common/logger.ts';
import type { MessageExt } from '../../message/message.ts';
import { decodeMessage } from '../../message/message-codec.ts';
import { Property } from '../../message/properties.ts';
import { Topic } from '../../message/topic-validator.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { MessageStore } from '../../store/message-store.ts';
import { isStored, PutMessageStatus } from '../../store/put-message.ts';
import { committedDraft, opDraft } from './half-message.ts';
import type { OpenHalves } from './open-halves.ts';
import { historyOf } from './transaction-history.ts';

const RETRY_MS = 1000;

/** What the request names. */
export interface EndRequest {
  readonly producerGroup: string;
  readonly tranStateTableOffset: number;
  readonly commitLogOffset: number;
}

/** Called once, with what became of the commit or the rollback. */
export type EndListener = (status: PutMessageStatus) => void;

export interface TransactionEndOptions {
  readonly store: MessageStore;
  readonly halves: OpenHalves;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The broker's address as a record stores it. */
  readonly storeHost: () => Buffer;
}

export class TransactionEnd {
  /** Records before this were there when the broker was started. */
  startedAt = 0;
  readonly #options: TransactionEndOptions;
  /** Committed half messages whose op message the store has refused. */
  readonly #owed = new Set<number>();
  #timer: Timer | undefined;

  constructor(options: TransactionEndOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The half message that a request is about. Throws ReplyError when it is not there, or another. */
  find({ producerGroup, tranStateTableOffset, commitLogOffset }: EndRequest): MessageExt {
    const record = this.#options.store.lookMessageByOffset(commitLogOffset);
    const half = record === undefined ? undefined : decodeMessage(record, 0, { decompress: false });
    if (half?.topic !== Topic.TRANS_HALF) throw refusal('Find prepared transaction message failed');
    if (half.properties[Property.PGROUP] !== producerGroup) throw refusal('The producer group wrong');
    if (half.queueOffset !== tranStateTableOffset) throw refusal('The transaction state table offset wrong');
    if (half.commitLogOffset !== commitLogOffset) throw refusal('The commit log offset wrong');
    return half;
  }

  end(half: MessageExt, commit: boolean, listener: EndListener): void {
    const { halves } = this.#options;
    const moves = halves.moving(half.queueOffset);
    if (moves !== undefined) {
      void moves.then(() => this.end(half, commit, listener));
      return;
    }
    const newest = halves.newest(half.queueOffset);
    if (halves.isEnded(newest)) listener(PutMessageStatus.PUT_OK);
    else if (newest < halves.from || half.commitLogOffset < this.startedAt) void this.#endOld(half, commit, listener);
    else this.#end(half, { newest, commit }, listener);
  }

  /** Writes that the half message at an offset is done with, and resolves to whether that is on record. */
  close(offset: number): Promise<boolean> {
    const { halves } = this.#options;
    if (halves.isEnded(offset)) return Promise.resolve(true);
    halves.ending.add(offset);
    return new Promise((resolve) => {
      this.#putOp(offset, (status) => {
        halves.ending.delete(offset);
        resolve(isStored(status));
      });
    });
  }

  /** A half message of which this process may not know what became: the store is asked. */
  async #endOld(half: MessageExt, commit: boolean, listener: EndListener): Promise<void> {
    const { store, halves, logger } = this.#options;
    try {
      const { committed, newest } = await historyOf(store, half);
      const last = Math.max(newest, halves.newest(half.queueOffset));
      if (last > half.queueOffset && !halves.wasMoved(half.queueOffset)) halves.moved(half.queueOffset, last);
      if (halves.isEnded(last)) listener(PutMessageStatus.PUT_OK);
      else if (committed) listener((await this.close(last)) ? PutMessageStatus.PUT_OK : PutMessageStatus.UNKNOWN_ERROR);
      else this.#end(half, { newest: last, commit }, listener);
    } catch (error) {
      logger.error(`the transaction of half message ${half.offsetMsgId} cannot be ended: it will be checked`, error);
      listener(PutMessageStatus.UNKNOWN_ERROR);
    }
  }

  #end(half: MessageExt, { newest, commit }: { newest: number; commit: boolean }, listener: EndListener): void {
    const { store, halves } = this.#options;
    const draft = commit ? committedDraft(half) : undefined;
    if (commit && draft === undefined) {
      listener(PutMessageStatus.MESSAGE_ILLEGAL);
      return;
    }
    halves.ending.add(newest);
    const closed: EndListener = (status) => {
      if (isStored(status) || !commit) halves.ending.delete(newest);
      else this.#owe(newest);
      listener(commit ? PutMessageStatus.PUT_OK : status);
    };
    if (draft === undefined) this.#putOp(newest, closed);
    else {
      const onPut = (status: PutMessageStatus): void => {
        if (isStored(status)) {
          this.#putOp(newest, closed);
          return;
        }
        halves.ending.delete(newest);
        listener(status);
      };
      store.putMessage(draft, { onPut });
    }
  }

  #putOp(offset: number, listener: EndListener): void {
    const { store, halves, clock, storeHost } = this.#options;
    const onPut = (status: PutMessageStatus): void => {
      if (isStored(status)) halves.ended.add(offset);
      listener(status);
    };
    store.putMessage(opDraft(offset, { host: storeHost(), now: clock.now() }), { onPut });
  }

  /** Until it is written the message counts as being ended: no check asks about it. */
  #owe(offset: number): void {
    const { halves, clock, logger } = this.#options;
    logger.warn(`half message ${offset} is committed and not marked as such: the store refuses; it is tried again`);
    this.#owed.add(offset);
    this.#timer ??= clock.after(RETRY_MS, () => {
      this.#timer = undefined;
      for (const owed of [...this.#owed]) {
        this.#owed.delete(owed);
        this.#putOp(owed, (status) => {
          if (isStored(status)) halves.ending.delete(owed);
          else this.#owe(owed);
        });
      }
    });
  }
}

function refusal(text: string): ReplyError {
  return new ReplyError(ResponseCode.SYSTEM_ERROR, text);
}
