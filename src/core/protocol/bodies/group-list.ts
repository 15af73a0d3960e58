/** Consumer groups of a topic: answer of QUERY_TOPIC_CONSUME_BY_WHO. Mirrors GroupList. */

import { readBody, stringListMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

export interface GroupList {
  groupList: string[];
}

/** Throws PocketError PROTOCOL. */
export function decodeGroupList(body: Buffer | undefined): GroupList {
  return { groupList: stringListMember(readBody(body, 'group list'), 'groupList') };
}

export function encodeGroupList(list: GroupList): Buffer {
  return writeBody(list);
}
