/**
 * Both header codecs, the frame decoder and every decoder of a body, with mutated frames: the only error that may come out
 * is PocketError PROTOCOL, and nothing grows beyond what has come in. HOSTILE_SEED runs another seed; the one used stands in
 * the name of each test.
 */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PocketError } from '../../src/core/common/errors.ts';
import { decodeRegisterBrokerBody } from '../../src/core/protocol/bodies/register-broker-body.ts';
import { decodeHeader } from '../../src/core/protocol/schema.ts';
import { FrameDecoder } from '../../src/core/remoting/frame-decoder.ts';
import { decodeCommandHeader, decodeFrame, MAX_FRAME_LENGTH } from '../../src/core/remoting/remoting-command.ts';
import { schemaByCode } from '../support/request-schemas.ts';
import { Mutator } from './mutations.ts';
import { Random } from './random.ts';

const seed = Number(process.env.HOSTILE_SEED ?? 20_261_127);
const FRAMES = 6000;

type Decode = (body: Buffer) => unknown;

const folder = new URL('../../src/core/protocol/bodies/', import.meta.url);
const bodyDecoders: readonly (readonly [string, Decode])[] = (
  await Promise.all(
    readdirSync(folder).map(async (file) => {
      const module: Record<string, unknown> = await import(new URL(file, folder).href);
      return Object.entries(module).filter(([name]) => /^decode[A-Z]/.test(name));
    }),
  )
)
  .flat()
  .filter(([name]) => name !== 'decodeRegisterBrokerBody')
  .map(([name, decode]) => [name, decode as Decode] as const);

const bodies: readonly Buffer[] = mutatedBodies();

function mutatedBodies(): Buffer[] {
  const mutator = new Mutator(seed, [...schemaByCode.keys()]);
  return Array.from({ length: FRAMES / 3 }, () => {
    const { bytes } = mutator.next();
    return bytes.subarray(Math.min(bytes.length, 8 + (bytes.length >= 8 ? bytes.readUIntBE(5, 3) : 0)));
  });
}

/** What `decode` throws when that is not the error it may throw. */
function wrongError(decode: () => unknown): unknown {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof PocketError && error.code === 'PROTOCOL')) return error;
  }
  return undefined;
}

function check(what: string, index: number, frame: Buffer, decode: () => unknown): void {
  const error = wrongError(decode);
  if (error === undefined) return;
  const bytes = frame.toString('latin1', 0, 600);
  throw new Error(`${what}, seed ${seed}, frame ${index}: ${bytes}`, { cause: error });
}

describe(`with the seed ${seed}`, () => {
  it('frames, headers and the fields of every request fail with the one error, or not at all', () => {
    const mutator = new Mutator(seed, [...schemaByCode.keys()]);
    for (let index = 0; index < FRAMES; index++) {
      const { bytes } = mutator.next();
      check('a frame', index, bytes, () => {
        const { code, extFields } = decodeFrame(bytes);
        const schema = schemaByCode.get(code);
        if (schema !== undefined) decodeHeader(schema.request, extFields);
      });
    }
  });

  it.each(bodyDecoders)('%s fails with the one error, or not at all', (what, decode) => {
    for (const [index, body] of bodies.entries()) check(what, index, body, () => decode(body));
  });

  it('decodeRegisterBrokerBody, compressed or not, fails with the one error, or not at all', () => {
    for (const [index, body] of bodies.entries()) {
      for (const compressed of [true, false]) {
        check('a registration', index, body, () =>
          decodeRegisterBrokerBody(body, { compressed, version: index % 500 }),
        );
      }
    }
  });

  it('a stream in any pieces gives the same frames, and keeps no more than has come in', () => {
    const random = new Random(seed);
    const mutator = new Mutator(seed, [...schemaByCode.keys()]);
    for (let round = 0; round < 300; round++) {
      const stream = Buffer.concat(Array.from({ length: 1 + random.below(8) }, () => mutator.next().bytes));
      const outcome = (pieceLength: () => number): unknown => {
        const frames: string[] = [];
        const decoder = new FrameDecoder(MAX_FRAME_LENGTH, (buffer, start, end) => {
          frames.push(buffer.toString('latin1', start, end));
          return true;
        });
        for (let at = 0; at < stream.length; ) {
          const end = Math.min(stream.length, at + pieceLength());
          try {
            decoder.push(stream, at, end);
          } catch (error) {
            expect(error).toMatchObject({ code: 'PROTOCOL' });
            return [...frames, 'refused'];
          }
          at = end;
          expect(decoder.heldBytes).toBeLessThanOrEqual(Math.max(4096, 4 * at));
        }
        return frames;
      };
      const whole = outcome(() => stream.length);
      const pieces = outcome(() => 1 + random.below(random.chance(50) ? 7 : 3000));
      if (JSON.stringify(whole) !== JSON.stringify(pieces)) throw new Error(`seed ${seed}, round ${round}`);
    }
  });
});

/** What becomes of a header that lies between other bytes, as it does in the read buffer. */
function headerAmid(header: Buffer, serializeType: number, around: number): string {
  const buffer = Buffer.concat([Buffer.alloc(50, around), header, Buffer.alloc(500, around)]);
  try {
    return JSON.stringify(decodeCommandHeader(buffer, 50, 50 + header.length, serializeType));
  } catch (error) {
    return error instanceof PocketError && error.code === 'PROTOCOL' ? 'refused' : String(error);
  }
}

it('a header is read from its own bytes alone', () => {
  const mutator = new Mutator(seed, [...schemaByCode.keys()]);
  let binary = 0;
  for (let index = 0; index < FRAMES; index++) {
    const { bytes } = mutator.next();
    const headerEnd = bytes.length < 8 ? 0 : 8 + bytes.readUIntBE(5, 3);
    if (headerEnd < 8 || headerEnd > bytes.length) continue;
    const header = bytes.subarray(8, headerEnd);
    const [serializeType = 0] = bytes.subarray(4);
    if (serializeType === 1) binary++;
    const amid = [0x41, 0].map((around) => headerAmid(header, serializeType, around));
    if (amid[0] !== amid[1]) throw new Error(`seed ${seed}, frame ${index}: ${amid.join('\n').slice(0, 2000)}`);
  }
  expect(binary).toBeGreaterThan(FRAMES / 20);
});

it('any bytes are a header of either serialization or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(0, 1, 2, 255), (bytes, serializeType) => {
      const buffer = Buffer.from(bytes);
      return wrongError(() => decodeCommandHeader(buffer, 0, buffer.length, serializeType)) === undefined;
    }),
    { seed, numRuns: 20_000 },
  );
});

it('any JSON is a header or refused', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.jsonValue({ maxDepth: 4 }), (text, extFields) => {
      const whole = Buffer.from(text);
      const fields = Buffer.from(JSON.stringify({ code: 34, extFields }));
      return [whole, fields].every(
        (bytes) => wrongError(() => decodeCommandHeader(bytes, 0, bytes.length, 0)) === undefined,
      );
    }),
    { seed, numRuns: 5000 },
  );
});
