/**
 * The two ids of a message. The offset message id says where a record lies: store host and commitlog offset in upper-case
 * hex (32 characters, 56 with IPv6), from MessageDecoder.createMessageId. The unique id is made by the producer: address,
 * pid, a random int, milliseconds since the month began, a counter, from MessageClientIDSetter; it is kept in UNIQ_KEY.
 */
import type { Clock } from '../common/clock.ts';
import { PocketError } from '../common/errors.ts';
import { decodeHostAddress, encodeIp, IPV4_HOST_LENGTH, IPV6_HOST_LENGTH } from './host-address.ts';
import { readInt64, writeInt64 } from './int64.ts';

const MAX_PORT = 65_535;
const scratch = Buffer.alloc(IPV6_HOST_LENGTH + 8);

/** `storeHost`: 8 or 20 bytes. */
export function encodeOffsetMsgId(storeHost: Buffer, physicOffset: number): string {
  storeHost.copy(scratch);
  writeInt64(scratch, physicOffset, storeHost.length);
  return scratch.toString('hex', 0, storeHost.length + 8).toUpperCase();
}

/** The ids of a batch's records, joined by commas. */
export function encodeOffsetMsgIds(storeHost: Buffer, physicOffsets: readonly number[]): string {
  const host = storeHost.toString('hex').toUpperCase();
  let ids = '';
  for (const physicOffset of physicOffsets) {
    if (ids !== '') ids += ',';
    ids += host + physicOffset.toString(16).toUpperCase().padStart(16, '0');
  }
  return ids;
}

/** Throws PocketError ILLEGAL_ARGUMENT for a text that is no offset message id. */
export function decodeOffsetMsgId(msgId: string): { storeHost: string; physicOffset: number } {
  const hostLength = msgId.length === 32 ? IPV4_HOST_LENGTH : IPV6_HOST_LENGTH;
  const bytes = Buffer.from(/^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{56})$/.test(msgId) ? msgId : '', 'hex');
  // A unique id has the same form; a random number stands where an address has its port.
  if (bytes.length === 0 || bytes.readUInt32BE(hostLength - 4) > MAX_PORT) {
    throw new PocketError('ILLEGAL_ARGUMENT', `'${msgId}' is no offset message id`);
  }
  return { storeHost: decodeHostAddress(bytes, 0, hostLength), physicOffset: readInt64(bytes, hostLength) };
}

/**
 * When a unique id was made, in ms: it holds the time since the month began, so the answer is right for ids of the last month.
 * `now` in ms. Undefined for a text that is no unique id. Mirrors getNearlyTimeFromID.
 */
export function nearlyTimeOfUniqId(msgId: string, now: number): number | undefined {
  if (!/^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{56})$/.test(msgId)) return undefined;
  const sinceMonthStart = Buffer.from(msgId, 'hex').readUInt32BE(msgId.length / 2 - 6);
  const date = new Date(now);
  const time = new Date(date.getFullYear(), date.getMonth(), 1).getTime() + sinceMonthStart;
  if (time < now) return time;
  return new Date(date.getFullYear(), date.getMonth() - 1, 1).getTime() + sinceMonthStart;
}

export interface UniqIdOptions {
  pid: number;
  /** The address of this machine in text form; another text counts as none and four bytes of the time are used. */
  ip: string;
  clock: Clock;
  /** [0, 1), as Math.random. */
  random: () => number;
}

/** A function that returns a new id at each call. */
export function createUniqIdGenerator(options: UniqIdOptions): () => string {
  const { clock } = options;
  const address = encodeIp(options.ip) ?? lowFourBytes(clock.now());
  const bytes = Buffer.alloc(address.length + 12);
  const prefixLength = address.length + 6;
  bytes.set(address);
  bytes.writeUInt16BE(options.pid & 0xffff, address.length);
  bytes.writeUInt32BE(Math.floor(options.random() * 4294967296), address.length + 2);
  const prefix = bytes.toString('hex', 0, prefixLength).toUpperCase();
  let monthStart = 0;
  let nextMonthStart = 0;
  let counter = 0;
  return () => {
    const now = clock.now();
    if (now >= nextMonthStart) {
      const date = new Date(now);
      monthStart = new Date(date.getFullYear(), date.getMonth(), 1).getTime();
      nextMonthStart = new Date(date.getFullYear(), date.getMonth() + 1, 1).getTime();
    }
    let sinceMonthStart = now - monthStart;
    // A clock that was put back over the month's start by less than 1,000 s: Java writes 0 rather than a negative number.
    if (sinceMonthStart < 0 && sinceMonthStart > -1_000_000) sinceMonthStart = 0;
    bytes.writeInt32BE(sinceMonthStart | 0, prefixLength);
    bytes.writeUInt16BE(counter, prefixLength + 4);
    counter = (counter + 1) & 0xffff;
    return prefix + bytes.toString('hex', prefixLength).toUpperCase();
  };
}

function lowFourBytes(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(milliseconds % 4294967296);
  return bytes;
}
