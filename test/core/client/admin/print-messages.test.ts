import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Admin } from '../../../../src/core/client/admin/admin.ts';
import {
  type PrintEvent,
  type PrintOptions,
  printQueue,
  printTopic,
  TagCounter,
} from '../../../../src/core/client/admin/print-messages.ts';
import { systemClock } from '../../../../src/core/common/clock.ts';
import { javaHashCode } from '../../../../src/core/common/java-string.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { encodeMessage } from '../../../../src/core/message/message-codec.ts';
import { getMaxOffset } from '../../../../src/core/protocol/requests/get-max-offset.ts';
import { getMinOffset } from '../../../../src/core/protocol/requests/get-min-offset.ts';
import { pullMessage } from '../../../../src/core/protocol/requests/pull-message.ts';
import { searchOffsetByTimestamp } from '../../../../src/core/protocol/requests/search-offset-by-timestamp.ts';
import type { RequestHeaderOf } from '../../../../src/core/protocol/schema.ts';
import { pulled } from '../consumer/message-fixture.ts';
import { ScriptedCluster } from '../scripted-cluster.ts';

type Pull = RequestHeaderOf<typeof pullMessage>;

let cluster: ScriptedCluster;
let admin: Admin;
let pulls: Pull[];
/** Tags of the messages of queue 0; the other queues are empty. */
let tags: string[];
/** Answers a pull instead of the broker below. */
let answer: ((pull: Pull) => { code: number; header?: object; remark?: string } | undefined) | undefined;

beforeEach(async () => {
  pulls = [];
  tags = ['A', 'B', 'A', ''];
  answer = undefined;
  cluster = await ScriptedCluster.start();
  admin = new Admin({ namesrvAddrs: [cluster.namesrvAddr], timeoutMs: 1000, clock: systemClock, logger: silentLogger });
  await cluster.startBroker('broker-a', (table) => {
    const end = (queueId: number): number => (queueId === 0 ? tags.length : 0);
    table.register(getMinOffset, () => ({ code: 0, header: { offset: 0 } }));
    table.register(getMaxOffset, (_, { header }) => ({ code: 0, header: { offset: end(header.queueId) } }));
    table.register(searchOffsetByTimestamp, (_, { header }) => ({ code: 0, header: { offset: header.timestamp } }));
    table.register(pullMessage, (_, { header }) => {
      pulls.push(header);
      const scripted = answer?.(header);
      const from = header.queueOffset;
      const to = Math.min(tags.length, from + header.maxMsgNums);
      const place = { suggestWhichBrokerId: 0, nextBeginOffset: to, minOffset: 0, maxOffset: tags.length };
      if (scripted !== undefined) return { ...scripted, header: { ...place, ...scripted.header } };
      const codes = new Set(header.subscription?.split('||').map((tag) => javaHashCode(tag.trim())));
      const records = tags.slice(from, to).flatMap((tag, i) => {
        const wanted = header.subscription === '*' || codes.has(javaHashCode(tag));
        const properties = { UNIQ_KEY: `U${from + i}`, ...(tag !== '' && { TAGS: tag }) };
        return wanted ? [encodeMessage(pulled(from + i, { properties }))] : [];
      });
      if (records.length === 0) return { code: 20, header: place };
      return { code: 0, header: place, body: Buffer.concat(records) };
    });
  });
  cluster.addTopic('T', 2);
});
afterEach(async () => {
  await admin.stop();
  await cluster.stop();
});

const mq = { topic: 'T', brokerName: 'broker-a', queueId: 0 };

function line(event: PrintEvent): string {
  const head = `${event.kind} q${event.mq.queueId}`;
  switch (event.kind) {
    case 'queue':
      return `${head} ${event.min} ${event.max}`;
    case 'batch':
      return `${head} ${event.messages.map((message) => message.queueOffset).join(',')}`;
    case 'failed':
      return `${head} ${event.error.code}`;
    case 'queueDone':
      return head;
    default:
      return `${head} ${event.status} ${event.offset}`;
  }
}

async function lines(events: AsyncIterable<PrintEvent>): Promise<string[]> {
  const all: string[] = [];
  for await (const event of events) all.push(line(event));
  return all;
}

const topic = (options: PrintOptions = {}): Promise<string[]> => lines(printTopic(admin, 'T', options));
const queue = (options: PrintOptions = {}): Promise<string[]> => lines(printQueue(admin, mq, options));

describe('a topic', () => {
  it('queue by queue in hash order, each to the end it had', async () => {
    expect(await topic()).toEqual(['queue q1 0 0', 'queueDone q1', 'queue q0 0 4', 'batch q0 0,1,2,3', 'queueDone q0']);
    expect(pulls).toMatchObject([{ maxMsgNums: 32, subscription: '*', consumerGroup: 'TOOLS_CONSUMER', sysFlag: 4 }]);
    expect(cluster.seen).toEqual(['105 T']);
  });

  it('32 messages a pull, also behind the end of a time window', async () => {
    tags = Array.from({ length: 70 }, () => 'A');
    expect((await topic({ beginTimestamp: 5, endTimestamp: 40 })).slice(-4)).toEqual([
      'queue q0 5 40',
      `batch q0 ${Array.from({ length: 32 }, (_, i) => 5 + i).join(',')}`,
      `batch q0 ${Array.from({ length: 32 }, (_, i) => 37 + i).join(',')}`,
      'queueDone q0',
    ]);
  });

  it('by tags, where the hash of another tag may be the same', async () => {
    tags = ['Aa', 'BB', 'C'];
    expect(await topic({ subExpression: ' BB || D' })).toContain('batch q0 1');
    expect(await topic({ subExpression: 'D' })).toContain('noMatch q0 NO_MATCHED_MSG 3');
    await expect(topic({ subExpression: '||' })).rejects.toMatchObject({ code: 'ILLEGAL_ARGUMENT' });
  });

  it('goes on after a queue that failed, and ends one that moved away', async () => {
    answer = () => ({ code: 16, remark: 'no' });
    expect((await topic()).slice(-2)).toEqual(['failed q0 RESPONSE', 'queueDone q0']);
    answer = () => ({ code: 21, header: { nextBeginOffset: 9 } });
    expect((await topic()).slice(-2)).toEqual(['end q0 OFFSET_ILLEGAL 9', 'queueDone q0']);
  });

  it('that nobody knows', async () => {
    await expect(lines(printTopic(admin, 'None', {}))).rejects.toMatchObject({ code: 'NOT_FOUND', responseCode: 17 });
  });
});

describe('a queue', () => {
  it('ends at the first pull without a message', async () => {
    expect(await queue()).toEqual(['batch q0 0,1,2,3']);
    answer = ({ queueOffset }) => (queueOffset === 0 ? { code: 20, header: { nextBeginOffset: 2 } } : undefined);
    expect(await queue()).toEqual(['noMatch q0 NO_MATCHED_MSG 2']);
  });

  it('of a broker that nobody knows', async () => {
    const unknown = lines(printQueue(admin, { ...mq, brokerName: 'z' }, {}));
    await expect(unknown).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'The broker[z] not exist' });
  });

  it('gives transactional messages their id, and others none', async () => {
    const ids: (string | undefined)[] = [];
    await cluster.startBroker('broker-b', (table) => {
      table.register(getMinOffset, () => ({ code: 0, header: { offset: 0 } }));
      table.register(getMaxOffset, () => ({ code: 0, header: { offset: 3 } }));
      table.register(pullMessage, () => {
        const properties = [
          { UNIQ_KEY: 'U0', TRAN_MSG: 'true' },
          { UNIQ_KEY: 'U1', TRAN_MSG: 'false' },
          { UNIQ_KEY: 'U2' },
        ];
        const body = Buffer.concat(properties.map((one, i) => encodeMessage(pulled(i, { properties: one }))));
        return { code: 0, header: { suggestWhichBrokerId: 0, nextBeginOffset: 3, minOffset: 0, maxOffset: 3 }, body };
      });
    });
    cluster.addTopic('T', 1);
    for await (const event of printQueue(admin, { ...mq, brokerName: 'broker-b' }, {})) {
      if (event.kind === 'batch') ids.push(...event.messages.map(({ transactionId }) => transactionId));
    }
    expect(ids).toEqual(['U0', undefined, undefined]);
  });
});

describe('tags', () => {
  const counted = (...all: string[]): string[] => {
    const counter = new TagCounter();
    for (const tag of all) counter.add([pulled(0, { properties: tag === '' ? {} : { TAGS: tag } })]);
    return counter.counts().map(({ tag, count }) => `${tag} ${count}`);
  };

  it('are counted, the largest count first, those without one not at all', () => {
    expect(counted('B', 'A', 'B', '', ' ', 'A', 'B')).toEqual(['B 3', 'A 2']);
  });

  it('of equal counts stand in the order of a hash table', () => {
    expect(counted('TagB', 'TagC', 'TagA')).toEqual(['TagA 1', 'TagC 1', 'TagB 1']);
  });
});
