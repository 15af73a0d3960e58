/** A list of topics: answer of 206, 224, 304, 305, 311, 312, 313 and 343. Mirrors TopicList. */

import { readBody, stringListMember, stringMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

export interface TopicList {
  topicList: string[];
  /** Only GET_SYSTEM_TOPIC_LIST_FROM_NS: the address of one broker, to ask it for its system topics. */
  brokerAddr?: string | undefined;
}

/** Throws PocketError PROTOCOL. */
export function decodeTopicList(body: Buffer | undefined): TopicList {
  const object = readBody(body, 'topic list');
  return { topicList: stringListMember(object, 'topicList'), brokerAddr: stringMember(object, 'brokerAddr') };
}

export function encodeTopicList(list: TopicList): Buffer {
  return writeBody(list);
}
