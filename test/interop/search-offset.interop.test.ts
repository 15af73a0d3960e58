/**
 * SEARCH_OFFSET_BY_TIMESTAMP asked of our broker and of the real one, each on a copy of the same store: before all, behind
 * all, every stored time, beside it and between two, times that several messages share, a queue of several files, queues
 * without messages and one whose first messages are gone.
 *
 * Two differences are meant (store/offset-by-time.ts) and stand in `meant`; anything else fails.
 */
import { cpSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { JavaCluster } from './support/java-cluster.ts';
import { OurCluster } from './support/our-cluster.ts';
import { removeFolder, temporaryFolder } from './support/process.ts';
import { recordBytes } from './support/records.ts';
import { createTopic, requestOnce } from './support/wire.ts';

const TOPIC = 'SearchTopic';
const SEARCH_OFFSET_BY_TIMESTAMP = 29;
const GET_MAX_OFFSET = 30;
const GET_MIN_OFFSET = 31;
/** Bytes of an IPv4 record before its storeTimestamp. */
const STORE_TIMESTAMP = 56;
const UNITS_PER_FILE = 20;
/** Small files: the first of the commitlog can go and leave messages, and queues have several. */
const FILES = { mappedFileSizeCommitLog: '65536', mappedFileSizeConsumeQueue: String(20 * UNITS_PER_FILE) };

const QUEUES = { EMPTY: 0, SINGLE: 1, SPREAD: 2, SHARED: 3, FILES: 4, CUT: 5 } as const;

interface Answers {
  readonly ours: string;
  readonly real: string;
}

describe('the offset that belongs to a time', () => {
  let ours: OurCluster;
  let java: JavaCluster;
  let copy: string;
  /** Store times by queue and offset. */
  const times: number[][] = Object.values(QUEUES).map(() => []);
  /** The first offset of each queue that is still there. */
  const minOffsets: number[] = [];

  beforeAll(async () => {
    ours = await OurCluster.start({ broker: FILES });
    const { namesrvAddr, brokerAddr } = ours;
    await createTopic({ namesrvAddr, brokerAddr, topic: TOPIC, queues: times.length });
    const producer = new Producer({ group: 'P', namesrvAddrs: [namesrvAddr], sendMsgTimeout: 15_000 });
    await producer.start();
    /** Messages of one batch share their store time. */
    const put = async (queueId: number, batches: readonly number[], size = 10): Promise<void> => {
      const message = { topic: TOPIC, body: Buffer.alloc(size, 'x'), flag: 0, properties: {} };
      const queue = { topic: TOPIC, brokerName: 'broker-a', queueId };
      for (const [i, count] of batches.entries()) {
        const { offsetMsgId } = await producer.sendBatch(Array(count).fill(message), { queue });
        for (const id of offsetMsgId.split(',')) {
          const record = await recordBytes(ours, id);
          times[queueId]?.push(Number(record.readBigInt64BE(STORE_TIMESTAMP)));
        }
        await delay(3 + ((i * 7) % 11));
      }
    };
    // The first file of the commitlog holds nothing but about half of these.
    await put(QUEUES.CUT, Array(18).fill(1), 5000);
    await put(QUEUES.SINGLE, [1]);
    await put(QUEUES.SPREAD, Array(19).fill(1));
    await put(QUEUES.SHARED, [1, 4, 2, 1, 7, 1]);
    await put(QUEUES.FILES, Array(55).fill(1));
    await producer.stop();
    await ours.stopBroker();
    rmSync(join(ours.storeDir, 'commitlog', '0'.repeat(20)));
    copy = temporaryFolder('search');
    cpSync(ours.storeDir, copy, { recursive: true });
    // Java chooses a file by its modification time, which is that of its last message while a broker runs undisturbed.
    const folder = join(copy, 'consumequeue', TOPIC, String(QUEUES.FILES));
    for (const [i, name] of readdirSync(folder).sort().entries()) {
      const last = lastOf(times[QUEUES.FILES]?.slice(0, (i + 1) * UNITS_PER_FILE));
      utimesSync(join(folder, name), (last + 0.5) / 1000, (last + 0.5) / 1000);
    }
    await ours.startBroker();
    java = await JavaCluster.start({ storeDir: copy, broker: FILES });
    for (const queueId of Object.values(QUEUES))
      minOffsets[queueId] = Number((await ask(GET_MIN_OFFSET, queueId)).real);
  });

  afterAll(async () => {
    await java?.stop();
    await ours?.stop();
    if (copy !== undefined) removeFolder(copy);
  });

  async function ask(code: number, queueId: number, timestamp?: number | string, topic = TOPIC): Promise<Answers> {
    const time = timestamp === undefined ? {} : { timestamp: String(timestamp) };
    const extFields = { topic, queueId: String(queueId), ...time };
    const [our, its] = await Promise.all([ours, java].map((one) => requestOnce(one.brokerAddr, { code, extFields })));
    const text = (answer: typeof our) => (answer?.code === 0 ? `${answer.extFields.offset}` : `code ${answer?.code}`);
    return { ours: text(our), real: text(its) };
  }

  const search = (queueId: number, timestamp: number | string, topic = TOPIC) =>
    ask(SEARCH_OFFSET_BY_TIMESTAMP, queueId, timestamp, topic);

  /** Where the difference is meant, what Java answers; elsewhere undefined. */
  function meant(queueId: number, timestamp: number, answers: Answers): string | undefined {
    const stored = times[queueId] ?? [];
    const first = stored.indexOf(timestamp);
    // Java's bisection stops at any message of that time, ours is the first of them.
    if (first >= 0 && answers.ours === String(first) && stored[Number(answers.real)] === timestamp) return answers.real;
    // Between the last time of a file and the first of the next one Java looks at the next file only.
    const next = stored.findIndex((time) => time > timestamp);
    const isBetweenFiles = next > 0 && next % UNITS_PER_FILE === 0 && stored[next - 1] !== timestamp;
    return isBetweenFiles && answers.ours === String(next - 1) ? String(next) : undefined;
  }

  it('the store is what the questions are about', async () => {
    expect(readdirSync(join(ours.storeDir, 'commitlog'))).not.toContain('0'.repeat(20));
    expect(minOffsets[QUEUES.CUT]).toBeGreaterThan(5);
    expect(minOffsets[QUEUES.CUT]).toBeLessThan(18);
    for (const queueId of Object.values(QUEUES)) {
      const [min, max] = [await ask(GET_MIN_OFFSET, queueId), await ask(GET_MAX_OFFSET, queueId)];
      expect([min.ours, max.ours]).toEqual([min.real, max.real]);
      expect(max.real).toBe(String(times[queueId]?.length));
    }
    expect(new Set(times[QUEUES.SHARED]).size).toBe(6);
    expect(new Set(times[QUEUES.FILES]).size).toBe(55);
  });

  it.each(Object.entries(QUEUES))('in the queue %s is the same on both', async (_name, queueId) => {
    const stored = [...new Set(times[queueId]?.slice(minOffsets[queueId]))];
    const extremes = [-1, -5, 0, 1, Date.now() + 86_400_000, Number.MAX_SAFE_INTEGER];
    const around = stored.flatMap((time) => [-2, -1, 0, 1, 2].map((distance) => time + distance));
    const between = stored.slice(1).map((time, i) => Math.floor((time + (stored[i] ?? 0)) / 2));
    for (const timestamp of new Set([...extremes, ...around, ...between])) {
      const answers = await search(queueId, timestamp);
      expect(answers.real, `time ${timestamp}`).toBe(meant(queueId, timestamp, answers) ?? answers.ours);
    }
  });

  it('is the first message before all times, and the last one behind them', async () => {
    for (const [queueId, first, last] of [
      [QUEUES.EMPTY, 0, 0],
      [QUEUES.SINGLE, 0, 0],
      [QUEUES.SPREAD, 0, 18],
      [QUEUES.SHARED, 0, 15],
      [QUEUES.CUT, minOffsets[QUEUES.CUT], 17],
    ] as const) {
      for (const early of [-1, 0, '-9223372036854775808']) {
        expect(await search(queueId, early)).toEqual({ ours: String(first), real: String(first) });
      }
      for (const late of [Date.now() + 86_400_000, '9223372036854775807']) {
        expect(await search(queueId, late)).toEqual({ ours: String(last), real: String(last) });
      }
    }
  });

  it('is the first of the messages that share a time, where Java takes any of them', async () => {
    const stored = times[QUEUES.SHARED] ?? [];
    let differ = 0;
    for (const time of new Set(stored)) {
      const answers = await search(QUEUES.SHARED, time);
      expect(answers.ours).toBe(String(stored.indexOf(time)));
      expect(stored[Number(answers.real)]).toBe(time);
      if (answers.ours !== answers.real) differ++;
    }
    expect(differ).toBeGreaterThan(0);
  });

  it('is 0 where there is no queue or no topic, and no answer to what is no number', async () => {
    for (const queueId of [-1, 99]) expect(await search(queueId, 5)).toEqual({ ours: '0', real: '0' });
    expect(await search(0, 5, 'UnknownTopic')).toEqual({ ours: '0', real: '0' });
    expect(await search(QUEUES.SPREAD, 'x')).toEqual({ ours: 'code 1', real: 'code 1' });
    expect(await ask(SEARCH_OFFSET_BY_TIMESTAMP, QUEUES.SPREAD)).toEqual({ ours: 'code 1', real: 'code 1' });
  });
});

function lastOf(values: readonly number[] | undefined): number {
  return values?.at(-1) ?? 0;
}
