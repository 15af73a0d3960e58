/**
 * DELETE_KV_CONFIG (102): removes one value of a namespace.
 * Behaviour: 0 for a key that is not there, too; answered once kvConfig.json is on the disk.
 * Differences from 4.9: a disk that refuses is answered with code 1 (4.9 logs it and answers 0).
 * Version notes: none.
 */

import type { deleteKvConfig } from '../../protocol/requests/delete-kv-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processDeleteKvConfig: NamesrvProcessor<typeof deleteKvConfig> = async (context, request) => {
  await context.kv.delete(request.header.namespace, request.header.key);
  return { code: ResponseCode.SUCCESS };
};
