/**
 * WIPE_WRITE_PERM_OF_BROKER (205): takes the write permission from every topic of a broker, so that producers leave it.
 * Behaviour: lasts until the broker registers with changed topics; answers the number of its topics, 0 when unknown.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import type { wipeWritePermOfBroker } from '../../protocol/requests/wipe-write-perm-of-broker.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processWipeWritePermOfBroker: NamesrvProcessor<typeof wipeWritePermOfBroker> = (context, request) => ({
  code: ResponseCode.SUCCESS,
  header: { wipeTopicCount: context.routes.wipeWritePerm(request.header.brokerName) },
});
