/**
 * QUERY_DATA_VERSION (322): has the namesrv the newest topics of a broker?
 * Behaviour: an unchanged version counts as a sign of life. The body is the version known here, absent when none is.
 * Differences from 4.9: none.
 * Version notes: the stateVersion of 5.x takes part in the comparison.
 */

import { decodeDataVersion, encodeDataVersion } from '../../protocol/bodies/topic-config.ts';
import type { queryDataVersion } from '../../protocol/requests/query-data-version.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processQueryDataVersion: NamesrvProcessor<typeof queryDataVersion> = (context, request) => {
  const { brokerAddr } = request.header;
  const changed = context.routes.isTopicConfigChanged(brokerAddr, decodeDataVersion(request.body));
  if (!changed) context.routes.refresh(brokerAddr);
  const known = context.routes.dataVersionOf(brokerAddr);
  return {
    code: ResponseCode.SUCCESS,
    header: { changed },
    body: known === undefined ? undefined : encodeDataVersion(known),
  };
};
