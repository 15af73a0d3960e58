/**
 * PUT_KV_CONFIG (100): sets one value of a namespace.
 * Behaviour: answered once kvConfig.json is on the disk.
 * Differences from 4.9: a disk that refuses is answered with code 1 (4.9 logs it and answers 0).
 * Version notes: none.
 */

import type { putKvConfig } from '../../protocol/requests/put-kv-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processPutKvConfig: NamesrvProcessor<typeof putKvConfig> = async (context, request) => {
  const { namespace, key, value } = request.header;
  await context.kv.put(namespace, key, value);
  return { code: ResponseCode.SUCCESS };
};
