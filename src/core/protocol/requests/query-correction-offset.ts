/** QUERY_CORRECTION_OFFSET (308): the lowest committed offsets among the groups of a topic. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const queryCorrectionOffset = defineRequest({
  code: RequestCode.QUERY_CORRECTION_OFFSET,
  javaClass: 'QueryCorrectionOffsetHeader',
  request: {
    /** Comma list; the broker removes these groups from its table. */
    filterGroups: optional('string'),
    compareGroup: required('string'),
    topic: required('string'),
  },
});
