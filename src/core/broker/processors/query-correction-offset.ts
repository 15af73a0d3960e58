/**
 * QUERY_CORRECTION_OFFSET (308): for each queue of a topic the lowest offset that any group has committed and that is still
 * there.
 * Behaviour: groups in `filterGroups` do not count; `compareGroup` changes nothing, as in 4.9.7.
 * Differences from 4.9: the groups in `filterGroups` keep their offsets (Java removes them from its table).
 * Version notes: none.
 */

import { encodeCorrectionOffset } from '../../protocol/bodies/correction-offset.ts';
import type { queryCorrectionOffset } from '../../protocol/requests/query-correction-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processQueryCorrectionOffset: BrokerProcessor<typeof queryCorrectionOffset> = (context, request) => {
  const { topic, filterGroups = '' } = request.header;
  const { offsets, store } = context;
  const without = new Set(filterGroups.split(','));
  const correctionOffsets = new Map<number, number>();
  for (const group of offsets.groupsOfTopic(topic)) {
    if (without.has(group)) continue;
    for (const [queueId, offset] of offsets.queues(group, topic)) {
      if (offset < store.minOffsetInQueue(topic, queueId)) continue;
      correctionOffsets.set(queueId, Math.min(offset, correctionOffsets.get(queueId) ?? offset));
    }
  }
  return { code: ResponseCode.SUCCESS, body: encodeCorrectionOffset({ correctionOffsets }) };
};
