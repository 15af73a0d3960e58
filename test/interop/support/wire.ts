/**
 * The least RocketMQ wire there is, written apart from src/ on purpose: the tests' and the benchmark's own view of
 * a server must not share a mistake with it.
 *
 * Frame: int32 total (without itself), byte serialize type (0 = JSON), 24 bit header length, header, body.
 */
import { createConnection } from 'node:net';
import { pollUntil } from './process.ts';

export interface WireAnswer {
  readonly code: number;
  readonly opaque: number;
  readonly remark: string;
  readonly extFields: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WireRequest {
  readonly code: number;
  readonly extFields?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** One frame with a JSON header as the Java client 4.9.7 writes it. */
export function encodeFrame(request: WireRequest, opaque: number): Buffer {
  const header = Buffer.from(
    JSON.stringify({
      code: request.code,
      extFields: request.extFields ?? {},
      flag: 0,
      language: 'JAVA',
      opaque,
      serializeTypeCurrentRPC: 'JSON',
      version: 407,
    }),
  );
  const body = request.body ?? Buffer.alloc(0);
  const frame = Buffer.allocUnsafe(8 + header.length + body.length);
  frame.writeInt32BE(4 + header.length + body.length, 0);
  frame.writeInt32BE(header.length, 4);
  header.copy(frame, 8);
  body.copy(frame, 8 + header.length);
  return frame;
}

export function decodeFrame(frame: Buffer): WireAnswer {
  const headerLength = frame.readUIntBE(5, 3);
  const header = JSON.parse(frame.toString('utf8', 8, 8 + headerLength)) as {
    code: number;
    opaque: number;
    remark?: string;
    extFields?: Record<string, string>;
  };
  return {
    code: header.code,
    opaque: header.opaque,
    remark: header.remark ?? '',
    extFields: header.extFields ?? {},
    body: frame.subarray(8 + headerLength),
  };
}

/** Sends one request on a connection of its own and waits for its answer. */
export function requestOnce(addr: string, request: WireRequest, timeoutMs = 3000): Promise<WireAnswer> {
  const { host, port } = splitAddr(addr);
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port });
    let received = Buffer.alloc(0);
    const finish = (outcome: () => void): void => {
      socket.destroy();
      outcome();
    };
    socket.setTimeout(timeoutMs, () => finish(() => reject(new Error(`${addr} gave no answer in ${timeoutMs} ms`))));
    socket.once('error', (error) => finish(() => reject(error)));
    socket.once('end', () => finish(() => reject(new Error(`${addr} closed the connection`))));
    socket.once('connect', () => socket.write(encodeFrame(request, 1)));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      const frame = received.subarray(0, 4 + received.readInt32BE(0));
      finish(() => resolve(decodeFrame(frame)));
    });
  });
}

/** True when the name server lists this broker address. */
export async function brokerRegistered(namesrvAddr: string, brokerAddr: string): Promise<boolean> {
  const GET_BROKER_CLUSTER_INFO = 106;
  try {
    const answer = await requestOnce(namesrvAddr, { code: GET_BROKER_CLUSTER_INFO });
    return answer.code === 0 && answer.body.toString().includes(`"${brokerAddr}"`);
  } catch {
    return false;
  }
}

/** True when the name server knows the topic. */
export async function topicListed(namesrvAddr: string, topic: string): Promise<boolean> {
  const GET_ROUTEINFO_BY_TOPIC = 105;
  const answer = await requestOnce(namesrvAddr, { code: GET_ROUTEINFO_BY_TOPIC, extFields: { topic } });
  return answer.code === 0;
}

/** Makes a topic by asking the broker itself, so that both kinds of cluster are set up alike. */
export async function createTopic(cluster: {
  readonly namesrvAddr: string;
  readonly brokerAddr: string;
  readonly topic: string;
  readonly queues: number;
}): Promise<void> {
  const UPDATE_AND_CREATE_TOPIC = 17;
  const extFields = {
    defaultTopic: 'TBW102',
    order: 'false',
    perm: '6',
    readQueueNums: String(cluster.queues),
    topic: cluster.topic,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: '0',
    writeQueueNums: String(cluster.queues),
  };
  const answer = await requestOnce(cluster.brokerAddr, { code: UPDATE_AND_CREATE_TOPIC, extFields });
  if (answer.code !== 0) throw new Error(`topic ${cluster.topic}: code ${answer.code} ${answer.remark}`);
  await pollUntil(`the route of ${cluster.topic}`, () => topicListed(cluster.namesrvAddr, cluster.topic), {
    timeoutMs: 30_000,
  });
}

/** Sends one message to a topic the broker makes for it; true when the broker acknowledges it. */
export async function sendOnce(brokerAddr: string, topic: string, body: Buffer): Promise<boolean> {
  const SEND_MESSAGE_V2 = 310;
  const extFields = {
    ...{ a: 'first_producer', b: topic, c: 'TBW102', d: '4', e: '0', f: '0', g: String(Date.now()), h: '0' },
    ...{ i: '', j: '0', k: 'false', m: 'false' },
  };
  try {
    return (await requestOnce(brokerAddr, { code: SEND_MESSAGE_V2, extFields, body })).code === 0;
  } catch {
    return false;
  }
}

export function splitAddr(addr: string): { host: string; port: number } {
  const colon = addr.lastIndexOf(':');
  return { host: addr.slice(0, colon), port: Number(addr.slice(colon + 1)) };
}
