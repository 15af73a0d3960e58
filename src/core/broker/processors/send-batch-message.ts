/**
 * SEND_BATCH_MESSAGE (320), and 310 and 10 with the batch flag: stores the messages of one body, all or none, each as a
 * record of its own with the next offset of the queue.
 * Behaviour: the checks of a single message, in its order; then the limit maxMessageSize for the whole body, no transaction,
 *   no DELAY among the batch's properties (code 13 each). A message's properties are its own, then those of the batch with
 *   CLUSTER, WAIT among them; of a name that comes twice readers take the batch's. A DELAY of its own has no effect. The
 *   answer names all offset message ids, joined by commas, and the first queueOffset. A retry topic is taken like any other:
 *   no look at the group, no dead letter queue.
 * Differences from 4.9: a body that holds no whole messages gets code 1 with a sentence (Java: code 1 with the text of an
 *   exception); a message whose own and common properties together exceed 32767 bytes gets code 13 (Java stores a record
 *   that nobody can read and answers success); limits for very many tiny messages, see store/batch-drafts.ts.
 * Version notes: 4.9.2 and older put no separator between own and common properties. 5.x clients send a UNIQ_KEY of the
 *   whole batch, which then is the id of each of its messages, as on a 4.9 broker. 5.x brokers refuse retry topics; 5.4.0
 *   adds none of the batch's properties, and stores a batch with a UNIQ_KEY for a topic of the type BatchCQ as one record.
 */

import { SUSPENDED } from '../../remoting/processor-table.ts';
import { batchProperties } from '../batch-properties.ts';
import { messageOf, SendListener, type SendStep } from './send-message.ts';

export const sendBatch: SendStep = (context, request, header, target) => {
  const { messagePut, config } = context;
  const queueId = messagePut.chooseQueue(target, header.queueId);
  const batch = { ...messageOf(request, header), ...batchProperties(header.properties, config.brokerClusterName) };
  messagePut.putBatch(target, queueId, batch, new SendListener(context, request, queueId));
  return SUSPENDED;
};
