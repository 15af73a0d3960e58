/**
 * Everything a broker of either kind serves of some topics, in bytes: each queue's range and records, and what the index has
 * for keys. Two brokers that open the same store must give the same.
 */

import { createConnection, type Socket } from 'node:net';
import { decodeFrame, encodeFrame, splitAddr, type WireAnswer, type WireRequest } from './wire.ts';

const PULL_MESSAGE = 11;
const QUERY_MESSAGE = 12;
const GET_MAX_OFFSET = 30;
const GET_MIN_OFFSET = 31;
const TOPIC_NOT_EXIST = 17;
/** The request brings its subscription. */
const SUBSCRIPTION = 4;
const ANSWER_LIMIT_MS = 20_000;

export interface StoreSnapshot {
  /** `topic/queueId` -> `min max`, and each record in hex. */
  readonly queues: Readonly<Record<string, { readonly range: string; readonly records: readonly string[] }>>;
  /** `topic key` -> the records found, in hex, in the order of their places. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

export interface SnapshotOf {
  /** Topic -> number of its queues. */
  readonly topics: Readonly<Record<string, number>>;
  readonly keys: readonly { readonly topic: string; readonly key: string }[];
}

export async function storeSnapshot(brokerAddr: string, { topics, keys }: SnapshotOf): Promise<StoreSnapshot> {
  const line = await Line.open(brokerAddr);
  try {
    const snapshot = {
      queues: {} as Record<string, StoreSnapshot['queues'][string]>,
      keys: {} as Record<string, string[]>,
    };
    for (const [topic, count] of Object.entries(topics)) {
      for (let queueId = 0; queueId < count; queueId++) {
        snapshot.queues[`${topic}/${queueId}`] = await queueOf(line, topic, queueId);
      }
    }
    for (const { topic, key } of keys) snapshot.keys[`${topic} ${key}`] = await recordsOfKey(line, topic, key);
    return snapshot;
  } finally {
    line.close();
  }
}

/** Where two snapshots of the same differ, a line each; empty when they are equal. */
export function differences(before: StoreSnapshot, after: StoreSnapshot): string[] {
  const lines: string[] = [];
  const compare = (what: string, left: readonly string[], right: readonly string[]): void => {
    const at = Array.from({ length: Math.max(left.length, right.length) }).findIndex((_, i) => left[i] !== right[i]);
    if (at >= 0) lines.push(`${what}: ${left.length} and ${right.length}; ${at}: ${left[at]} and ${right[at]}`);
  };
  for (const [queue, { range, records }] of Object.entries(before.queues)) {
    compare(`range of ${queue}`, [range], [after.queues[queue]?.range ?? '']);
    compare(queue, records, after.queues[queue]?.records ?? []);
  }
  for (const [key, records] of Object.entries(before.keys)) compare(key, records, after.keys[key] ?? []);
  return lines;
}

async function queueOf(line: Line, topic: string, queueId: number): Promise<StoreSnapshot['queues'][string]> {
  const place = { topic, queueId: String(queueId) };
  const max = Number((await line.ask({ code: GET_MAX_OFFSET, extFields: place })).extFields.offset);
  const min = Number((await line.ask({ code: GET_MIN_OFFSET, extFields: place })).extFields.offset);
  const records: string[] = [];
  for (let next = min; next < max; ) {
    const answer = await line.ask({
      code: PULL_MESSAGE,
      extFields: {
        ...{ ...place, consumerGroup: 'GID_snapshot', queueOffset: String(next), maxMsgNums: '32' },
        ...{ sysFlag: String(SUBSCRIPTION), commitOffset: '0', suspendTimeoutMillis: '0' },
        ...{ subscription: '*', subVersion: '0', expressionType: 'TAG' },
      },
    });
    // A topic that no broker serves, such as that of the ends of transactions: its range has to do.
    if (answer.code === TOPIC_NOT_EXIST) return { range: `${min} ${max}`, records: [`code ${answer.code}`] };
    const nextBegin = Number(answer.extFields.nextBeginOffset);
    if (answer.code !== 0 || nextBegin <= next) {
      throw new Error(`${topic}/${queueId} at ${next} of ${max}: code ${answer.code} ${answer.remark}`);
    }
    records.push(...recordsIn(answer.body));
    next = nextBegin;
  }
  return { range: `${min} ${max}`, records };
}

async function recordsOfKey(line: Line, topic: string, key: string): Promise<string[]> {
  const times = { beginTimestamp: '0', endTimestamp: String(Number.MAX_SAFE_INTEGER) };
  const answer = await line.ask({ code: QUERY_MESSAGE, extFields: { topic, key, maxNum: '64', ...times } });
  return recordsIn(answer.body).sort();
}

/** Each record begins with its size. */
function recordsIn(body: Buffer): string[] {
  const records: string[] = [];
  for (let at = 0; at < body.length; at += body.readInt32BE(at)) {
    records.push(body.toString('hex', at, at + body.readInt32BE(at)));
  }
  return records;
}

/** A connection for one question after the other. */
class Line {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #waiting: ((answer: WireAnswer | Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error('no answer came')));
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the broker closed the connection')));
  }

  static open(addr: string): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(splitAddr(addr));
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Line(socket)));
    });
  }

  /** One at a time: the brokers have several threads. */
  ask(request: WireRequest): Promise<WireAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = (answer) => (answer instanceof Error ? reject(answer) : resolve(answer));
      this.#socket.write(encodeFrame(request, 1));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    if (this.#received.length < 4 || this.#received.length < 4 + this.#received.readInt32BE(0)) return;
    const frame = this.#received.subarray(0, 4 + this.#received.readInt32BE(0));
    this.#received = this.#received.subarray(frame.length);
    this.#waiting?.(decodeFrame(frame));
  }

  #fail(error: Error): void {
    this.#waiting?.(error);
  }
}
