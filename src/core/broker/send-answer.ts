/**
 * What a sender is told. One place for both ways of sending: the status of the store as response code and remark, and the
 * frame of a success, which is by far the most frequent answer and is therefore patched into a copy of a ready one:
 *
 *   {"code":0,"extFields":{"queueId":"3","TRACE_ON":"true","MSG_REGION":"DefaultRegion","msgId":"<32 or 56 hex>",
 *    "queueOffset":"123"},"flag":1,"language":"OTHER","opaque":62,"serializeTypeCurrentRPC":"JSON","version":407}
 *
 * There is one ready frame for each combination of widths of the three numbers in it.
 */

import type { BrokerConfig } from '../common/config-schema.ts';
import { encodeOffsetMsgId, encodeOffsetMsgIds } from '../message/message-id.ts';
import type { sendMessage } from '../protocol/requests/send-message.ts';
import { ResponseCode } from '../protocol/response-code.ts';
import type { ExtFields } from '../protocol/schema.ts';
import { CURRENT_LANGUAGE, CURRENT_VERSION } from '../remoting/command-header.ts';
import type { Connection } from '../remoting/connection.ts';
import type { Reply } from '../remoting/processor-table.ts';
import { FRAME_PREFIX_LENGTH } from '../remoting/remoting-command.ts';
import type { ReplyError } from '../remoting/reply-error.ts';
import { PutMessageStatus } from '../store/put-message.ts';

const TWO_POW_32 = 4294967296;
const OFFSET_HEX_LENGTH = 16;
/** Widths above this do not occur: queueId and opaque are int32, offsets stay below 2^53. */
const MAX_WIDTH = 17;

const hexDigits = Buffer.from('0123456789ABCDEF');

export type SendReply = Reply<(typeof sendMessage)['response']>;

/** Where the message lies. */
export interface PutPlace {
  queueId: number;
  queueOffset: number;
  physicOffset: number;
  /** Of a batch, that of each message; `queueOffset` is the first one's. */
  physicOffsets?: readonly number[] | undefined;
}

interface Template {
  frame: Buffer;
  /** Ends (exclusive) of the numbers and of the offset's hex. */
  queueIdEnd: number;
  msgIdEnd: number;
  queueOffsetEnd: number;
  opaqueEnd: number;
}

export interface SendAnswerOptions {
  config: BrokerConfig;
  /** 8 or 20 bytes of the broker's address. */
  storeHost: Buffer;
  /** Shares (0..1) of the disks that are used, for the remark of SERVICE_NOT_AVAILABLE. */
  diskRatios: () => { commitLog: number; consumeQueue: number };
  /** Why nothing can be stored, a sentence without its full stop. */
  notWriteableBecause: () => string | undefined;
}

export class SendAnswer {
  readonly #options: SendAnswerOptions;
  #extFields: ExtFields;
  #storeHost: Buffer;
  #templates: (Template | undefined)[] = [];

  constructor(options: SendAnswerOptions) {
    this.#options = options;
    this.#storeHost = options.storeHost;
    this.#extFields = extFieldsOf(options.config);
  }

  /** MSG_REGION and TRACE_ON, which every answer to a sender carries. */
  get extFields(): ExtFields {
    return this.#extFields;
  }

  /** 8 or 20 bytes of the broker's address. */
  get storeHost(): Buffer {
    return this.#storeHost;
  }

  /** regionId or traceOn of the configuration, or the broker's address, are others now. */
  change(storeHost: Buffer): void {
    this.#storeHost = storeHost;
    this.#extFields = extFieldsOf(this.#options.config);
    this.#templates = [];
  }

  refusal(error: ReplyError): SendReply {
    return { code: error.responseCode, remark: error.message, extFields: this.extFields };
  }

  /** The answer to what the store said. */
  reply(status: PutMessageStatus, place: PutPlace): SendReply {
    const code = storedCode(status);
    if (code === undefined) return this.#failure(status);
    const { queueId, queueOffset, physicOffset, physicOffsets } = place;
    const msgId =
      physicOffsets === undefined
        ? encodeOffsetMsgId(this.#storeHost, physicOffset)
        : encodeOffsetMsgIds(this.#storeHost, physicOffsets);
    return { code, header: { msgId, queueId, queueOffset }, extFields: this.extFields };
  }

  /** Writes the whole frame of a success into the connection's output. `opaque` is not negative. */
  writeSuccess(connection: Pick<Connection, 'reserve' | 'output'>, opaque: number, place: PutPlace): void {
    const { queueId, queueOffset } = place;
    const template = this.#template(widthOf(queueId), widthOf(queueOffset), widthOf(opaque));
    const { frame } = template;
    putDigits(frame, template.queueIdEnd, queueId);
    putDigits(frame, template.queueOffsetEnd, queueOffset);
    putDigits(frame, template.opaqueEnd, opaque);
    putHex(frame, template.msgIdEnd, place.physicOffset);
    const at = connection.reserve(frame.length);
    frame.copy(connection.output, at);
  }

  #failure(status: PutMessageStatus): SendReply {
    const { code, remark } = this.#codeAndRemark(status);
    return { code, remark, extFields: this.extFields };
  }

  #codeAndRemark(status: PutMessageStatus): { code: number; remark: string } {
    switch (status) {
      case PutMessageStatus.CREATE_MAPEDFILE_FAILED:
        return { code: ResponseCode.SYSTEM_ERROR, remark: 'create mapped file failed, server is busy or broken.' };
      case PutMessageStatus.MESSAGE_ILLEGAL:
      case PutMessageStatus.PROPERTIES_SIZE_EXCEEDED:
        return {
          code: ResponseCode.MESSAGE_ILLEGAL,
          remark: `the message is illegal, maybe msg body or properties length not matched. msg body length limit ${this.#options.config.maxMessageSize}B, msg properties length limit 32KB.`,
        };
      case PutMessageStatus.SERVICE_NOT_AVAILABLE:
        return {
          code: ResponseCode.SERVICE_NOT_AVAILABLE,
          remark: `service not available now. It may be caused by one of the following reasons: the broker's disk is full [${this.#diskUtil()}], messages are put to the slave, message store has been shut down, etc.${this.#why()}`,
        };
      case PutMessageStatus.WHEEL_TIMER_MSG_ILLEGAL:
        return {
          code: ResponseCode.MESSAGE_ILLEGAL,
          remark: `timer message illegal, the delay time should not be bigger than the max delay ${this.#options.config.timerMaxDelaySec * 1000}ms; or if set del msg, the delay time should be bigger than the current time`,
        };
      case PutMessageStatus.WHEEL_TIMER_NOT_ENABLE:
        return {
          code: ResponseCode.SYSTEM_ERROR,
          remark: `accurate timer message is not enabled, timerWheelEnable is ${this.#options.config.timerWheelEnable}`,
        };
      case PutMessageStatus.MALFORMED_BATCH:
        return { code: ResponseCode.SYSTEM_ERROR, remark: 'the body of the batch does not hold whole messages' };
      case PutMessageStatus.OS_PAGECACHE_BUSY:
        return {
          code: ResponseCode.SYSTEM_ERROR,
          remark: '[PC_SYNCHRONIZED]broker busy, start flow control for a while',
        };
      default:
        return { code: ResponseCode.SYSTEM_ERROR, remark: 'UNKNOWN_ERROR' };
    }
  }

  /** Java's `CL: %5.2f CQ: %5.2f INDEX: %5.2f`; the index lies on the disk of the consumequeues. */
  #diskUtil(): string {
    const { commitLog, consumeQueue } = this.#options.diskRatios();
    const text = (ratio: number): string => ratio.toFixed(2).padStart(5);
    return `CL: ${text(commitLog)} CQ: ${text(consumeQueue)} INDEX: ${text(consumeQueue)}`;
  }

  /** Behind Java's list of what it may be: what it is. */
  #why(): string {
    const reason = this.#options.notWriteableBecause();
    return reason === undefined ? '' : ` It is this: ${reason}.`;
  }

  #template(queueIdWidth: number, queueOffsetWidth: number, opaqueWidth: number): Template {
    const index = (queueIdWidth * MAX_WIDTH + queueOffsetWidth) * MAX_WIDTH + opaqueWidth;
    let template = this.#templates[index];
    if (template === undefined) {
      template = this.#newTemplate(queueIdWidth, queueOffsetWidth, opaqueWidth);
      this.#templates[index] = template;
    }
    return template;
  }

  #newTemplate(queueIdWidth: number, queueOffsetWidth: number, opaqueWidth: number): Template {
    const { extFields, storeHost } = this;
    let text = '{"code":0,"extFields":{"queueId":"'.padEnd(34 + queueIdWidth, '0');
    const queueIdEnd = text.length;
    text += `","TRACE_ON":${JSON.stringify(extFields.TRACE_ON)},"MSG_REGION":`;
    // The region may hold any character, so that places behind it are counted in bytes.
    const beforeRegion = text.length;
    const region = JSON.stringify(extFields.MSG_REGION);
    const regionBytes = Buffer.byteLength(region);
    let tail = `,"msgId":"${storeHost.toString('hex').toUpperCase()}${'0'.repeat(OFFSET_HEX_LENGTH)}`;
    const behindRegion = FRAME_PREFIX_LENGTH + beforeRegion + regionBytes;
    const msgIdEnd = behindRegion + tail.length;
    tail += `","queueOffset":"${'0'.repeat(queueOffsetWidth)}`;
    const queueOffsetEnd = behindRegion + tail.length;
    tail += `"},"flag":1,"language":"${CURRENT_LANGUAGE}","opaque":${'0'.repeat(opaqueWidth)}`;
    const opaqueEnd = behindRegion + tail.length;
    tail += `,"serializeTypeCurrentRPC":"JSON","version":${CURRENT_VERSION}}`;
    const header = Buffer.from(text + region + tail);
    const frame = Buffer.alloc(FRAME_PREFIX_LENGTH + header.length);
    frame.writeInt32BE(4 + header.length, 0);
    frame.writeInt32BE(header.length, 4);
    header.copy(frame, FRAME_PREFIX_LENGTH);
    return { frame, queueIdEnd: FRAME_PREFIX_LENGTH + queueIdEnd, msgIdEnd, queueOffsetEnd, opaqueEnd };
  }
}

function extFieldsOf(config: BrokerConfig): ExtFields {
  return { MSG_REGION: config.regionId, TRACE_ON: String(config.traceOn) };
}

/** The code under which a stored message is answered; undefined: it was not stored. */
function storedCode(status: PutMessageStatus): number | undefined {
  switch (status) {
    case PutMessageStatus.PUT_OK:
      return ResponseCode.SUCCESS;
    case PutMessageStatus.FLUSH_DISK_TIMEOUT:
      return ResponseCode.FLUSH_DISK_TIMEOUT;
    case PutMessageStatus.FLUSH_SLAVE_TIMEOUT:
      return ResponseCode.FLUSH_SLAVE_TIMEOUT;
    case PutMessageStatus.SLAVE_NOT_AVAILABLE:
      return ResponseCode.SLAVE_NOT_AVAILABLE;
    default:
      return undefined;
  }
}

/** Number of decimal digits of a value from 0 on. */
function widthOf(value: number): number {
  let width = 1;
  for (let bound = 10; value >= bound; bound *= 10) width++;
  return width;
}

/** Writes `value` in decimal so that its last digit stands before `end`. The digits' places are already there. */
function putDigits(target: Buffer, end: number, value: number): void {
  let at = end;
  let rest = value;
  // Above 2^31 the quotient leaves the small integers; the loop below runs on those.
  while (rest > 0x7fffffff) {
    const quotient = Math.floor(rest / 10);
    target[--at] = 48 + (rest - quotient * 10);
    rest = quotient;
  }
  let small = rest | 0;
  do {
    const quotient = (small / 10) | 0;
    target[--at] = 48 + (small - quotient * 10);
    small = quotient;
  } while (small > 0);
}

/** Writes `value` as 16 hex digits that end before `end`. */
function putHex(target: Buffer, end: number, value: number): void {
  const high = Math.floor(value / TWO_POW_32);
  let low = (value - high * TWO_POW_32) | 0;
  let at = end;
  for (let i = 0; i < 8; i++) {
    target[--at] = hexDigits[low & 15] as number;
    low >>>= 4;
  }
  low = high;
  for (let i = 0; i < 8; i++) {
    target[--at] = hexDigits[low & 15] as number;
    low >>>= 4;
  }
}
