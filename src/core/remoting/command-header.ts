/** What both header serializations carry, and the two numbers we put into every one of ours. */

import type { ExtFields } from '../protocol/schema.ts';

export interface CommandHeader {
  code: number;
  flag: number;
  opaque: number;
  /** LanguageCode name as the sender wrote it. */
  language: string;
  /** MQVersion ordinal of the sender. */
  version: number;
  remark?: string | undefined;
  extFields?: ExtFields | undefined;
}

/** V4_9_7: the release whose behaviour we have, sent in every request and answer. */
export const CURRENT_VERSION = 407;
/** 4.9 clients know no language of ours; OTHER is the honest name they can read. */
export const CURRENT_LANGUAGE = 'OTHER';
