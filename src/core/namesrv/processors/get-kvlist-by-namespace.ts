/**
 * GET_KVLIST_BY_NAMESPACE (219): all values of a namespace.
 * Behaviour: 22 when nothing was ever set in it.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import { encodeKvTable } from '../../protocol/bodies/kv-table.ts';
import type { getKvlistByNamespace } from '../../protocol/requests/get-kvlist-by-namespace.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processGetKvlistByNamespace: NamesrvProcessor<typeof getKvlistByNamespace> = (context, request) => {
  const { namespace } = request.header;
  const values = context.kv.namespace(namespace);
  if (values === undefined)
    throw new ReplyError(ResponseCode.QUERY_NOT_FOUND, `No config item, Namespace: ${namespace}`);
  return { code: ResponseCode.SUCCESS, body: encodeKvTable({ table: Object.fromEntries(values) }) };
};
