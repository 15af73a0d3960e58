/** The message that answers a request message. Mirrors MessageUtil.createReplyMessage. */

import { PocketError } from '../../common/errors.ts';
import type { Message, NewMessage } from '../../message/message.ts';
import { Property } from '../../message/properties.ts';

/** The MSG_TYPE by which a producer knows that a message is a reply. */
export const REPLY_MESSAGE_FLAG = 'reply';

/** Where replies to the clients of a cluster go. */
export const replyTopicOf = (clusterName: string): string => `${clusterName}_REPLY_TOPIC`;

/**
 * A reply to a request that a consumer got; Producer.send() brings it to the requester. `body` as in NewMessage. Throws PocketError
 * ILLEGAL_ARGUMENT for a message that no broker has stored, or that nobody waits for a reply to.
 */
export function createReplyMessage(request: Pick<Message, 'properties'>, body: NewMessage['body']): NewMessage {
  const { CLUSTER, CORRELATION_ID, REPLY_TO_CLIENT, TTL } = request.properties;
  if (CLUSTER === undefined) {
    const text = 'create reply message fail, requestMessage error, property[CLUSTER] is null.';
    throw new PocketError('ILLEGAL_ARGUMENT', text);
  }
  if (CORRELATION_ID === undefined || REPLY_TO_CLIENT === undefined) {
    throw new PocketError('ILLEGAL_ARGUMENT', 'the message asks for no reply: it was not sent with request()');
  }
  return {
    topic: replyTopicOf(CLUSTER),
    body,
    properties: {
      [Property.MSG_TYPE]: REPLY_MESSAGE_FLAG,
      [Property.CORRELATION_ID]: CORRELATION_ID,
      [Property.REPLY_TO_CLIENT]: REPLY_TO_CLIENT,
      ...(TTL !== undefined && { [Property.TTL]: TTL }),
    },
  };
}
