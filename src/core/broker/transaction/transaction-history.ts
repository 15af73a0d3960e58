/**
 * What the store knows of a half message from before the broker was started: whether its transaction was committed, and
 * whether a newer copy of it lies in the half queue. Asked of the index, because neither is noted anywhere else when a
 * broker is killed between a commit and its op message, or between putting a copy back and saving the offset. Java asks
 * nobody, and its consumers get such a message twice.
 */
import type { MessageExt } from '../../message/message.ts';
import { decodeMessage } from '../../message/message-codec.ts';
import { Property } from '../../message/properties.ts';
import { SysFlag, transactionType } from '../../message/sys-flag.ts';
import { Topic } from '../../message/topic-validator.ts';
import type { MessageStore } from '../../store/message-store.ts';
import { realQueue } from './half-message.ts';

export interface HalfHistory {
  readonly committed: boolean;
  /** Queue offset of the newest copy, that of the message itself without one. */
  readonly newest: number;
}

/** More records of one unique id than checks can make are not looked through. */
const MAX_RECORDS = 64;
/** Records behind a half message may be a moment older by the clock: it may be set. */
const CLOCK_STEP_MS = 60_000;

/**
 * Without a unique id, and with messageIndexEnable=false, nothing is found. Rejects with PocketError STORE.
 */
export async function historyOf(store: MessageStore, half: MessageExt): Promise<HalfHistory> {
  const key = half.properties[Property.UNIQ_KEY];
  const target = realQueue(half);
  if (key === undefined || target === undefined) return { committed: false, newest: half.queueOffset };
  const begin = half.storeTimestamp - CLOCK_STEP_MS;
  const window = { key, maxNum: MAX_RECORDS, begin, end: Number.MAX_SAFE_INTEGER };
  const [real, copies] = await Promise.all([
    store.queryMessage({ topic: target.topic, ...window }),
    store.queryMessage({ topic: Topic.TRANS_HALF, ...window }),
  ]);
  const same = ({ records }: { records: Buffer[] }): MessageExt[] =>
    records.map((record) => decodeMessage(record, 0, { decompress: false })).filter((other) => isSame(half, other));
  const committed = same(real).some(
    (other) => other.topic === target.topic && transactionType(other.sysFlag) === SysFlag.TRANSACTION_COMMIT,
  );
  const offsets = same(copies)
    .filter(({ topic }) => topic === Topic.TRANS_HALF)
    .map(({ queueOffset }) => queueOffset);
  return { committed, newest: Math.max(half.queueOffset, ...offsets) };
}

/** Whether two records are of one transaction: unique ids alone are the clients' word. */
function isSame(half: MessageExt, other: MessageExt): boolean {
  const names = [Property.UNIQ_KEY, Property.PGROUP, Property.REAL_TOPIC, Property.REAL_QID];
  return (
    names.every((name) => half.properties[name] === other.properties[name]) &&
    half.bornTimestamp === other.bornTimestamp &&
    half.bornHost === other.bornHost &&
    half.bodyCRC === other.bodyCRC
  );
}
