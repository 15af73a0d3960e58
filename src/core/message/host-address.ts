/**
 * Host addresses as the record holds them: the address (4 or 16 bytes), then the port as int32. IPv6 as Java prints it, in
 * brackets: `[0:0:0:0:0:0:0:1]:10911`. An IPv4 address mapped into IPv6 becomes IPv4, as Java's InetAddress does.
 */
import { PocketError } from '../common/errors.ts';

export const IPV4_HOST_LENGTH = 8;
export const IPV6_HOST_LENGTH = 20;

/** `ip:port` or `[ip]:port` to 8 or 20 bytes. Throws PocketError ILLEGAL_ARGUMENT; host names are not resolved here. */
export function encodeHostAddress(text: string): Buffer {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  let host = text.slice(0, Math.max(colon, 0));
  if (host.startsWith('[') && host.endsWith(']')) host = host.slice(1, -1);
  const zone = host.indexOf('%');
  if (zone >= 0) host = host.slice(0, zone);
  const address = encodeIp(host);
  if (address === undefined || colon === text.length - 1 || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new PocketError('ILLEGAL_ARGUMENT', `'${text}' is no address of the form ip:port`);
  }
  const bytes = Buffer.alloc(address.length + 4);
  bytes.set(address);
  bytes.writeInt32BE(port, address.length);
  return bytes;
}

/** The text of the `length` (8 or 20) bytes at `offset`. */
export function decodeHostAddress(buffer: Buffer, offset: number, length: number): string {
  const port = buffer.readInt32BE(offset + length - 4);
  if (length === IPV4_HOST_LENGTH) {
    return `${buffer[offset]}.${buffer[offset + 1]}.${buffer[offset + 2]}.${buffer[offset + 3]}:${port}`;
  }
  const groups: string[] = [];
  for (let at = offset; at < offset + 16; at += 2) groups.push(buffer.readUInt16BE(at).toString(16));
  return `[${groups.join(':')}]:${port}`;
}

/** 4 or 16 bytes of an IP address in text form; undefined for anything else. */
export function encodeIp(host: string): Buffer | undefined {
  return encodeIpv4(host) ?? encodeIpv6(host);
}

function encodeIpv4(host: string): Buffer | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  return parts.every((part) => part <= 255) ? Buffer.from(parts) : undefined;
}

function encodeIpv6(host: string): Buffer | undefined {
  let text = host;
  const lastColon = text.lastIndexOf(':');
  const tail = encodeIpv4(text.slice(lastColon + 1));
  if (tail !== undefined) {
    text = `${text.slice(0, lastColon + 1)}${tail.readUInt16BE(0).toString(16)}:${tail.readUInt16BE(2).toString(16)}`;
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const first = halves[0] === undefined || halves[0] === '' ? [] : halves[0].split(':');
  const last = halves[1] === undefined || halves[1] === '' ? [] : halves[1].split(':');
  const missing = 8 - first.length - last.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const bytes = Buffer.alloc(16);
  const groups = [...first, ...new Array<string>(missing).fill('0'), ...last];
  for (const [i, group] of groups.entries()) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    bytes.writeUInt16BE(Number.parseInt(group, 16), i * 2);
  }
  const mapped = bytes.readUInt32BE(8) === 0xffff && bytes.subarray(0, 8).every((byte) => byte === 0);
  return mapped ? bytes.subarray(12) : bytes;
}
