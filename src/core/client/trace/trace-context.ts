/** What is told of a message's life. Mirrors TraceContext with its TraceBeans; null where Java's field is null. */

/** MessageType: a record holds the index. */
export const traceMessageTypes = ['Normal_Msg', 'Trans_Msg_Half', 'Trans_msg_Commit', 'Delay_Msg'] as const;
export type TraceMessageType = (typeof traceMessageTypes)[number];

/** ConsumeReturnType: a record holds the index. */
export const consumeReturnTypes = ['SUCCESS', 'TIME_OUT', 'EXCEPTION', 'RETURNNULL', 'FAILED'] as const;
export type ConsumeReturnType = (typeof consumeReturnTypes)[number];

/** A message was sent. */
export interface PubTrace {
  readonly traceType: 'Pub';
  /** When the send began, ms. */
  readonly timeStamp: number;
  readonly regionId: string | null;
  readonly groupName: string;
  readonly topic: string;
  readonly msgId: string;
  readonly tags: string | null;
  readonly keys: string | null;
  /** The broker, `ip:port`. */
  readonly storeHost: string;
  /** Bytes, as they went over the wire. */
  readonly bodyLength: number;
  /** ms */
  readonly costTime: number;
  readonly msgType: TraceMessageType;
  readonly offsetMsgId: string | null;
  readonly success: boolean;
}

/** Messages are given to a listener. */
export interface SubBeforeTrace {
  readonly traceType: 'SubBefore';
  readonly timeStamp: number;
  readonly regionId: string | null;
  readonly groupName: string;
  /** The same of the SubAfterTrace of this call. */
  readonly requestId: string;
  readonly beans: readonly { readonly msgId: string; readonly retryTimes: number; readonly keys: string | null }[];
}

/** The listener is done with them. */
export interface SubAfterTrace {
  readonly traceType: 'SubAfter';
  readonly requestId: string;
  /** ms, of one message of the call. */
  readonly costTime: number;
  readonly success: boolean;
  readonly contextCode: ConsumeReturnType;
  /** Undefined in records of clients of 4.9.1 and older, as groupName. */
  readonly timeStamp: number | undefined;
  readonly groupName: string;
  readonly beans: readonly { readonly msgId: string; readonly keys: string | null }[];
}

/** A transaction was ended. */
export interface EndTransactionTrace {
  readonly traceType: 'EndTransaction';
  readonly timeStamp: number;
  readonly regionId: string | null;
  readonly groupName: string;
  readonly topic: string;
  readonly msgId: string;
  readonly tags: string | null;
  readonly keys: string | null;
  readonly storeHost: string;
  readonly msgType: TraceMessageType;
  readonly transactionId: string | null;
  /** LocalTransactionState. */
  readonly transactionState: string;
  readonly fromTransactionCheck: boolean;
}

export type TraceContext = PubTrace | SubBeforeTrace | SubAfterTrace | EndTransactionTrace;
