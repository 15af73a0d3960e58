/**
 * Sends messages that consumers see only when a local transaction has succeeded: the broker keeps the message, the listener does
 * the local part, and its outcome decides. Where that does not reach the broker, it asks any producer of the group. Mirrors
 * TransactionMQProducer.
 */

import { PocketError } from '../../common/errors.ts';
import type { NewMessage } from '../../message/message.ts';
import { decodeOffsetMsgId } from '../../message/message-id.ts';
import { Property } from '../../message/properties.ts';
import { checkRange, MAX_INT } from '../client-options.ts';
import type { ProducerMember } from '../client-processors.ts';
import { endTransactionRequest, type Outcome, outcomeOf } from './end-transaction.ts';
import { Producer } from './producer.ts';
import type { ProducerOptions, SendOptions } from './producer-options.ts';
import type { SendResult } from './send-result.ts';
import { TransactionChecks } from './transaction-checks.ts';
import type { LocalTransactionState, TransactionListener } from './transaction-listener.ts';

const CHECK_THREADS = 1;
const CHECK_HOLD_MAX = 2000;
const MAX_CHECK_THREADS = 10_000;

/** What a TransactionProducer takes. */
export interface TransactionProducerOptions<A = unknown> extends ProducerOptions {
  /** Does the local part of each transaction and says what became of it. */
  readonly transactionListener: TransactionListener<A>;
  /** Calls of checkLocalTransaction at the same time; default 1. */
  readonly checkThreadPoolMaxSize?: number | undefined;
  /** Questions of brokers that may wait for their turn, default 2000; the brokers ask again what finds no room. */
  readonly checkRequestHoldMax?: number | undefined;
}

/** Where a transaction's message went, and how the transaction ended. */
export interface TransactionSendResult extends SendResult {
  /** What was told to the broker. */
  readonly localTransactionState: LocalTransactionState;
  /** The unique id of the message: what brokers ask by. */
  readonly transactionId: string;
}

/** A Producer of transactional messages. It can send ordinary ones, too. */
export class TransactionProducer<A = unknown> extends Producer {
  readonly #group: string;
  readonly #listener: TransactionListener<A>;
  readonly #checks: TransactionChecks;

  /** Throws PocketError ILLEGAL_ARGUMENT as Producer does, and without a listener. */
  constructor(options: TransactionProducerOptions<A>) {
    super(options);
    const { group, transactionListener: listener, checkThreadPoolMaxSize, checkRequestHoldMax } = options;
    checkRange('checkThreadPoolMaxSize', checkThreadPoolMaxSize, 1, MAX_CHECK_THREADS);
    checkRange('checkRequestHoldMax', checkRequestHoldMax, 1, MAX_INT);
    for (const name of ['executeLocalTransaction', 'checkLocalTransaction'] as const) {
      if (typeof listener?.[name] === 'function') continue;
      throw new PocketError('ILLEGAL_ARGUMENT', `transactionListener must have a function ${name}`);
    }
    this.#group = group;
    this.#listener = listener;
    this.#checks = new TransactionChecks({
      ...{ group, listener, logger: this.instance.logger },
      concurrency: checkThreadPoolMaxSize ?? CHECK_THREADS,
      holdMax: checkRequestHoldMax ?? CHECK_HOLD_MAX,
    });
  }

  /** @internal */
  protected override get member(): ProducerMember {
    return this.#checks;
  }

  /** As Producer.stop(): what is still being asked about is left to the other producers of the group. */
  override stop(): Promise<void> {
    this.#checks.close();
    return super.stop();
  }

  /**
   * Sends a message, calls the listener's executeLocalTransaction once the broker has it, and tells the broker the outcome, for
   * which nobody waits. A message that the broker has stored less safely than its settings promise is rolled back without calling
   * the listener. A DELAY has no effect. Rejects as Producer.send() does; what the listener throws is UNKNOW in the result.
   */
  async sendMessageInTransaction(
    message: NewMessage,
    arg: A,
    options: SendOptions = {},
  ): Promise<TransactionSendResult> {
    const { [Property.DELAY]: _, ...kept } = message?.properties ?? {};
    const properties = { ...kept, [Property.TRAN_MSG]: 'true', [Property.PGROUP]: this.#group };
    const result = await this.send({ ...message, properties }, options);
    const transactionId = result.msgId;
    const outcome: Outcome =
      result.sendStatus === 'SEND_OK'
        ? await outcomeOf('executeLocalTransactionBranch', () =>
            this.#listener.executeLocalTransaction({ ...message, transactionId }, arg),
          )
        : { state: 'ROLLBACK_MESSAGE', remark: undefined };
    const { logger } = this.instance;
    if (outcome.remark !== undefined) logger.warn(`transaction ${transactionId} of ${this.#group}: ${outcome.remark}`);
    try {
      await this.#end(result, outcome);
    } catch (error) {
      logger.warn(
        `the broker could not be told that ${transactionId} is ${outcome.state}, it will ask: ${String(error)}`,
      );
    }
    return { ...result, localTransactionState: outcome.state, transactionId };
  }

  async #end(result: SendResult, outcome: Outcome): Promise<void> {
    const { messageQueue, offsetMsgId, queueOffset, msgId } = result;
    const { routes, client } = this.instance;
    const addr = routes.masterAddr(messageQueue.brokerName);
    if (addr === undefined) throw new PocketError('NOT_FOUND', `the broker ${messageQueue.brokerName} is gone`);
    const header = {
      producerGroup: this.#group,
      tranStateTableOffset: queueOffset,
      commitLogOffset: decodeOffsetMsgId(offsetMsgId).physicOffset,
      fromTransactionCheck: false,
      msgId,
      bname: messageQueue.brokerName,
    };
    await client.oneway(addr, endTransactionRequest(header, outcome));
  }
}
