/** CLEAN_UNUSED_TOPIC (316): removes consume queues of topics that have no config. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const cleanUnusedTopic = defineRequest({
  code: RequestCode.CLEAN_UNUSED_TOPIC,
});
