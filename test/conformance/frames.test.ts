/** Every recorded frame of real peers through our codecs: header serializations and the declared request headers. */

import { describe, expect, it } from 'vitest';
import { decodeSendMessageHeader } from '../../src/core/protocol/requests/send-message-v2.ts';
import { decodeHeader, encodeHeader, type RequestSchema } from '../../src/core/protocol/schema.ts';
import {
  decodeFrame,
  encodeFrame,
  SERIALIZE_JSON,
  SERIALIZE_ROCKETMQ,
} from '../../src/core/remoting/remoting-command.ts';
import { schemaByCode } from '../support/request-schemas.ts';
import { type RecordedFrame, recordedFrames } from './recorded-frames.ts';

const requests = recordedFrames.filter((frame) => frame.response === undefined);

/** Requests recorded with a broken header on purpose: line of frames.jsonl to our error. */
const brokenHeaders = new Map([
  [6, 'the request header lacks the field producerGroup'],
  [90, 'the request header lacks the field topic'],
  [151, 'the request header lacks the field offset'],
  [410, 'the request header field g is not a number: 1795390748}63'],
]);

/** Fields that no header class declares: signing, what 4.9 clients add after it, and one sent to be ignored. */
const undeclaredFields = new Set([
  'AccessKey',
  'Signature',
  'OnsChannel',
  'ReqT',
  '_UNIQUE_KEY_QUERY',
  'MSG_REGION',
  'TRACE_ON',
  'x',
]);

function schemaOf(frame: RecordedFrame): RequestSchema {
  const schema = schemaByCode.get(frame.request);
  if (schema === undefined) throw new Error(`line ${frame.line}: request ${frame.request} is not declared`);
  return schema;
}

/** The fields of extFields that the schema declares, booleans in Java's spelling (the C++ client writes 0 for false). */
function declaredFields(fields: RequestSchema['request'], extFields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(extFields)
      .filter(([name]) => name in fields)
      .map(([name, text]) => [name, fields[name]?.type === 'boolean' && text === '0' ? 'false' : text]),
  );
}

describe('recorded frames', () => {
  it('are all there', () => {
    expect(recordedFrames).toHaveLength(463);
    expect(requests).toHaveLength(247);
    expect(new Set(recordedFrames.map((frame) => frame.serialize))).toEqual(new Set(['JSON', 'ROCKETMQ']));
  });

  it('decode to what an independent reading finds', () => {
    for (const { line, frame, header, body, serialize } of recordedFrames) {
      const command = decodeFrame(frame);
      expect(
        {
          code: command.code,
          flag: command.flag,
          opaque: command.opaque,
          version: command.version,
          remark: command.remark || undefined,
          extFields: command.extFields,
          body: command.body,
          serializeType: command.serializeType,
        },
        `line ${line}`,
      ).toEqual({
        code: header.code,
        flag: header.flag,
        opaque: header.opaque,
        version: header.version,
        remark: header.remark || undefined,
        extFields: header.extFields,
        body,
        serializeType: serialize === 'JSON' ? 0 : 1,
      });
    }
  });

  it('name the language of their sender', () => {
    const languages = new Map([
      [0, 'JAVA'],
      [1, 'CPP'],
      [9, 'GO'],
    ]);
    for (const { line, frame, header } of recordedFrames) {
      const { language } = header;
      const name = typeof language === 'number' ? languages.get(language) : (language ?? 'JAVA');
      expect(decodeFrame(frame).language, `line ${line}`).toBe(name);
    }
  });

  it('encode again to the same content in JSON', () => {
    for (const { line, frame } of recordedFrames) {
      const command = decodeFrame(frame);
      const again = decodeFrame(encodeFrame({ ...command, serializeType: SERIALIZE_JSON }));
      expect(again, `line ${line}`).toEqual({ ...command, serializeType: SERIALIZE_JSON });
    }
  });

  it('encode again to the same content in binary, but for empty texts, which it cannot tell from absent ones', () => {
    for (const { line, frame } of recordedFrames) {
      const command = decodeFrame(frame);
      const again = decodeFrame(encodeFrame({ ...command, serializeType: SERIALIZE_ROCKETMQ }));
      expect(again, `line ${line}`).toEqual({
        ...command,
        remark: command.remark || undefined,
        extFields: withoutEmptyTexts(command.extFields),
        serializeType: SERIALIZE_ROCKETMQ,
      });
    }
  });

  it('of the servers encode to the text Java wrote', () => {
    const answers = recordedFrames.filter(({ from, serialize }) => from !== 'client' && serialize === 'JSON');
    expect(answers.length).toBeGreaterThan(150);
    for (const { line, frame } of answers) {
      const written = encodeFrame(decodeFrame(frame));
      expect(sortedExtFields(written), `line ${line}`).toBe(sortedExtFields(frame));
    }
  });
});

function withoutEmptyTexts(extFields: Record<string, string> | undefined): Record<string, string> | undefined {
  const filled = Object.entries(extFields ?? {}).filter(([, text]) => text !== '');
  return Object.keys(extFields ?? {}).length === 0 ? undefined : Object.fromEntries(filled);
}

/** The header's text with the extFields, which Java writes in hash order, sorted; everything else as it is. */
function sortedExtFields(frame: Buffer): string {
  const text = frame.toString('utf8', 8, 8 + frame.readUIntBE(5, 3));
  return text.replace(/"extFields":(\{.*?\})(?=,"flag")/, (_, extFields: string) =>
    JSON.stringify(Object.entries(JSON.parse(extFields)).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
}

describe('headers of recorded requests', () => {
  it('decode with the declared schema, those broken on purpose with the error that says why', () => {
    for (const frame of requests) {
      const decode = (): unknown => decodeHeader(schemaOf(frame).request, frame.header.extFields);
      const message = brokenHeaders.get(frame.line);
      if (message === undefined) expect(decode, `line ${frame.line}`).not.toThrow();
      else expect(decode, `line ${frame.line}`).toThrow(message);
    }
  });

  it('come back with every declared field unchanged', () => {
    for (const frame of requests.filter(({ line }) => !brokenHeaders.has(line))) {
      const { request } = schemaOf(frame);
      const { extFields = {} } = frame.header;
      const again = encodeHeader(request, decodeHeader(request, extFields));
      expect(again, `line ${frame.line}`).toEqual(declaredFields(request, extFields));
    }
  });

  it('have no field that is neither declared nor known to be extra', () => {
    for (const frame of requests) {
      const { request } = schemaOf(frame);
      const unknown = Object.keys(frame.header.extFields ?? {}).filter(
        (name) => !(name in request) && !undeclaredFields.has(name),
      );
      expect(unknown, `line ${frame.line}`).toEqual([]);
    }
  });

  it('of sends read the same whichever spelling they have', () => {
    const sends = requests.filter(
      ({ line, request }) => [10, 310, 320, 324, 325].includes(request) && !brokenHeaders.has(line),
    );
    expect(sends.length).toBeGreaterThan(15);
    for (const { line, header } of sends) {
      const { extFields = {} } = header;
      const read = decodeSendMessageHeader(extFields);
      expect(read.topic, `line ${line}`).toBe(extFields.b ?? extFields.topic);
      expect(read.bornTimestamp, `line ${line}`).toBe(Number(extFields.g ?? extFields.bornTimestamp));
      expect(read.properties, `line ${line}`).toBe(extFields.i ?? extFields.properties);
      expect(read.batch, `line ${line}`).toBe((extFields.m ?? extFields.batch) === 'true');
    }
  });
});

describe('headers of recorded answers', () => {
  it('of success decode with the declared schema and come back unchanged', () => {
    const successes = recordedFrames.filter(({ response }) => response === 0);
    expect(successes.length).toBeGreaterThan(100);
    for (const frame of successes) {
      const { response } = schemaOf(frame);
      const { extFields = {} } = frame.header;
      const again = encodeHeader(response, decodeHeader(response, extFields));
      expect(again, `line ${frame.line}`).toEqual(declaredFields(response, extFields));
    }
  });

  it('have no field that is neither declared nor known to be extra', () => {
    for (const frame of recordedFrames.filter(({ response }) => response !== undefined)) {
      const { response } = schemaOf(frame);
      const unknown = Object.keys(frame.header.extFields ?? {}).filter(
        (name) => !(name in response) && !undeclaredFields.has(name),
      );
      expect(unknown, `line ${frame.line}`).toEqual([]);
    }
  });
});
