/**
 * `--output json` and `--output yaml`: the typed result of a command as a document. Bytes become UTF-8 text, or base64 where
 * they are none (see MachineBytes); a Map becomes an object. The yaml package is loaded only when asked for.
 */

/** The result as one document with a line end. */
export async function machineText(format: 'json' | 'yaml', result: unknown): Promise<string> {
  const plain = plainOf(result);
  if (format === 'json') return `${JSON.stringify(plain, undefined, 2)}\n`;
  const { stringify } = await import('yaml');
  return stringify(plain);
}

/** Bytes that are no valid UTF-8 read `{base64: "…"}`. */
type MachineBytes = string | { base64: string };

/** The value with what JSON cannot hold replaced. */
export function plainOf(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Buffer.isBuffer(value)) return bytesOf(value);
  if (value instanceof Error) return value.message;
  if (Array.isArray(value)) return value.map(plainOf);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const members = entries.filter(([, entry]) => entry !== undefined);
  // Not by assignment: a message's property may be called __proto__.
  return Object.fromEntries(members.map(([key, entry]) => [String(key), plainOf(entry)]));
}

function bytesOf(bytes: Buffer): MachineBytes {
  const text = bytes.toString('utf8');
  return Buffer.byteLength(text) === bytes.length && Buffer.from(text).equals(bytes)
    ? text
    : { base64: bytes.toString('base64') };
}
