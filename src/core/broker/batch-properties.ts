/**
 * The properties of a batch as each of its messages gets them added: what the client sent, WAIT included, and CLUSTER, in the
 * order of Java's HashMap, so that the records are Java's byte for byte. Mirrors SendMessageProcessor.asyncSendBatchMessage
 * and the batch's half of CommitLog.MessageExtEncoder.encode. Once a batch; single messages have stored-properties.ts.
 *
 * Differences from 4.9: the two refusals have a sentence instead of the text of a Java exception; their code is the same.
 */

import { javaStringHashOrder } from '../common/java-hash-order.ts';
import { decodeProperties, encodeProperties, MAX_PROPERTIES_LENGTH, Property } from '../message/properties.ts';
import { ResponseCode } from '../protocol/response-code.ts';
import { ReplyError } from '../remoting/reply-error.ts';

export interface BatchProperties {
  readonly properties: Buffer;
  /** Above 0 for a delay, which a batch may not have. */
  readonly delayLevel: number;
  /** False with WAIT=false: the sender does not wait for disk and slaves. */
  readonly waitStoreMsgOK: boolean;
}

/** Throws ReplyError when they are longer than a record can say, and for a DELAY that is no number. */
export function batchProperties(text: string | undefined, clusterName: string): BatchProperties {
  const read = decodeProperties(text ?? '');
  read[Property.CLUSTER] = clusterName;
  const ordered = javaStringHashOrder(Object.keys(read)).map((name): [string, string | undefined] => [
    name,
    read[name],
  ]);
  const properties = Buffer.from(encodeProperties(Object.fromEntries(ordered)));
  const delayLevel = readDelay(read[Property.DELAY]);
  if (properties.length > MAX_PROPERTIES_LENGTH) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, 'Properties size of messageExtBatch exceeded!');
  }
  const waitStoreMsgOK = (read[Property.WAIT] ?? 'true').toLowerCase() === 'true';
  return { properties, delayLevel, waitStoreMsgOK };
}

function readDelay(text: string | undefined): number {
  if (text === undefined) return 0;
  const level = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (level === (level | 0)) return level;
  throw new ReplyError(ResponseCode.SYSTEM_ERROR, `the DELAY of the batch is no number: "${text}"`);
}
