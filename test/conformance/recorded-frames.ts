/**
 * The recorded frames of real clients, namesrv and broker 4.9.7 (frames.jsonl: one JSON object a line with the frame in
 * hex), each read here a second time with nothing but JSON.parse and Buffer, to compare our codecs with.
 */

import { readFileSync } from 'node:fs';

/** The header as it stands in the frame; language as text or number, extFields as texts. */
export interface PlainHeader {
  code: number;
  flag: number;
  opaque: number;
  version: number;
  language: string | number | undefined;
  remark: string | undefined;
  extFields: Record<string, string> | undefined;
}

export interface RecordedFrame {
  /** Line of frames.jsonl, from 1. */
  readonly line: number;
  /** Request code, or that of the request this frame answers. */
  readonly request: number;
  /** undefined for a request. */
  readonly response: number | undefined;
  readonly from: 'client' | 'namesrv' | 'broker';
  readonly serialize: string;
  readonly frame: Buffer;
  readonly header: PlainHeader;
  readonly body: Buffer | undefined;
}

interface Line {
  request: number;
  response: number | null;
  from: 'client' | 'namesrv' | 'broker';
  serialize: string;
  frame: string;
}

export const recordedFrames: readonly RecordedFrame[] = readFileSync(new URL('frames.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((text, index) => recordedFrame(JSON.parse(text) as Line, index + 1));

function recordedFrame({ request, response, from, serialize, frame: hex }: Line, line: number): RecordedFrame {
  const frame = Buffer.from(hex, 'hex');
  const headerEnd = 8 + frame.readUIntBE(5, 3);
  const header = frame.subarray(8, headerEnd);
  return {
    line,
    request,
    response: response ?? undefined,
    from,
    serialize,
    frame,
    header: frame[4] === 0 ? plainJsonHeader(header) : plainBinaryHeader(header),
    body: headerEnd === frame.length ? undefined : frame.subarray(headerEnd),
  };
}

function plainJsonHeader(header: Buffer): PlainHeader {
  const { code, flag, opaque, version, language, remark, extFields } = JSON.parse(header.toString());
  return {
    code,
    flag,
    opaque,
    version,
    language,
    remark: remark ?? undefined,
    extFields:
      extFields === undefined || extFields === null
        ? undefined
        : Object.fromEntries(Object.entries(extFields).map(([name, value]) => [name, String(value)])),
  };
}

function plainBinaryHeader(header: Buffer): PlainHeader {
  let at = 13;
  const text = (lengthBytes: number): string => {
    const length = header.readIntBE(at, lengthBytes);
    at += lengthBytes + length;
    return header.toString('utf8', at - length, at);
  };
  const remark = text(4);
  const end = at + 4 + header.readInt32BE(at);
  at += 4;
  const extFields: Record<string, string> = {};
  while (at < end) {
    const name = text(2);
    extFields[name] = text(4);
  }
  return {
    code: header.readInt16BE(0),
    language: header.readUInt8(2),
    version: header.readInt16BE(3),
    opaque: header.readInt32BE(5),
    flag: header.readInt32BE(9),
    remark: remark === '' ? undefined : remark,
    extFields: Object.keys(extFields).length === 0 ? undefined : extFields,
  };
}
