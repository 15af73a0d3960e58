/**
 * How a sender chooses the queue itself. Mirrors MessageQueueSelector and the selectors that come with the Java client:
 * SelectMessageQueueByHash, SelectMessageQueueByRandom; its SelectMessageQueueByMachineRoom chooses nothing, ours the queues of
 * brokers named `room@broker`, as MACHINE_ROOM of consumers.
 */

import { javaHashCode } from '../../common/java-string.ts';
import type { NewMessage } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';

/** What a selector goes by. The hash codes are those of Java's String, Integer or Long, and Long. */
export type SelectorArg = string | number | bigint;

/** Chooses one of the queues that can be written to; undefined: none will do, and the send is refused. */
export type MessageQueueSelector = (
  queues: readonly MessageQueue[],
  message: NewMessage,
  arg: SelectorArg,
) => MessageQueue | undefined;

/** The same arg goes to the same queue, to that which a Java producer takes, for as long as the topic has as many queues. */
export const selectQueueByHash: MessageQueueSelector = (queues, _message, arg) =>
  queues[Math.abs(hashCode(arg) % queues.length)];

/** Any queue. */
export const selectQueueByRandom: MessageQueueSelector = (queues) => queues[Math.floor(Math.random() * queues.length)];

/** One of the queues in these machine rooms, by the arg's hash code; undefined where the rooms have none. */
export function selectQueueByMachineRoom(rooms: readonly string[]): MessageQueueSelector {
  return (queues, message, arg) => {
    const near = queues.filter(({ brokerName }) => rooms.includes(brokerName.split('@')[0] ?? ''));
    return selectQueueByHash(near, message, arg);
  };
}

/** Java's hashCode() of a String; of an Integer, or of a Long where the number is too large for one or a bigint. */
function hashCode(arg: SelectorArg): number {
  if (typeof arg === 'string') return javaHashCode(arg);
  if (typeof arg === 'number' && (arg | 0) === arg) return arg;
  const long = BigInt.asUintN(64, BigInt(arg));
  return Number(BigInt.asIntN(32, long ^ (long >> 32n)));
}
