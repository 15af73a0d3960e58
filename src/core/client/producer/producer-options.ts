/** What a program tells a Producer: when it is made, and for each message. Names and defaults are those of DefaultMQProducer. */

import type { MessageQueue } from '../../message/message-queue.ts';
import type { ClientInstance } from '../client-instance.ts';
import { type ClientOptions, checkRange, MAX_INT } from '../client-options.ts';
import { checkGroup } from '../group-name.ts';
import type { TraceOptions } from '../trace/async-trace-dispatcher.ts';
import type { MessageQueueSelector, SelectorArg } from './queue-selector.ts';
import type { SendResult } from './send-result.ts';

const MAX_RETRY_TIMES = 1000;

/** What a Producer takes. */
export interface ProducerOptions extends ClientOptions, TraceOptions {
  /** Producer group. */
  readonly group: string;
  /**
   * A client to share; without it the producer makes and stops its own.
   * @internal
   */
  readonly instance?: ClientInstance | undefined;
  /** Time-out of a send with all its tries, ms; default 3000. */
  readonly sendMsgTimeout?: number | undefined;
  /** Tries after the first; default 2. */
  readonly retryTimesWhenSendFailed?: number | undefined;
  /** Try another broker, too, when the answer is not SEND_OK: the message may then be stored twice. Default false. */
  readonly retryAnotherBrokerWhenNotStoreOK?: boolean | undefined;
  /** Response codes after which another broker is tried, beside those of `protocol/responses.md` section 6. */
  readonly retryResponseCodes?: readonly number[] | undefined;
  /** Avoid slow brokers, not only failing ones, by the two tables; default false. */
  readonly sendLatencyFaultEnable?: boolean | undefined;
  /** Latencies, ms, rising; default 50, 100, 550, 1000, 2000, 3000, 15000. */
  readonly latencyMax?: readonly number[] | undefined;
  /** How long, ms, a broker is avoided from each of them on; default 0, 0, 30000, 60000, 120000, 180000, 600000. */
  readonly notAvailableDuration?: readonly number[] | undefined;
  /** Bodies of so many bytes and more are compressed; default 4096. Of a batch nothing is. */
  readonly compressMsgBodyOverHowmuch?: number | undefined;
  /** zlib's, 1 (fast) to 9 (small); default 5. */
  readonly compressLevel?: number | undefined;
  /** Largest body, bytes, before it is compressed; default 4 MiB. Brokers have a limit of their own, 4 MiB as well. */
  readonly maxMessageSize?: number | undefined;
  /** How many messages of sendAsync() may be under way; default 10000. */
  readonly backPressureForAsyncSendNum?: number | undefined;
  /** How many bytes of their bodies; default 100 MiB. */
  readonly backPressureForAsyncSendSize?: number | undefined;
}

/** How one message is sent. */
export interface SendOptions {
  /** The queue to use, of which there is one try; without it one is chosen. */
  readonly queue?: MessageQueue | undefined;
  /** Chooses the queue by `arg`: one try, as to a given queue. */
  readonly selector?: MessageQueueSelector | undefined;
  /** What the selector goes by, such as the number of an order. */
  readonly arg?: SelectorArg | undefined;
  /** Time-out of the send with all its tries, ms; default: the producer's sendMsgTimeout. */
  readonly timeoutMs?: number | undefined;
}

/** What sendAsync() tells of a message, exactly once. What it throws is not caught. */
export interface SendCallback {
  /** It is stored. */
  onSuccess(result: SendResult): void;
  /** A PocketError, as send() rejects with. */
  onException(error: unknown): void;
}

/** Throws PocketError ILLEGAL_ARGUMENT for a group or a number that cannot be used. */
export function checkProducerOptions(options: ProducerOptions): void {
  checkGroup(options?.group);
  checkRange('sendMsgTimeout', options.sendMsgTimeout, 1, MAX_INT);
  checkRange('retryTimesWhenSendFailed', options.retryTimesWhenSendFailed, 0, MAX_RETRY_TIMES);
  checkRange('compressMsgBodyOverHowmuch', options.compressMsgBodyOverHowmuch, 0, MAX_INT);
  checkRange('compressLevel', options.compressLevel, 1, 9);
  checkRange('maxMessageSize', options.maxMessageSize, 1, MAX_INT);
  checkRange('backPressureForAsyncSendNum', options.backPressureForAsyncSendNum, 1, MAX_INT);
  checkRange('backPressureForAsyncSendSize', options.backPressureForAsyncSendSize, 1, MAX_INT);
}
