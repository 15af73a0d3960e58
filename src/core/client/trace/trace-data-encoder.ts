/**
 * Traces as the body of a trace message holds them: records, each ended by 0x02, of fields separated by 0x01; null reads
 * `null`. Mirrors TraceDataEncoder.
 *
 *   Pub            timestamp region group topic msgId tags keys storeHost bodyLength cost msgType offsetMsgId success
 *   SubBefore      timestamp region group requestId msgId retryTimes keys
 *   SubAfter       requestId msgId cost success keys contextCode timestamp group
 *   EndTransaction timestamp region group topic msgId tags keys storeHost msgType transactionId state fromCheck
 *
 * Known differences: a record that cannot be read is passed over (Java fails on the whole message).
 * Version notes: 4.9.1 writes SubAfter without timestamp and group; before that Pub had no offsetMsgId; 5.x adds the client's
 * host behind Pub's, and Recall records, which are passed over.
 */

import {
  consumeReturnTypes,
  type EndTransactionTrace,
  type PubTrace,
  type SubAfterTrace,
  type SubBeforeTrace,
  type TraceContext,
  traceMessageTypes,
} from './trace-context.ts';

const CONTENT_SPLITOR = '\x01';
const FIELD_SPLITOR = '\x02';

/** Pub records of clients so old that they do not name the offset message id. */
const PUB_WITHOUT_OFFSET_ID = 13;

type Field = string | number | boolean | null;

/** The records of a context: one of each message. */
export function encodeTrace(context: TraceContext): string {
  return recordsOf(context)
    .map((fields) => fields.join(CONTENT_SPLITOR) + FIELD_SPLITOR)
    .join('');
}

/** What the records are found by: unique ids and keys. */
export function traceKeys(context: TraceContext): string[] {
  const beans = 'beans' in context ? context.beans : [context];
  return beans.flatMap(({ msgId, keys }) => [msgId, ...(keys ?? '').split(' ').filter((key) => key !== '')]);
}

function recordsOf(context: TraceContext): Field[][] {
  switch (context.traceType) {
    case 'Pub':
      return [pubFields(context)];
    case 'SubBefore': {
      const { traceType, timeStamp, regionId, groupName, requestId } = context;
      return context.beans.map(({ msgId, retryTimes, keys }) => {
        return [traceType, timeStamp, text(regionId), groupName, requestId, msgId, retryTimes, text(keys)];
      });
    }
    case 'SubAfter': {
      const { traceType, requestId, costTime, success, timeStamp = 0, groupName } = context;
      const contextCode = consumeReturnTypes.indexOf(context.contextCode);
      return context.beans.map(({ msgId, keys }) => {
        return [traceType, requestId, msgId, costTime, success, text(keys), contextCode, timeStamp, groupName];
      });
    }
    case 'EndTransaction':
      return [endTransactionFields(context)];
  }
}

function pubFields(trace: PubTrace): Field[] {
  const { traceType, timeStamp, regionId, groupName, topic, msgId, tags, keys } = trace;
  const { storeHost, bodyLength, costTime, msgType, offsetMsgId, success } = trace;
  return [
    ...[traceType, timeStamp, text(regionId), groupName, topic, msgId, text(tags), text(keys)],
    ...[storeHost, bodyLength, costTime, traceMessageTypes.indexOf(msgType), text(offsetMsgId), success],
  ];
}

function endTransactionFields(trace: EndTransactionTrace): Field[] {
  const { traceType, timeStamp, regionId, groupName, topic, msgId, tags, keys } = trace;
  const { storeHost, msgType, transactionId, transactionState, fromTransactionCheck } = trace;
  return [
    ...[traceType, timeStamp, text(regionId), groupName, topic, msgId, text(tags), text(keys)],
    ...[storeHost, traceMessageTypes.indexOf(msgType), text(transactionId), transactionState, fromTransactionCheck],
  ];
}

/** Java appends the word for null; join() would leave it out. */
const text = (value: string | null): string => value ?? 'null';

/** The contexts of a body, each of one message. */
export function decodeTraces(body: string): TraceContext[] {
  return body.split(FIELD_SPLITOR).flatMap((record) => decodeRecord(record.split(CONTENT_SPLITOR)) ?? []);
}

function decodeRecord(fields: string[]): TraceContext | undefined {
  switch (fields[0]) {
    case 'Pub':
      return fields.length < PUB_WITHOUT_OFFSET_ID ? undefined : pubOf(fields);
    case 'SubBefore':
      return fields.length < 8 ? undefined : subBeforeOf(fields);
    case 'SubAfter':
      return fields.length < 6 ? undefined : subAfterOf(fields);
    case 'EndTransaction':
      return fields.length < 13 ? undefined : endTransactionOf(fields);
    default:
      return undefined;
  }
}

function pubOf(fields: string[]): PubTrace {
  const [, timeStamp, regionId = '', groupName = '', topic = '', msgId = '', tags = '', keys = '', storeHost = ''] =
    fields;
  const hasOffsetId = fields.length > PUB_WITHOUT_OFFSET_ID;
  return {
    ...{ traceType: 'Pub', timeStamp: Number(timeStamp), regionId, groupName, topic, msgId, tags, keys, storeHost },
    bodyLength: Number(fields[9]),
    costTime: Number(fields[10]),
    msgType: traceMessageTypes[Number(fields[11])] ?? 'Normal_Msg',
    offsetMsgId: hasOffsetId ? (fields[12] ?? '') : null,
    success: isTrue(hasOffsetId ? fields[13] : fields[12]),
  };
}

function subBeforeOf(fields: string[]): SubBeforeTrace {
  const [, timeStamp, regionId = '', groupName = '', requestId = '', msgId = '', retryTimes, keys = ''] = fields;
  const beans = [{ msgId, retryTimes: Number(retryTimes), keys }];
  return { traceType: 'SubBefore', timeStamp: Number(timeStamp), regionId, groupName, requestId, beans };
}

function subAfterOf(fields: string[]): SubAfterTrace {
  const [, requestId = '', msgId = '', costTime, success, keys = '', contextCode, timeStamp, groupName = ''] = fields;
  return {
    traceType: 'SubAfter',
    requestId,
    costTime: Number(costTime),
    success: isTrue(success),
    contextCode: consumeReturnTypes[Number(contextCode)] ?? 'SUCCESS',
    timeStamp: fields.length < 9 ? undefined : Number(timeStamp),
    groupName,
    beans: [{ msgId, keys }],
  };
}

function endTransactionOf(fields: string[]): EndTransactionTrace {
  const [, timeStamp, regionId = '', groupName = '', topic = '', msgId = '', tags = '', keys = '', storeHost = ''] =
    fields;
  const [msgType, transactionId = '', transactionState = '', fromTransactionCheck] = fields.slice(9);
  return {
    ...{ traceType: 'EndTransaction', timeStamp: Number(timeStamp), regionId, groupName, topic, msgId, tags, keys },
    ...{ storeHost, transactionId, transactionState, fromTransactionCheck: isTrue(fromTransactionCheck) },
    msgType: traceMessageTypes[Number(msgType)] ?? 'Normal_Msg',
  };
}

/** Boolean.parseBoolean. */
const isTrue = (value: string | undefined): boolean => value?.toLowerCase() === 'true';
