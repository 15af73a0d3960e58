/**
 * Answer of QUERY_CORRECTION_OFFSET. Mirrors QueryCorrectionOffsetBody.
 *
 *   {"correctionOffsets":{queueId:L}}
 */

import { intKeyMember, numberOf, readBody } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

export interface CorrectionOffset {
  /** By queue number. */
  correctionOffsets: Map<number, number>;
}

/** Throws PocketError PROTOCOL. */
export function decodeCorrectionOffset(body: Buffer | undefined): CorrectionOffset {
  const object = readBody(body, 'correction of offsets');
  return { correctionOffsets: intKeyMember(object, 'correctionOffsets', (value) => numberOf(value, 'offset') ?? 0) };
}

export function encodeCorrectionOffset(offsets: CorrectionOffset): Buffer {
  return writeBody(offsets);
}
