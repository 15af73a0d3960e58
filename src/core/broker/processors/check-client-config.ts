/**
 * CHECK_CLIENT_CONFIG (46): a push consumer asks at its start whether the broker can filter what it subscribes to.
 * Behaviour: tags can be filtered, SQL92 with enablePropertyFilter; a wrong expression is code 23 with the place and the reason.
 * Differences from 4.9: the text of the reason.
 * Version notes: `namespace` of 5.x is not read.
 */

import { decodeCheckClientRequestBody } from '../../protocol/bodies/check-client-config.ts';
import type { checkClientConfig } from '../../protocol/requests/check-client-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { compileExpression } from '../filter/consumer-filter-manager.ts';
import { Sql92Error } from '../filter/sql92.ts';
import { filterRefusal, isTagType } from '../subscription.ts';

export const processCheckClientConfig: BrokerProcessor<typeof checkClientConfig> = (context, request) => {
  const { expressionType, subString } = decodeCheckClientRequestBody(request.body).subscriptionData;
  if (isTagType(expressionType)) return { code: ResponseCode.SUCCESS };
  if (!context.config.enablePropertyFilter) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, filterRefusal(expressionType));
  }
  try {
    compileExpression(expressionType, subString);
  } catch (error) {
    if (!(error instanceof Sql92Error)) throw error;
    throw new ReplyError(ResponseCode.SUBSCRIPTION_PARSE_FAILED, error.message);
  }
  return { code: ResponseCode.SUCCESS };
};
