/**
 * ADD_WRITE_PERM_OF_BROKER (327): gives every topic of a broker the permission to read and write.
 * Behaviour: the permission becomes 6, so an inherit bit is lost until the next changed registration; answers the number
 *   of its topics, 0 when unknown.
 * Differences from 4.9: none.
 * Version notes: 4.9.1 does not know the code.
 */

import type { addWritePermOfBroker } from '../../protocol/requests/add-write-perm-of-broker.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processAddWritePermOfBroker: NamesrvProcessor<typeof addWritePermOfBroker> = (context, request) => ({
  code: ResponseCode.SUCCESS,
  header: { addTopicCount: context.routes.addWritePerm(request.header.brokerName) },
});
