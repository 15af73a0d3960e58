/**
 * A list of messages as one batch send. Mirrors MessageBatch.generateFromList and DefaultMQProducer.batch: what such a list
 * may hold, a unique id for every message, one body.
 *
 * Known differences: the caller's messages are not changed; a message with a time to be delivered at is refused, which Java sends
 * and every broker delivers at once; Java wraps the reasons below into "Failed to initiate the
 * MessageBatch"; a batch never carries a UNIQ_KEY of its own. 5.x clients send one, which a 4.9 broker then makes the id of
 * every message, and by which a 5.x broker stores a batch for a topic of the type BatchCQ as one record; without it every
 * message has its id, and its record, on every broker.
 */

import { PocketError } from '../../common/errors.ts';
import { encodeInnerMessages } from '../../message/batch-codec.ts';
import type { Message } from '../../message/message.ts';
import { encodeProperties, MAX_PROPERTIES_LENGTH, Property } from '../../message/properties.ts';
import { requestedTime } from '../../message/timer-due.ts';
import { RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';

/** What decides whether messages can be in one batch. */
type Member = Pick<Message, 'topic' | 'properties'>;

export interface MessageBatch {
  readonly topic: string;
  readonly body: Buffer;
  /** Of the batch: WAIT, as Java's. */
  readonly properties: string;
  /** The unique ids, in the order of the messages. */
  readonly msgIds: readonly string[];
}

/** The first message of a list that can be one batch. Throws PocketError ILLEGAL_ARGUMENT for another list. */
export function checkBatch(messages: readonly Member[]): Member {
  const [first] = messages;
  if (first === undefined) throw illegal('the batch holds no message');
  for (const message of messages) checkMember(message, first);
  return first;
}

/** Makes the batch of a list that checkBatch() took. Throws PocketError ILLEGAL_ARGUMENT for properties that are too long. */
export function encodeBatch(messages: readonly Message[], first: Member, nextUniqId: () => string): MessageBatch {
  const msgIds: string[] = [];
  const parts = messages.map(({ flag, body, properties }) => {
    const msgId = properties[Property.UNIQ_KEY] ?? nextUniqId();
    msgIds.push(msgId);
    const encoded = Buffer.from(encodeProperties({ ...properties, [Property.UNIQ_KEY]: msgId }));
    if (encoded.length > MAX_PROPERTIES_LENGTH) {
      throw illegal(
        `Properties size of message exceeded, properties size: ${encoded.length}, maxSize: ${MAX_PROPERTIES_LENGTH}.`,
      );
    }
    return { flag, body, properties: encoded };
  });
  const properties = encodeProperties({ [Property.WAIT]: String(waitsForStore(first)) });
  return { topic: first.topic, body: encodeInnerMessages(parts), properties, msgIds };
}

function checkMember({ topic, properties }: Member, first: Member): void {
  if (Number(properties[Property.DELAY] ?? 0) > 0) throw illegal('TimeDelayLevel is not supported for batching');
  if (requestedTime(properties, 0) !== undefined && properties[Property.TIMER_OUT_MS] === undefined) {
    throw illegal('a message with a time to be delivered at cannot be in a batch: send it alone');
  }
  if (topic.startsWith(RETRY_GROUP_TOPIC_PREFIX)) throw illegal('Retry Group is not supported for batching');
  if (topic !== first.topic) throw illegal('The topic of the messages in one batch should be the same');
  if (waitsForStore({ properties }) !== waitsForStore(first)) {
    throw illegal('The waitStoreMsgOK of the messages in one batch should the same');
  }
}

/** Whether the sender wants the answer only when the message is as safe as the broker's settings promise. */
function waitsForStore({ properties }: Pick<Message, 'properties'>): boolean {
  const wait = properties[Property.WAIT];
  return wait === undefined || wait.toLowerCase() === 'true';
}

function illegal(why: string): PocketError {
  return new PocketError('ILLEGAL_ARGUMENT', why);
}
