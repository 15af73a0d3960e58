/**
 * What a broker owes to those it has acknowledged messages to: each is at its place, whole, once, and behind what the same
 * sender had acknowledged before in that queue.
 */

/** A message somebody was told SEND_OK for. */
export interface Ack {
  readonly sender: number;
  /** The sender's messages in the order it sent them; it sends the next when the last was answered. */
  readonly number: number;
  readonly msgId: string;
  readonly offsetMsgId: string;
  readonly queueId: number;
  readonly queueOffset: number;
  /** CRC-32 of the body that was sent. */
  readonly crc: number;
}

/** A message as a reader got it. */
export interface Found {
  readonly queueId: number;
  readonly queueOffset: number;
  readonly msgId: string;
  readonly offsetMsgId: string;
  readonly key: string;
  /** CRC-32 of the body that came. */
  readonly crc: number;
}

export interface Verdict {
  readonly acknowledged: number;
  /** Of these, at their place, with their ids and body. */
  readonly found: number;
  /** Nowhere. */
  readonly lost: number;
  /** Messages, acknowledged or not, that are there more than once. */
  readonly doubled: number;
  /** There, but elsewhere, with another body, or under another id. */
  readonly altered: number;
  /** In another order than their sender sent them, or a queue that is not numbered without a gap. */
  readonly disordered: number;
  /** The first of all these, in words. */
  readonly faults: readonly string[];
}

const SHOWN = 10;

/** Compares what was acknowledged with what `found` has, which is each queue from some offset on, in its order. */
export function judge(acks: readonly Ack[], found: readonly Found[]): Verdict {
  const faults: string[] = [];
  const fault = (text: string): number => {
    if (faults.length < SHOWN) faults.push(text);
    return 1;
  };
  const byId = new Map<string, Found>();
  const counts = { found: 0, lost: 0, doubled: 0, altered: 0, disordered: 0 };
  const next = new Map<number, number>();
  for (const message of found) {
    const { queueId, queueOffset, msgId, key } = message;
    if (byId.has(msgId)) counts.doubled += fault(`${key} is there twice, at ${placeOf(message)} the second time`);
    else byId.set(msgId, message);
    const due = next.get(queueId) ?? queueOffset;
    if (queueOffset !== due) counts.disordered += fault(`${placeOf(message)} follows ${queueId}/${due - 1}`);
    next.set(queueId, queueOffset + 1);
  }
  for (const ack of acks) {
    const message = byId.get(ack.msgId);
    const name = `${ack.sender}-${ack.number}`;
    if (message === undefined) counts.lost += fault(`${name}, acknowledged at ${placeOf(ack)}, is lost`);
    else if (describe(message, message.key) !== describe(ack, name))
      counts.altered += fault(`${describe(ack, name)} was acknowledged, ${describe(message, message.key)} is there`);
    else counts.found++;
  }
  for (const text of outOfOrder(found)) counts.disordered += fault(text);
  return { acknowledged: acks.length, ...counts, faults };
}

/** The sender of a message waited for the answer before it sent the next: its numbers rise in each queue. */
function outOfOrder(found: readonly Found[]): string[] {
  const highest = new Map<string, number>();
  const texts: string[] = [];
  for (const { queueId, key } of found) {
    const [sender, number] = key.split('-');
    const line = `${queueId} ${sender}`;
    const before = highest.get(line) ?? -1;
    if (Number(number) < before) texts.push(`${key} comes behind ${sender}-${before} in queue ${queueId}`);
    highest.set(line, Math.max(before, Number(number)));
  }
  return texts;
}

const placeOf = ({ queueId, queueOffset }: { queueId: number; queueOffset: number }): string =>
  `${queueId}/${queueOffset}`;

const describe = (one: Omit<Found, 'key'>, name: string): string =>
  `${name} at ${placeOf(one)} (${one.msgId}, ${one.offsetMsgId}, CRC ${one.crc})`;
