/**
 * CHECK_CLIENT_CONFIG (46): a push consumer asks at its start whether the broker can filter what it subscribes to.
 * Behaviour: tags can be filtered; another language is refused as by a broker with enablePropertyFilter=false.
 * Differences from 4.9: SQL92 is not served, whatever enablePropertyFilter says.
 * Version notes: `namespace` of 5.x is not read.
 */

import { decodeCheckClientRequestBody } from '../../protocol/bodies/check-client-config.ts';
import type { checkClientConfig } from '../../protocol/requests/check-client-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { filterRefusal } from '../subscription.ts';

export const processCheckClientConfig: BrokerProcessor<typeof checkClientConfig> = (_context, request) => {
  const { subscriptionData } = decodeCheckClientRequestBody(request.body);
  const refusal = filterRefusal(subscriptionData?.expressionType);
  if (refusal !== undefined) throw new ReplyError(ResponseCode.SYSTEM_ERROR, refusal);
  return { code: ResponseCode.SUCCESS };
};
