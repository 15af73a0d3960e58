/** The trace of a message that a broker has taken. Mirrors SendMessageTraceHookImpl. */

import { decodeProperties, Property } from '../../message/properties.ts';
import type { ExtFields } from '../../protocol/schema.ts';
import type { SendResult } from '../producer/send-result.ts';
import type { PubTrace, TraceMessageType } from './trace-context.ts';

const DEFAULT_REGION = 'DefaultRegion';
/** Of 5.x: when a timer message is due. */
const START_DELIVER_TIME = '__STARTDELIVERTIME';

/** A message and how its sending went. */
export interface TracedSend {
  readonly group: string;
  readonly topic: string;
  readonly body: Buffer;
  /** Text form. */
  readonly properties: string;
  /** Wall clock. */
  readonly begun: number;
  readonly ended: number;
  readonly brokerAddr: string;
  readonly result: SendResult;
  /** Of the broker's answer. */
  readonly extFields: ExtFields | undefined;
}

/** Undefined where the broker wants none. */
export function sendTrace(send: TracedSend): PubTrace | undefined {
  const { group, topic, body, begun, ended, brokerAddr, result, extFields } = send;
  if (extFields?.[Property.TRACE_ON] === 'false') return undefined;
  const properties = decodeProperties(send.properties);
  return {
    traceType: 'Pub',
    timeStamp: begun,
    regionId: extFields?.[Property.MSG_REGION] || DEFAULT_REGION,
    groupName: group,
    topic,
    msgId: result.msgId,
    tags: properties[Property.TAGS] ?? null,
    keys: properties[Property.KEYS] ?? null,
    storeHost: brokerAddr,
    bodyLength: body.length,
    costTime: Math.max(0, ended - begun),
    msgType: typeOf(properties),
    offsetMsgId: result.offsetMsgId,
    success: result.sendStatus === 'SEND_OK',
  };
}

function typeOf(properties: Readonly<Record<string, string>>): TraceMessageType {
  if (properties[START_DELIVER_TIME] !== undefined || properties[Property.DELAY] !== undefined) return 'Delay_Msg';
  return properties[Property.TRAN_MSG] === 'true' ? 'Trans_Msg_Half' : 'Normal_Msg';
}
