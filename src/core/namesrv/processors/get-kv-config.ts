/**
 * GET_KV_CONFIG (101): one value of a namespace.
 * Behaviour: 22 when it is not set.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import type { getKvConfig } from '../../protocol/requests/get-kv-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processGetKvConfig: NamesrvProcessor<typeof getKvConfig> = (context, request) => {
  const { namespace, key } = request.header;
  const value = context.kv.get(namespace, key);
  if (value === undefined) {
    throw new ReplyError(ResponseCode.QUERY_NOT_FOUND, `No config item, Namespace: ${namespace} Key: ${key}`);
  }
  return { code: ResponseCode.SUCCESS, header: { value } };
};
