/** A value of the namesrvs' KV configuration: GET_KV_CONFIG (101). Mirrors MQClientAPIImpl.getKVConfigValue. */

import { PocketError } from '../../common/errors.ts';
import { getKvConfig } from '../../protocol/requests/get-kv-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { Admin } from './admin.ts';

/** The value of a key of a namespace; undefined when the namesrv has none. */
export async function getKv(admin: Admin, namespace: string, key: string): Promise<string | undefined> {
  try {
    return (await admin.namesrv.ask(getKvConfig, { namespace, key })).header.value;
  } catch (error) {
    if (error instanceof PocketError && error.responseCode === ResponseCode.QUERY_NOT_FOUND) return undefined;
    throw error;
  }
}
