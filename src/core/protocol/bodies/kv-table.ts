/**
 * A table of texts: the runtime info of a broker (28), a namespace of the namesrv's KV config (219) and the order topics
 * a namesrv answers a registration with (103). Mirrors KVTable: {"table":{S:S}}.
 */

import { readBody, recordMember, stringOf } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

export interface KvTable {
  table: Record<string, string>;
}

/** Throws PocketError PROTOCOL. */
export function decodeKvTable(body: Buffer | undefined): KvTable {
  const object = readBody(body, 'table');
  return { table: recordMember(object, 'table', (value) => stringOf(value) ?? '') };
}

export function encodeKvTable(table: KvTable): Buffer {
  return writeBody(table);
}
