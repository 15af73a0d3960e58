/**
 * Asks a producer what became of a half message (CHECK_TRANSACTION_STATE): any live connection of its group, each in its turn.
 * Nobody waits for the answer, an END_TRANSACTION. Mirrors AbstractTransactionalMessageCheckListener.sendCheckMessage and
 * ProducerManager.getAvailableChannel.
 */
import type { Logger } from '../../common/logger.ts';
import type { MessageExt } from '../../message/message.ts';
import { encodeMessage } from '../../message/message-codec.ts';
import { Property } from '../../message/properties.ts';
import { checkTransactionState } from '../../protocol/requests/check-transaction-state.ts';
import { createRequest } from '../../remoting/remoting-command.ts';
import type { PeerConnection } from '../client-channel.ts';
import type { ProducerManager } from '../producer-manager.ts';
import { realQueue } from './half-message.ts';

/** A producer that has not read so many bytes of questions is not asked more for now. */
const MAX_WAITING_BYTES = 1024 * 1024;

export class ProducerCheck {
  readonly #producers: ProducerManager;
  readonly #logger: Logger;
  #turn = 0;

  constructor(producers: ProducerManager, logger: Logger) {
    this.#producers = producers;
    this.#logger = logger;
  }

  /** `half`: the copy that was just put back, with its own offsets. A message nobody can be asked about is named in the log. */
  ask(half: MessageExt): void {
    const group = half.properties[Property.PGROUP];
    const target = realQueue(half);
    const uniqKey = half.properties[Property.UNIQ_KEY];
    const connection = group === undefined ? undefined : this.#connectionOf(group);
    if (connection === undefined || target === undefined) {
      this.#logger.warn(`no producer of group ${group} can be asked about half message ${uniqKey ?? half.offsetMsgId}`);
      return;
    }
    const header = {
      tranStateTableOffset: half.queueOffset,
      commitLogOffset: half.commitLogOffset,
      msgId: uniqKey,
      transactionId: uniqKey,
      offsetMsgId: half.offsetMsgId,
    };
    connection.oneway(createRequest(checkTransactionState, header, encodeMessage({ ...half, ...target })));
  }

  #connectionOf(group: string): PeerConnection | undefined {
    const channels = this.#producers.channelsOf(group) ?? [];
    const first = this.#turn++;
    for (let i = 0; i < channels.length; i++) {
      const connection = channels[(first + i) % channels.length]?.connection;
      if (connection !== undefined && connection.waitingBytes < MAX_WAITING_BYTES) return connection;
    }
    return undefined;
  }
}
