/**
 * Compressed bodies: producers compress from 4,096 bytes on, consumers decompress, the broker never looks inside.
 * sysFlag bit 0 says compressed, bits 8 to 10 how: 0 (clients before 4.9.4) and 3 are zlib, 1 LZ4, 2 zstd.
 * Difference from 4.9.7: zstd bodies are read only where Node has zstd (22.15 and later).
 */
import zlib from 'node:zlib';
import { PocketError } from '../common/errors.ts';
import { decompressLz4Frame } from './lz4.ts';
import { SysFlag } from './sys-flag.ts';

const DEFAULT_LEVEL = 5;
/** Bounds what a hostile body can expand to; the wire itself carries no frame above 16 MiB. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;

/** Not in the type declarations of the oldest Node that is supported. */
const { zstdDecompressSync } = zlib as {
  zstdDecompressSync?: (body: Buffer, options: { maxOutputLength: number }) => Buffer;
};

export function isCompressed(sysFlag: number): boolean {
  return (sysFlag & SysFlag.COMPRESSED) !== 0;
}

/** zlib form of a body; the sender adds COMPRESSED and COMPRESSION_ZLIB to sysFlag. */
export function compressBody(body: Buffer, level: number = DEFAULT_LEVEL): Buffer {
  return zlib.deflateSync(body, { level });
}

/** The body as it was sent; returned as it is when sysFlag does not say compressed. Throws PocketError PROTOCOL. */
export function decompressBody(body: Buffer, sysFlag: number): Buffer {
  if (!isCompressed(sysFlag)) return body;
  const type = sysFlag & SysFlag.COMPRESSION_MASK;
  try {
    if (type === 0 || type === SysFlag.COMPRESSION_ZLIB) {
      return zlib.inflateSync(body, { maxOutputLength: MAX_BODY_BYTES });
    }
    if (type === SysFlag.COMPRESSION_LZ4) return decompressLz4Frame(body, { maxOutputLength: MAX_BODY_BYTES });
    if (type === SysFlag.COMPRESSION_ZSTD && zstdDecompressSync !== undefined) {
      return zstdDecompressSync(body, { maxOutputLength: MAX_BODY_BYTES });
    }
  } catch (cause) {
    throw new PocketError('PROTOCOL', 'a compressed message body cannot be read', { cause });
  }
  throw new PocketError('PROTOCOL', `a message body is compressed in a way (${type >> 8}) that cannot be read here`);
}
