/**
 * QUERY_MESSAGE (12): messages that the index lists under a key within a time range, as stored records.
 * Behaviour: the body is the records, oldest first; 22 when there is none. With the extField _UNIQUE_KEY_QUERY=true the
 *   limit is defaultQueryMaxNum, whatever maxNum says. A key of the same hash may bring other messages, too: clients compare.
 * Differences from 4.9: each message comes once although two of its keys have the same hash.
 * Version notes: indexType and lastKey of 5.x are not read.
 */

import type { queryMessage } from '../../protocol/requests/query-message.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

const UNIQUE_MSG_QUERY_FLAG = '_UNIQUE_KEY_QUERY';

export const processQueryMessage: BrokerProcessor<typeof queryMessage> = async (context, request) => {
  const { topic, key, beginTimestamp: begin, endTimestamp: end } = request.header;
  const isUniqueKey = request.command.extFields?.[UNIQUE_MSG_QUERY_FLAG] === 'true';
  const maxNum = isUniqueKey ? context.config.defaultQueryMaxNum : request.header.maxNum;
  const { records, ...header } = await context.store.queryMessage({ topic, key, maxNum, begin, end });
  if (records.length === 0) {
    const remark = 'can not find message, maybe time range not correct';
    return { code: ResponseCode.QUERY_NOT_FOUND, remark, header };
  }
  return { code: ResponseCode.SUCCESS, header, body: Buffer.concat(records) };
};
