import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameDecoder } from '../../../src/core/remoting/frame-decoder.ts';

/** A frame with `header` bytes of header and `body` bytes of body, filled with `fill`. */
function frame(header: number, body: number, fill: number): Buffer {
  const bytes = Buffer.alloc(8 + header + body, fill);
  bytes.writeInt32BE(4 + header + body, 0);
  bytes.writeInt32BE(header, 4);
  return bytes;
}

function collect(maxFrameLength = 1 << 20): { decoder: FrameDecoder; frames: Buffer[] } {
  const frames: Buffer[] = [];
  const decoder = new FrameDecoder(maxFrameLength, (buffer, start, end) => {
    frames.push(Buffer.from(buffer.subarray(start, end)));
    return true;
  });
  return { decoder, frames };
}

describe('FrameDecoder', () => {
  it('cuts the same frames however the stream is chunked', () => {
    const sizes = fc.array(fc.tuple(fc.nat(300), fc.nat(9000)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (frameSizes, cuts) => {
        const sent = frameSizes.map(([header, body], i) => frame(header, body, i + 1));
        const stream = Buffer.concat(sent);
        const { decoder, frames } = collect();
        // One buffer for all reads, as the shared read buffer: what is kept must have been copied.
        const readBuffer = Buffer.alloc(5000);
        let at = 0;
        for (let i = 0; at < stream.length; i++) {
          const length = Math.min(cuts[i % cuts.length] ?? 1, stream.length - at);
          readBuffer.fill(0xee);
          stream.copy(readBuffer, 0, at, at + length);
          decoder.push(readBuffer, 0, length);
          at += length;
        }
        expect(Buffer.concat(frames).equals(stream)).toBe(true);
        expect(frames.map((one) => one.length)).toEqual(sent.map((one) => one.length));
        expect(decoder.restLength).toBe(0);
      }),
    );
  });

  it('keeps everything behind a frame whose sink returned false, until resume()', () => {
    const frames: number[] = [];
    let goOn = false;
    const decoder = new FrameDecoder(1 << 20, (buffer, start) => {
      frames.push(buffer[start + 8] ?? -1);
      return goOn;
    });
    const stream = Buffer.concat([frame(10, 10, 1), frame(10, 10, 2), frame(10, 9000, 3)]);
    decoder.push(stream, 0, 40);
    decoder.push(stream, 40, stream.length);
    expect(frames).toEqual([1]);
    decoder.resume();
    expect(frames).toEqual([1, 2]);
    goOn = true;
    decoder.resume();
    expect(frames).toEqual([1, 2, 3]);
    expect(decoder.restLength).toBe(0);
  });

  it.each([
    ['a negative length', 'ffffffff00000000'],
    ['a length below the header length field', '0000000300000000'],
    ['a header longer than the frame', '0000000800000009'],
    ['a length over the limit', '0010000000000000'],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n').toString('hex')],
    ['a TLS client hello', '160301020001000100'],
  ])('refuses %s', (_what, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(() => collect(1 << 20).decoder.push(bytes, 0, bytes.length)).toThrow(/is refused/);
    // The same when the length field itself comes in pieces.
    const { decoder } = collect(1 << 20);
    expect(() => {
      for (let i = 0; i < bytes.length; i++) decoder.push(bytes, i, i + 1);
    }).toThrow(/is refused/);
  });

  it('takes a frame of exactly the limit', () => {
    const { decoder, frames } = collect(100);
    const largest = frame(10, 82, 7);
    expect(largest.length).toBe(100);
    decoder.push(largest, 0, 100);
    expect(frames).toHaveLength(1);
  });

  it('allocates for bytes that came, not for bytes that were announced', () => {
    const { decoder } = collect(16 << 20);
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE((16 << 20) - 4, 0);
    const before = process.memoryUsage().arrayBuffers;
    decoder.push(bytes, 0, 8);
    expect(decoder.restLength).toBe(8);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024);
  });
});
