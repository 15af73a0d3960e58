/**
 * SEND_MESSAGE_V2 (310): SEND_MESSAGE with one-letter field names, which Java clients use by default. Some clients send
 * the long names with 310 and 320 and the short ones with 10: `decodeSendMessageHeader` takes both with any send code.
 */
import { RequestCode } from '../request-code.ts';
import { decodeHeader, defineRequest, type ExtFields, optional, type RequestHeaderOf, required } from '../schema.ts';
import { type SendMessageHeader, sendMessage } from './send-message.ts';

export const sendMessageV2 = defineRequest({
  code: RequestCode.SEND_MESSAGE_V2,
  javaClass: 'SendMessageRequestHeaderV2',
  request: {
    /** producerGroup */
    a: required('string'),
    /** topic */
    b: required('string'),
    /** defaultTopic */
    c: required('string'),
    /** defaultTopicQueueNums */
    d: required('int'),
    /** queueId */
    e: required('int'),
    /** sysFlag */
    f: required('int'),
    /** bornTimestamp */
    g: required('long'),
    /** flag */
    h: required('int'),
    /** properties */
    i: optional('string'),
    /** reconsumeTimes */
    j: optional('int'),
    /** unitMode */
    k: optional('boolean'),
    /** maxReconsumeTimes */
    l: optional('int'),
    /** batch */
    m: optional('boolean'),
    /** bname */
    n: optional('string'),
    /** Inherited in Java and never written: the broker name travels as n. */
    bname: optional('string'),
  },
  responseJavaClass: 'SendMessageResponseHeader',
  response: sendMessage.response,
});

export type SendMessageV2Header = RequestHeaderOf<typeof sendMessageV2>;

/** The long-named header of a short-named one. */
export function toSendMessageHeader(v2: SendMessageV2Header): SendMessageHeader {
  return {
    producerGroup: v2.a,
    topic: v2.b,
    defaultTopic: v2.c,
    defaultTopicQueueNums: v2.d,
    queueId: v2.e,
    sysFlag: v2.f,
    bornTimestamp: v2.g,
    flag: v2.h,
    properties: v2.i,
    reconsumeTimes: v2.j,
    unitMode: v2.k,
    batch: v2.m,
    maxReconsumeTimes: v2.l,
    bname: v2.n ?? v2.bname,
  };
}

/** The short-named header of a long-named one. */
export function toSendMessageV2Header(v1: SendMessageHeader): SendMessageV2Header {
  return {
    a: v1.producerGroup,
    b: v1.topic,
    c: v1.defaultTopic,
    d: v1.defaultTopicQueueNums,
    e: v1.queueId,
    f: v1.sysFlag,
    g: v1.bornTimestamp,
    h: v1.flag,
    i: v1.properties,
    j: v1.reconsumeTimes,
    k: v1.unitMode,
    l: v1.maxReconsumeTimes,
    m: v1.batch,
    n: v1.bname,
  };
}

/** Reads the header of any send request (10, 310, 320, 324, 325) by the spelling it is in. */
export function decodeSendMessageHeader(extFields: ExtFields | undefined): SendMessageHeader {
  return extFields?.a === undefined
    ? decodeHeader(sendMessage.request, extFields)
    : toSendMessageHeader(decodeHeader(sendMessageV2.request, extFields));
}
