/**
 * One subscription to be checked: request of CHECK_CLIENT_CONFIG. Mirrors CheckClientRequestBody.
 *
 *   {"clientId":S,"group":S,"subscriptionData":SubscriptionData}
 */

import { readBody, stringMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';
import { readSubscriptionData, type SubscriptionData } from './subscription-data.ts';

export interface CheckClientRequestBody {
  clientId: string;
  group: string;
  subscriptionData: SubscriptionData;
}

/** Throws PocketError PROTOCOL, also when there is no subscription in the body. */
export function decodeCheckClientRequestBody(body: Buffer | undefined): CheckClientRequestBody {
  const object = readBody(body, 'client config');
  return {
    clientId: stringMember(object, 'clientId') ?? '',
    group: stringMember(object, 'group') ?? '',
    subscriptionData: readSubscriptionData(object.subscriptionData ?? null),
  };
}

export function encodeCheckClientRequestBody(request: CheckClientRequestBody): Buffer {
  return writeBody(request);
}
