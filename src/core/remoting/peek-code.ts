/** What a request is, without reading its header. */

/** `{"code":` as two big-endian words: how the JSON header of every known client begins. */
const CODE_PREFIX_1 = 0x7b22636f;
const CODE_PREFIX_2 = 0x6465223a;

/** The code of a JSON header that begins with it, or -1. */
export function peekCode(buffer: Buffer, start: number, end: number): number {
  if (
    end - start < 16 ||
    buffer.readInt32BE(start) !== CODE_PREFIX_1 ||
    buffer.readInt32BE(start + 4) !== CODE_PREFIX_2
  ) {
    return -1;
  }
  let code = 0;
  for (let at = start + 8; at < end; at++) {
    const digit = (buffer[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return code;
    code = code * 10 + digit;
  }
  return -1;
}
