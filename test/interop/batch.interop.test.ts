/**
 * Batches, the same programs and the same requests against our broker and against the real one of 4.9.7, one after the
 * other on the same ports with empty stores: answers, SendResults and stored records must be the same, byte for byte but
 * for times, the client's port and the unique ids, which are looked at one by one.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type ClusterPorts, freeClusterPorts, JavaCluster } from './support/java-cluster.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { consumeRecords, decodeRecords, type JavaRecord, recordBytes } from './support/records.ts';
import { type Cluster, type SentBatches, sendBatches } from './support/traffic.ts';
import { createTopic, requestOnce } from './support/wire.ts';

const TOPIC = 'BatchTopic';
const QUEUES = 4;
const BATCHES = 4;
const PER_BATCH = 25;
const MAX_MESSAGE_SIZE = 65_536;
const GET_BROKER_RUNTIME_INFO = 28;

interface Asked {
  readonly code: number;
  readonly remark: string;
  readonly extFields: Readonly<Record<string, string>>;
  /** Records the answer names, as bytes. */
  readonly records: readonly Buffer[];
}

interface Seen {
  readonly sent: SentBatches;
  readonly records: readonly Buffer[];
  readonly decoded: readonly JavaRecord[];
  readonly newer: SentBatches;
  readonly newerDecoded: readonly JavaRecord[];
  readonly asked: Readonly<Record<string, Asked>>;
  readonly counted: readonly (string | undefined)[];
  readonly consumed: readonly JavaRecord[];
  readonly filtered: readonly JavaRecord[];
}

/** Made here and not by src/: the tests' view must not share a mistake with it. */
function inner(
  body: string | Buffer,
  properties: string,
  lengths: { body?: number; properties?: number } = {},
): Buffer {
  const [text, props] = [Buffer.from(body), Buffer.from(properties)];
  const bytes = Buffer.alloc(22 + text.length + props.length);
  bytes.writeInt32BE(bytes.length, 0);
  bytes.writeInt32BE(7, 12);
  bytes.writeInt32BE(lengths.body ?? text.length, 16);
  text.copy(bytes, 20);
  bytes.writeInt16BE(lengths.properties ?? props.length, 20 + text.length);
  props.copy(bytes, 22 + text.length);
  return bytes;
}

const header: Readonly<Record<string, string>> = {
  a: 'P',
  b: 'RawTopic',
  c: 'TBW102',
  d: '4',
  e: '0',
  f: '0',
  g: '1700000000000',
  h: '9',
  i: 'WAIT\x01true',
  j: '0',
  k: 'false',
  m: 'true',
  n: 'broker-a',
};
const longHeader: Readonly<Record<string, string>> = {
  producerGroup: 'P',
  topic: 'RawTopic',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: '4',
  queueId: '1',
  sysFlag: '0',
  bornTimestamp: '1700000000000',
  flag: '0',
  properties: 'WAIT\x01true',
  batch: 'true',
};
const three = Buffer.concat([
  inner('a', 'TAGS\x01A\x02UNIQ_KEY\x01U1'),
  inner('b', ''),
  inner('c', 'KEYS\x01k\x02WAIT\x01false\x02'),
]);
const one = inner('a', 'TAGS\x01A');

interface Question {
  readonly code?: number;
  readonly extFields?: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Both brokers must answer these alike, remark and all. */
const questions: Readonly<Record<string, Question>> = {
  'three messages': { body: three },
  'the same with 310': { code: 310, body: three },
  'the same with 10 and long names': { code: 10, extFields: longHeader, body: three },
  '320 without the flag': { extFields: { ...header, m: 'false' }, body: three },
  'no common properties': { extFields: without('i'), body: three },
  'more common properties': { extFields: { ...header, i: 'user\x01v\x02TAGS\x01X\x02INSTANCE_ID\x01ns' }, body: three },
  'a UNIQ_KEY of the batch': { extFields: { ...header, i: 'WAIT\x01true\x02UNIQ_KEY\x01OUT' }, body: three },
  'empty messages': { body: Buffer.concat([inner('', ''), inner('', '')]) },
  'zeros behind, as many as a message has': { body: Buffer.concat([three, Buffer.alloc(22)]) },
  'a wrong size, magic and crc': { body: Buffer.from(one).fill(0xff, 0, 12) },
  'as large as may be': { body: inner(Buffer.alloc(MAX_MESSAGE_SIZE - 22), '') },
  'one byte more': { body: inner(Buffer.alloc(MAX_MESSAGE_SIZE - 21), '') },
  'a delay': { extFields: { ...header, i: 'WAIT\x01true\x02DELAY\x013' }, body: three },
  'delay level 0': { extFields: { ...header, i: 'DELAY\x010' }, body: three },
  'a delay of a message': { body: inner('a', 'DELAY\x013') },
  'a half message': { extFields: { ...header, f: '4' }, body: three },
  'a committed one': { extFields: { ...header, f: '8' }, body: three },
  'the property of a half message': { extFields: { ...header, i: 'TRAN_MSG\x01true' }, body: three },
  'a compressed body': { extFields: { ...header, f: '1' }, body: three },
  'a retry topic': { extFields: { ...header, b: '%RETRY%Nobody', j: '99', l: '1' }, body: three },
  'a dead letter topic': { extFields: { ...header, b: '%DLQ%Nobody' }, body: three },
  'a topic of 127 characters': { extFields: { ...header, b: 'x'.repeat(127) }, body: three },
  'a topic of 128 characters': { extFields: { ...header, b: 'x'.repeat(128) }, body: three },
  'an illegal topic': { extFields: { ...header, b: 'a b' }, body: three },
  'a forbidden topic': { extFields: { ...header, b: 'SCHEDULE_TOPIC_XXXX' }, body: three },
  'no template': { extFields: { ...header, b: 'Unknown', c: 'NoTemplate' }, body: three },
  'a queue there is not': { extFields: { ...header, e: '99' }, body: three },
};

/** These are exceptions in Java: the code must be the same; the remark names Java classes. */
const exceptions: Readonly<Record<string, Question>> = {
  'no body': { body: Buffer.alloc(0) },
  'a body length below zero': { body: inner('a', 'x\x01y', { body: -1 }) },
  'a body length too large': { body: inner('a', 'x\x01y', { body: 100 }) },
  'a properties length below zero': { body: inner('a', 'x\x01y', { properties: -3 }) },
  'a properties length too large': { body: inner('a', 'x\x01y', { properties: 100 }) },
  'too few bytes behind': { body: Buffer.concat([three, Buffer.alloc(10)]) },
  'a delay that is no number': { extFields: { ...header, i: 'DELAY\x01x' }, body: three },
  'common properties that are too long': { extFields: { ...header, i: `k\x01${'v'.repeat(32_764)}` }, body: three },
};

function without(name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(header).filter(([field]) => field !== name));
}

async function ask(cluster: Cluster, question: Question): Promise<Asked> {
  const { code = 320, extFields = header, body } = question;
  const answer = await requestOnce(cluster.brokerAddr, { code, extFields, body });
  const ids = answer.extFields.msgId?.split(',') ?? [];
  const records = await Promise.all(ids.map((id) => recordBytes(cluster, id)));
  return { code: answer.code, remark: answer.remark, extFields: answer.extFields, records };
}

async function counters(cluster: Cluster): Promise<(string | undefined)[]> {
  const { body } = await requestOnce(cluster.brokerAddr, { code: GET_BROKER_RUNTIME_INFO });
  const { table } = JSON.parse(body.toString()) as { table: Record<string, string> };
  return [table.putMessageTimesTotal, table.putMessageSizeTotal, table.msgPutTotalTodayNow];
}

function consume(cluster: Cluster, peer: Peer, options: { group: string; tags: string; count: number }) {
  return consumeRecords(cluster, peer, { topic: TOPIC, ...options });
}

async function observe(cluster: Cluster, peer: Peer, newerPeer: Peer): Promise<Seen> {
  const { namesrvAddr, brokerAddr } = cluster;
  await createTopic({ namesrvAddr, brokerAddr, topic: TOPIC, queues: QUEUES });
  const sent = await sendBatches(cluster, peer, { topic: TOPIC, queueId: 2, batches: BATCHES, perBatch: PER_BATCH });
  const records = await Promise.all(sent.acked.map(({ offsetMsgId }) => recordBytes(cluster, offsetMsgId)));
  const asked: Record<string, Asked> = {};
  for (const [name, question] of Object.entries({ ...questions, ...exceptions })) {
    asked[name] = await ask(cluster, question);
  }
  const counted = await counters(cluster);
  const newer = await sendBatches(cluster, newerPeer, { topic: TOPIC, queueId: 3, batches: 1, perBatch: 3 });
  const newerRecords = await Promise.all(newer.acked.map(({ offsetMsgId }) => recordBytes(cluster, offsetMsgId)));
  return {
    sent,
    records,
    decoded: await decodeRecords(peer, records),
    newer,
    newerDecoded: await decodeRecords(peer, newerRecords),
    asked,
    counted,
    consumed: await consume(cluster, peer, { group: 'GID_all', tags: '*', count: BATCHES * PER_BATCH + 3 }),
    filtered: await consume(cluster, peer, {
      group: 'GID_some',
      tags: 'TagA || TagC',
      count: (BATCHES * PER_BATCH) / 2 + 2,
    }),
  };
}

/** A record with what differs by nature taken out; the rest stays as it lies in the file. */
function comparable(record: Buffer, uniqKey: string | undefined): string {
  const [BORN_TIMESTAMP, BORN_PORT, STORE_TIMESTAMP] = [40, 52, 56];
  const copy = Buffer.from(record);
  copy.fill(0, BORN_TIMESTAMP, BORN_TIMESTAMP + 8);
  copy.fill(0, BORN_PORT, BORN_PORT + 4);
  copy.fill(0, STORE_TIMESTAMP, STORE_TIMESTAMP + 8);
  const text = copy.toString('latin1');
  return uniqKey === undefined ? text : text.replaceAll(`UNIQ_KEY\x01${uniqKey}`, `UNIQ_KEY\x01<${uniqKey.length}>`);
}

function withoutIds({ results, acked }: SentBatches): string[] {
  return results.map((line) => acked.reduce((text, { msgId, number }) => text.replace(msgId, `<${number}>`), line));
}

describe('batches on our broker and on the real one', () => {
  let peer: Peer;
  let ours: Seen;
  let real: Seen;

  beforeAll(async () => {
    peer = await ensurePeer('4.9.7');
    const newerPeer = await ensurePeer('5.4.0');
    const ports: ClusterPorts = await freeClusterPorts();
    const broker = { maxMessageSize: String(MAX_MESSAGE_SIZE) };
    const ourCluster = await OurCluster.start({ ports, broker });
    try {
      ours = await observe(ourCluster, peer, newerPeer);
    } finally {
      await ourCluster.stop();
    }
    const javaCluster = await JavaCluster.start({ ports, broker });
    try {
      real = await observe(javaCluster, peer, newerPeer);
    } finally {
      await javaCluster.stop();
    }
  });

  it('the Java producer is told the same', () => {
    expect(withoutIds(ours.sent)).toEqual(withoutIds(real.sent));
    expect(ours.sent.results).toHaveLength(BATCHES);
    expect(ours.sent.results[1]).toMatch(/^SEND_OK \S+ \S+ broker-a 2 25 null DefaultRegion true$/);
  });

  it('stored records are the same bytes', () => {
    const view = ({ sent, records }: Seen) => records.map((record, i) => comparable(record, sent.acked[i]?.msgId));
    expect(view(ours)).toEqual(view(real));
    expect(view(ours)).toHaveLength(BATCHES * PER_BATCH);
  });

  it.each(['ours', 'real'] as const)('times, ids and hosts of the records on %s are what they must be', (which) => {
    const { sent, decoded } = which === 'ours' ? ours : real;
    for (let batch = 0; batch < BATCHES; batch++) {
      const range = [batch * PER_BATCH, (batch + 1) * PER_BATCH] as const;
      const messages = decoded.slice(...range);
      const acked = sent.acked.slice(...range);
      const [first] = messages as [JavaRecord];
      expect(first.storeTimestamp).toBeGreaterThanOrEqual(first.bornTimestamp);
      expect(first.storeTimestamp - first.bornTimestamp).toBeLessThan(60_000);
      expect(first.bornHost).toMatch(/^127\.0\.0\.1:\d+$/);
      for (const [i, message] of messages.entries()) {
        const { storeTimestamp, bornTimestamp, bornHost } = first;
        expect(message).toMatchObject({ storeTimestamp, bornTimestamp, bornHost, msgId: acked[i]?.offsetMsgId });
        expect(message.properties.UNIQ_KEY).toBe(acked[i]?.msgId);
      }
    }
  });

  it.each(Object.keys(questions))('%s: answered and stored alike', (name) => {
    const [our, its] = [ours.asked[name] as Asked, real.asked[name] as Asked];
    const withoutPort = (text: string) => text.replace(/Producer: 127\.0\.0\.1:\d+$/, 'Producer: 127.0.0.1');
    expect({ ...our, remark: withoutPort(our.remark), records: [] }).toEqual({
      ...its,
      remark: withoutPort(its.remark),
      records: [],
    });
    const view = ({ records }: Asked) => records.map((record) => comparable(record, undefined));
    expect(view(our)).toEqual(view(its));
  });

  it('the questions have found both what is taken and what is not', () => {
    const codes = Object.keys(questions).map((name) => real.asked[name]?.code);
    expect([...new Set(codes)].sort()).toEqual([0, 1, 13, 16, 17]);
  });

  it.each(Object.keys(exceptions))('%s: refused with the same code, and nothing is stored', (name) => {
    expect(real.asked[name]?.code).toBe(1);
    expect(ours.asked[name]).toMatchObject({ code: 1, records: [] });
  });

  it('every message is counted', () => {
    expect(ours.counted).toEqual(real.counted);
  });

  it('a producer of 5.4.0, which sends an id of the whole batch, finds the same', () => {
    expect(withoutIds(ours.newer)).toEqual(withoutIds(real.newer));
    const properties = ({ newerDecoded }: Seen) =>
      newerDecoded.map(({ properties: { UNIQ_KEY: _, ...others } }) => others);
    expect(properties(ours)).toEqual(properties(real));
    for (const { newer, newerDecoded } of [ours, real]) {
      const ids = newerDecoded.map((message) => message.properties.UNIQ_KEY);
      expect(new Set(ids).size).toBe(1);
      expect(newer.acked.map(({ msgId }) => msgId)).not.toContain(ids[0]);
    }
  });

  it('a Java consumer gets each message in order, with its own key, tag, flag and properties', () => {
    const inQueue = ours.consumed.filter(({ queueId }) => queueId === 2);
    expect(inQueue.map(({ queueOffset }) => queueOffset)).toEqual([...Array(BATCHES * PER_BATCH).keys()]);
    for (const [number, message] of inQueue.entries()) {
      const { MIN_OFFSET: _, MAX_OFFSET: __, CONSUME_START_TIME: ___, ...properties } = message.properties;
      const tag = ['TagA', 'TagB', 'TagC', undefined][number % 4];
      expect(properties).toEqual({
        KEYS: `k${number}`,
        ...(tag !== undefined && { TAGS: tag }),
        UNIQ_KEY: ours.sent.acked[number]?.msgId,
        WAIT: String(Math.floor(number / PER_BATCH) % 2 === 0),
        CLUSTER: 'DefaultCluster',
        number: String(number),
      });
      expect(message).toMatchObject({
        flag: number,
        body: Buffer.from(`m${number}`).toString('hex'),
        msgId: ours.sent.acked[number]?.msgId,
      });
    }
    expect(ours.consumed).toHaveLength(BATCHES * PER_BATCH + 3);
    const view = ({ consumed }: Seen) => consumed.map(({ queueId, queueOffset }) => `${queueId} ${queueOffset}`).sort();
    expect(view(ours)).toEqual(view(real));
  });

  it('a Java consumer of some tags gets those', () => {
    const view = ({ filtered }: Seen) =>
      filtered.map(({ queueId, queueOffset, properties }) => `${queueId} ${queueOffset} ${properties.TAGS}`).sort();
    expect(view(ours)).toEqual(view(real));
    expect(new Set(ours.filtered.map(({ properties }) => properties.TAGS))).toEqual(new Set(['TagA', 'TagC']));
  });
});
