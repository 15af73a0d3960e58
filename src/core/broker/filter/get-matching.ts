/**
 * Messages of a queue that a property filter lets through. The store filters by tags code; this looks at the records
 * themselves. Mirrors ExpressionMessageFilter.isMatchedByCommitLog within DefaultMessageStore.getMessage.
 */
import { decodeMessage } from '../../message/message-codec.ts';
import { type GetMessageResult, GetMessageStatus, type Segment } from '../../store/get-message.ts';
import type { MessageStore } from '../../store/message-store.ts';
import type { PropertyFilter } from './sql92.ts';

/** As many messages as the store looks at for one answer when tags let few through. */
const MAX_LOOKED_AT = 800;

export interface QueuePlace {
  topic: string;
  queueId: number;
  queueOffset: number;
  maxMsgNums: number;
}

/** As MessageStore.getMessage, with all segments in memory. Rejects with PocketError STORE. */
export async function getMatching(
  store: MessageStore,
  { topic, queueId, queueOffset, maxMsgNums }: QueuePlace,
  matches: PropertyFilter,
): Promise<GetMessageResult> {
  for (let offset = queueOffset; ; ) {
    const result = store.getMessage(topic, queueId, offset, maxMsgNums);
    if (result.status !== GetMessageStatus.FOUND) return offset === queueOffset ? result : nothing(result, offset);
    if (result.cold.length > 0) await store.readCold(result);
    offset = result.nextBeginOffset;
    const segments = result.segments
      .flatMap((segment) => [...recordsOf(segment)])
      .filter((record) => isWanted(record, matches));
    if (segments.length > 0) {
      const totalBytes = segments.reduce((sum, { start, end }) => sum + end - start, 0);
      return { ...result, segments, messageCount: segments.length, totalBytes };
    }
    if (offset - queueOffset >= MAX_LOOKED_AT) return nothing(result, offset);
  }
}

function nothing(result: GetMessageResult, nextBeginOffset: number): GetMessageResult {
  const status = GetMessageStatus.NO_MATCHED_MESSAGE;
  return { ...result, status, nextBeginOffset, segments: [], messageCount: 0, totalBytes: 0 };
}

function* recordsOf({ buffer, start, end }: Segment): Generator<Segment> {
  for (let at = start; at < end; ) {
    const next = at + buffer.readInt32BE(at);
    yield { buffer, start: at, end: next };
    at = next;
  }
}

function isWanted({ buffer, start }: Segment, matches: PropertyFilter): boolean {
  return matches(decodeMessage(buffer, start, { decompress: false }).properties);
}
