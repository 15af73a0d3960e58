/**
 * Answers what brokers ask about transactions: a few calls of the listener at a time, a bounded number waiting. Mirrors the check
 * executor of TransactionMQProducer. What finds no room is not answered: the broker asks again.
 */

import type { Logger } from '../../common/logger.ts';
import { Property } from '../../message/properties.ts';
import type { ProducerMember, TransactionQuestion } from '../client-processors.ts';
import { endTransactionRequest, outcomeOf } from './end-transaction.ts';
import type { TransactionListener } from './transaction-listener.ts';

export interface TransactionChecksOptions {
  readonly group: string;
  readonly listener: Pick<TransactionListener, 'checkLocalTransaction'>;
  /** Calls of the listener at the same time. */
  readonly concurrency: number;
  /** Questions that wait. */
  readonly holdMax: number;
  readonly logger: Logger;
}

export class TransactionChecks implements ProducerMember {
  readonly #options: TransactionChecksOptions;
  readonly #waiting: TransactionQuestion[] = [];
  #running = 0;
  #closed = false;

  constructor(options: TransactionChecksOptions) {
    this.#options = options;
  }

  checkTransaction(question: TransactionQuestion): void {
    const { concurrency, holdMax, logger, group } = this.#options;
    if (this.#closed) return;
    if (this.#running < concurrency) void this.#work(question);
    else if (this.#waiting.length < holdMax) this.#waiting.push(question);
    else logger.warn(`${holdMax} transactions of ${group} wait for their check: one more is left for later`);
  }

  /** No call of the listener begins any more. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
  }

  async #work(first: TransactionQuestion): Promise<void> {
    this.#running++;
    let question: TransactionQuestion | undefined = first;
    while (question !== undefined) {
      await this.#answer(question);
      question = this.#waiting.shift();
    }
    this.#running--;
  }

  async #answer({ header, message, connection }: TransactionQuestion): Promise<void> {
    const { listener, group, logger } = this.#options;
    const outcome = await outcomeOf('checkLocalTransactionState', () => listener.checkLocalTransaction(message));
    if (outcome.remark !== undefined) logger.warn(`transaction ${header.transactionId} of ${group}: ${outcome.remark}`);
    const { commitLogOffset, tranStateTableOffset, transactionId, bname } = header;
    const end = {
      ...{ producerGroup: group, commitLogOffset, tranStateTableOffset, transactionId, bname },
      fromTransactionCheck: true,
      msgId: message.properties[Property.UNIQ_KEY] ?? message.msgId,
    };
    connection.oneway(endTransactionRequest(end, outcome));
  }
}
