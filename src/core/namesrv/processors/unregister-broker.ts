/**
 * UNREGISTER_BROKER (104): a broker leaves.
 * Behaviour: RouteInfoManager.unregisterBroker's; 0 for an unknown broker, too.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import type { unregisterBroker } from '../../protocol/requests/unregister-broker.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processUnregisterBroker: NamesrvProcessor<typeof unregisterBroker> = (context, request) => {
  context.routes.unregisterBroker(request.header);
  return { code: ResponseCode.SUCCESS };
};
