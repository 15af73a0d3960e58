/**
 * RemotingCommand: one frame, decoded. The same frame travels in both directions; flag bit 0 marks an answer, bit 1 a
 * one-way request.
 *
 *   0  4  total      4 + headerLen + bodyLen, does not count itself
 *   4  1  serializeType   0 JSON, 1 ROCKETMQ binary
 *   5  3  headerLen
 *   8  .. header, then body
 *
 * Mirrors RemotingCommand, NettyEncoder and NettyDecoder.
 */

import { PocketError } from '../common/errors.ts';
import { encodeHeader, type Fields, type HeaderOf, type RequestSchema } from '../protocol/schema.ts';
import { type CommandHeader, CURRENT_LANGUAGE, CURRENT_VERSION } from './command-header.ts';
import { decodeJsonHeader, encodeJsonHeader } from './header-json.ts';
import { decodeRocketmqHeader, encodeRocketmqHeader } from './header-rocketmq.ts';

export type SerializeType = 0 | 1;
export const SERIALIZE_JSON = 0;
export const SERIALIZE_ROCKETMQ = 1;

export const FLAG_RESPONSE = 1;
export const FLAG_ONEWAY = 2;

/** Java's default frame limit (com.rocketmq.remoting.frameMaxLength), the length field included. */
export const MAX_FRAME_LENGTH = 16_777_216;
export const FRAME_PREFIX_LENGTH = 8;

export interface RemotingCommand extends CommandHeader {
  body?: Buffer | undefined;
  serializeType: SerializeType;
  /** Bytes of the frame it came in, when it came over a connection. */
  frameLength?: number;
}

/** A request with our version and language; `opaque` is given by the connection that sends it. */
export function createRequest<Q extends Fields, S extends Fields>(
  schema: RequestSchema<Q, S>,
  header: HeaderOf<Q>,
  body?: Buffer,
): RemotingCommand {
  const extFields = schema.javaClass === undefined ? undefined : encodeHeader(schema.request, header);
  return {
    code: schema.code,
    flag: 0,
    opaque: 0,
    language: CURRENT_LANGUAGE,
    version: CURRENT_VERSION,
    extFields,
    body,
    serializeType: SERIALIZE_JSON,
  };
}

export function encodeCommandHeader(command: CommandHeader, serializeType: SerializeType): Buffer {
  return serializeType === SERIALIZE_JSON ? encodeJsonHeader(command) : encodeRocketmqHeader(command);
}

/** Throws PocketError PROTOCOL when the bytes are no header of that serialization. */
export function decodeCommandHeader(buffer: Buffer, start: number, end: number, serializeType: number): CommandHeader {
  if (serializeType === SERIALIZE_JSON) return decodeJsonHeader(buffer, start, end);
  if (serializeType === SERIALIZE_ROCKETMQ) return decodeRocketmqHeader(buffer, start, end);
  throw new PocketError('PROTOCOL', `unknown header serialization ${serializeType}`);
}

/** Writes the length prefix of a frame into `target` at `at`. */
export function writeFramePrefix(
  target: Buffer,
  at: number,
  lengths: { header: number; body: number },
  serializeType: SerializeType,
): void {
  target.writeInt32BE(4 + lengths.header + lengths.body, at);
  target.writeInt32BE((serializeType << 24) | lengths.header, at + 4);
}

/** One whole frame, length field included. */
export function encodeFrame(command: RemotingCommand): Buffer {
  const header = encodeCommandHeader(command, command.serializeType);
  const bodyLength = command.body?.length ?? 0;
  const frame = Buffer.allocUnsafe(FRAME_PREFIX_LENGTH + header.length + bodyLength);
  writeFramePrefix(frame, 0, { header: header.length, body: bodyLength }, command.serializeType);
  header.copy(frame, FRAME_PREFIX_LENGTH);
  command.body?.copy(frame, FRAME_PREFIX_LENGTH + header.length);
  return frame;
}

/** Reads one whole frame, length field included. The body is a slice of `frame`. Throws PocketError PROTOCOL. */
export function decodeFrame(frame: Buffer): RemotingCommand {
  if (frame.length < FRAME_PREFIX_LENGTH) throw new PocketError('PROTOCOL', 'the frame is shorter than its prefix');
  const total = frame.readInt32BE(0);
  const headerLength = frame.readUIntBE(5, 3);
  if (total + 4 !== frame.length || headerLength > total - 4) {
    throw new PocketError('PROTOCOL', `the frame's lengths do not fit: total ${total}, header ${headerLength}`);
  }
  const serializeType = frame.readUInt8(4);
  const headerEnd = FRAME_PREFIX_LENGTH + headerLength;
  const header = decodeCommandHeader(frame, FRAME_PREFIX_LENGTH, headerEnd, serializeType);
  const body = headerEnd === frame.length ? undefined : frame.subarray(headerEnd);
  return { ...header, body, serializeType: serializeType === SERIALIZE_ROCKETMQ ? SERIALIZE_ROCKETMQ : SERIALIZE_JSON };
}
