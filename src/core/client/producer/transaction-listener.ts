/** What a program does for its transactions. Mirrors TransactionListener and LocalTransactionState. */

import type { MessageExt, NewMessage } from '../../message/message.ts';

/** How the local part of a transaction ended. UNKNOW: not yet known, the broker asks later (RocketMQ's own spelling). */
export type LocalTransactionState = 'COMMIT_MESSAGE' | 'ROLLBACK_MESSAGE' | 'UNKNOW';

/** The message of a transaction, with the id that the broker asks about it by. */
export interface TransactionMessage extends NewMessage {
  /** The unique id made for the message (UNIQ_KEY). */
  readonly transactionId: string;
}

/** The local part of transactions: what is done when the message is safe, and what became of it. */
export interface TransactionListener<A = unknown> {
  /**
   * Does the local part; the broker has the message and shows it to nobody. One that throws counts as UNKNOW. `arg` is what
   * sendMessageInTransaction was given.
   */
  executeLocalTransaction(message: TransactionMessage, arg: A): LocalTransactionState | Promise<LocalTransactionState>;
  /**
   * Says how it ended, for any message of the group: the program that sent it may be gone. Asked again, at most
   * transactionCheckMax times, while the answer is UNKNOW or an error.
   */
  checkLocalTransaction(message: MessageExt): LocalTransactionState | Promise<LocalTransactionState>;
}
