/**
 * CLONE_GROUP_OFFSET (314): a group gets the committed offsets of another.
 * Behaviour: of the topic named, without one of all topics of the source; topics that do not exist, and unless `offline` those
 *   that a source that is online does not subscribe to, are passed over. What the target had of these topics is replaced.
 * Differences from 4.9: without a topic all are copied, which is what Java means to do and does not.
 * Version notes: none.
 */

import type { cloneGroupOffset } from '../../protocol/requests/clone-group-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { MAX_OFFSETS, tooMany } from '../table-limits.ts';

export const processCloneGroupOffset: BrokerProcessor<typeof cloneGroupOffset> = (context, request) => {
  const { srcGroup, destGroup, topic = '', offline = false } = request.header;
  const topics = topic.trim() === '' ? context.offsets.topicsOfGroup(srcGroup) : [topic];
  for (const name of topics) {
    if (context.topics.select(name) === undefined) continue;
    if (!offline && context.consumers.hasLeft(srcGroup, name)) continue;
    if (!context.offsets.clone(srcGroup, destGroup, name)) {
      throw tooMany(`offsets of ${destGroup} in ${name} are not taken, there are so many`, MAX_OFFSETS);
    }
  }
  return { code: ResponseCode.SUCCESS };
};
