/**
 * What a consumer made of a message it was given: answer of CONSUME_MESSAGE_DIRECTLY. Mirrors ConsumeMessageDirectlyResult.
 *
 *   {"autoCommit":true,"consumeResult":"CR_SUCCESS","order":false,"remark":S?,"spentTimeMills":L}
 */

import { booleanMember, enumMember, numberMember, readBody, stringMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

const consumeResults = [
  'CR_SUCCESS',
  'CR_LATER',
  'CR_ROLLBACK',
  'CR_COMMIT',
  'CR_THROW_EXCEPTION',
  'CR_RETURN_NULL',
] as const;

export interface ConsumeMessageDirectlyResult {
  /** The listener is one for ordered messages. */
  order: boolean;
  autoCommit: boolean;
  consumeResult?: (typeof consumeResults)[number] | undefined;
  remark?: string | undefined;
  /** How long the listener took, ms. */
  spentTimeMills: number;
}

/** Throws PocketError PROTOCOL. */
export function decodeConsumeMessageDirectlyResult(body: Buffer | undefined): ConsumeMessageDirectlyResult {
  const object = readBody(body, 'result of a consumer');
  return {
    order: booleanMember(object, 'order'),
    autoCommit: booleanMember(object, 'autoCommit', true),
    consumeResult: enumMember(object, 'consumeResult', consumeResults),
    remark: stringMember(object, 'remark'),
    spentTimeMills: numberMember(object, 'spentTimeMills'),
  };
}

export function encodeConsumeMessageDirectlyResult(result: ConsumeMessageDirectlyResult): Buffer {
  return writeBody(result);
}
