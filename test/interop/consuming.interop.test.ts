/**
 * The consuming styles of our client beside Java's, in the same group on our broker and on the real one: queues are divided as
 * Java divides them, order is kept across members that come, go and die, broadcasting offsets are found by either.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { allocateAveragely } from '../../src/core/client/consumer/allocate/average.ts';
import { allocateByCircle } from '../../src/core/client/consumer/allocate/by-circle.ts';
import { shareOf } from '../../src/core/client/consumer/allocate/strategy.ts';
import {
  type AllocateMessageQueueStrategy,
  allocateByConfig,
  allocateByMachineRoom,
  allocateConsistentHash,
  allocateMachineRoomNearby,
  type MessageExt,
  type MessageQueue,
  Producer,
  PullConsumer,
  PushConsumer,
} from '../../src/core/index.ts';
import { JavaCluster, runProgram, startProgram } from './support/java-cluster.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { pollUntil, removeFolder, type Spawned, temporaryFolder } from './support/process.ts';
import { ALL } from './support/scope.ts';
import { Consumer } from './support/traffic.ts';
import { createTopic } from './support/wire.ts';

const QUEUES = 8;
/** What a listener takes for a message: long enough that a queue always changes hands in the middle of a call. */
const WORK_MS = 50;
/** Between two messages of a queue. */
const PACE_MS = 60;

let peer: Peer;
let ours: OurCluster;
let java: JavaCluster;
const members: Array<{ stop(): Promise<unknown> }> = [];

beforeAll(async () => {
  peer = await ensurePeer('4.9.7');
  ours = await OurCluster.start();
  java = await JavaCluster.start();
});

afterEach(async () => {
  for (const member of members.splice(0)) await member.stop();
});

afterAll(async () => {
  await ours?.stop();
  await java?.stop();
});

interface Case {
  readonly strategy: string;
  readonly queues: string[];
  readonly clients: string[];
  readonly shares: string[][];
}

const room = (name: string): string => name.split('@')[0] ?? '';

const resolver = {
  brokerDeployIn: (mq: MessageQueue) => room(mq.brokerName),
  consumerDeployIn: room,
};

function strategyOf(name: string, queues: readonly MessageQueue[]): AllocateMessageQueueStrategy {
  const all = [
    allocateAveragely,
    allocateByCircle,
    allocateConsistentHash(),
    allocateByConfig(queues.slice(0, 2)),
    allocateByMachineRoom(['r0', 'r1']),
    allocateMachineRoomNearby(allocateAveragely, resolver),
    allocateMachineRoomNearby(allocateByCircle, resolver),
  ];
  const found = all.find((strategy) => strategy.name === name);
  if (found === undefined) throw new Error(`no strategy is called ${name}`);
  return found;
}

function queueOf(text: string): MessageQueue {
  const [topic = '', brokerName = '', queueId = ''] = text.split(' ');
  return { topic, brokerName, queueId: Number(queueId) };
}

const textOf = (mq: MessageQueue): string => `${mq.topic} ${mq.brokerName} ${mq.queueId}`;

describe('the strategies', () => {
  it("divide 300 random groups and topics as Java's do, to the queue", async () => {
    const { stdout } = await runProgram(peer, 'Allocate', [20_240_601, 300]);
    const cases = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Case);
    expect(cases).toHaveLength(300 * 7);
    const differing = cases.filter(({ strategy: name, queues: texts, clients, shares }) => {
      const queues = texts.map(queueOf);
      const strategy = strategyOf(name, queues);
      // Neither list comes sorted from a broker.
      const [turnedQueues, turnedClients] = [[...queues].reverse(), [...clients].reverse()];
      const made = clients.map((client) => shareOf(strategy, 'G', turnedQueues, turnedClients, client).map(textOf));
      return JSON.stringify(made) !== JSON.stringify(shares);
    });
    expect(differing.slice(0, 3)).toEqual([]);
  });
});

/** A listener call: which member had which message, and when, ms. */
interface Span {
  readonly member: string;
  readonly queueId: number;
  readonly offset: number;
  readonly begin: number;
  readonly end: number;
}

interface Member {
  readonly name: string;
  spans(): Span[];
  /** `broker-a:0,broker-a:1` */
  held(): string;
  stop(): Promise<unknown>;
}

type At = { namesrvAddr: string; brokerAddr: string };

async function ourMember(at: At, topic: string, group: string, name: string): Promise<Member> {
  const spans: Span[] = [];
  const consumer = new PushConsumer({
    group,
    namesrvAddr: at.namesrvAddr,
    subscriptions: { [topic]: '*' },
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    ordered: true,
    listener: async ([message]) => {
      const begin = Date.now();
      await delay(WORK_MS);
      if (message === undefined) return;
      spans.push({ member: name, queueId: message.queueId, offset: message.queueOffset, begin, end: Date.now() });
    },
  });
  members.push(consumer);
  await consumer.start();
  return { name, spans: () => spans, held: () => heldBy(consumer, topic), stop: () => consumer.stop() };
}

function heldBy(consumer: PushConsumer, topic: string): string {
  const queues = consumer.queues().filter((mq) => mq.topic === topic);
  return queues
    .sort((a, b) => a.queueId - b.queueId)
    .map((mq) => `${mq.brokerName}:${mq.queueId}`)
    .join();
}

function holdsOf(program: Spawned): string {
  return [...program.stdout.matchAll(/^HOLDS (.*)$/gm)].at(-1)?.[1] ?? '';
}

async function javaMember(at: At, topic: string, group: string): Promise<Member & { program: Spawned }> {
  const args = [at.namesrvAddr, topic, group, 'first', 1, 'eof'];
  const program = await startProgram(peer, 'PushConsume', args, {
    jvm: ['-Dpocketmq.orderly=true', `-Dpocketmq.work=${WORK_MS}`],
  });
  members.push(program);
  const spans = (): Span[] =>
    [...program.stdout.matchAll(/^SPAN (\d+) (\d+) (\d+) (\d+)\n/gm)].map(([, queueId, offset, begin, end]) => ({
      member: 'java',
      queueId: Number(queueId),
      offset: Number(offset),
      begin: Number(begin),
      end: Number(end),
    }));
  const consumer = Consumer.of(program);
  return { name: 'java', program, spans, held: () => holdsOf(program), stop: () => consumer.finish() };
}

/** Sends `count` messages a queue, numbered by their offsets, until stopped. */
class Traffic {
  sent = 0;
  readonly #producer: Producer;
  readonly #topic: string;
  #running = true;
  #done: Promise<void>;

  private constructor(producer: Producer, topic: string) {
    this.#producer = producer;
    this.#topic = topic;
    this.#done = this.#send();
  }

  static async start(at: At, topic: string): Promise<Traffic> {
    const producer = new Producer({ group: 'ordering', namesrvAddr: at.namesrvAddr });
    await producer.start();
    return new Traffic(producer, topic);
  }

  /** Resolves with the number of messages of each queue. */
  async finish(): Promise<number> {
    this.#running = false;
    await this.#done;
    await this.#producer.stop();
    return this.sent;
  }

  async #send(): Promise<void> {
    while (this.#running) {
      for (let queueId = 0; queueId < QUEUES; queueId++) {
        const message = { topic: this.#topic, body: `m${this.sent}`, keys: `q${queueId}` };
        await this.#producer.send(message, { queue: { topic: this.#topic, brokerName: 'broker-a', queueId } });
      }
      this.sent++;
      await delay(PACE_MS);
    }
  }
}

/** What is wrong with the order: a call that overlaps another of its queue, a first delivery that is not the next one. */
function orderFaults(all: readonly Span[], perQueue: number): string[] {
  const faults: string[] = [];
  for (let queueId = 0; queueId < QUEUES; queueId++) {
    const spans = all
      .filter((span) => span.queueId === queueId)
      .sort((a, b) => a.begin - b.begin || a.offset - b.offset);
    let next = 0;
    spans.forEach((span, i) => {
      const before = spans[i - 1];
      const what = `queue ${queueId} offset ${span.offset} by ${span.member}`;
      if (before !== undefined && before.member !== span.member && span.begin < before.end)
        faults.push(`${what} overlaps`);
      if (span.offset > next) faults.push(`${what} came before ${next}`);
      if (span.offset === next) next++;
      else if (before?.member === span.member && span.offset <= before.offset) faults.push(`${what} came again there`);
    });
    if (next !== perQueue) faults.push(`queue ${queueId} ended at ${next} of ${perQueue}`);
  }
  return faults;
}

/** How many messages any of them had. */
function different(group: readonly Member[]): number {
  return new Set(group.flatMap((member) => member.spans().map((span) => `${span.queueId} ${span.offset}`))).size;
}

async function untilShared(group: readonly Member[]): Promise<void> {
  const all = Array.from({ length: QUEUES }, (_, queueId) => `broker-a:${queueId}`).join();
  const shared = (): boolean => {
    const held = group.flatMap((member) => member.held().split(',').filter(Boolean));
    return held.sort().join() === all && group.every((member) => member.held() !== '');
  };
  await pollUntil('queues shared', shared, { timeoutMs: 120_000, everyMs: 50 }).catch((error: Error) => {
    throw new Error(`${error.message}: ${group.map((member) => `${member.name} ${member.held()}`).join('; ')}`);
  });
}

const kinds = [
  ['our broker', () => ours],
  ['the real broker', () => java],
] as const;

describe.each(kinds)('ordered members on %s, two of ours and one of Java', (_, clusterOf) => {
  it('keep the order of every queue while members come and go', async () => {
    const cluster = clusterOf();
    const topic = 'OrderMixed';
    await createTopic({
      ...cluster,
      namesrvAddr: cluster.namesrvAddr,
      brokerAddr: cluster.brokerAddr,
      topic,
      queues: QUEUES,
    });
    const traffic = await Traffic.start(cluster, topic);
    const first = await ourMember(cluster, topic, 'GID_mixed', 'first');
    await untilShared([first]);
    const second = await ourMember(cluster, topic, 'GID_mixed', 'second');
    await untilShared([first, second]);
    const third = await javaMember(cluster, topic, 'GID_mixed');
    await untilShared([first, second, third]);
    await second.stop();
    await untilShared([first, third]);
    const perQueue = await traffic.finish();
    const group = [first, second, third];
    await pollUntil('all messages', () => different(group) === perQueue * QUEUES, { timeoutMs: 60_000, everyMs: 50 });
    await third.stop();
    await first.stop();
    const spans = group.flatMap((member) => member.spans());
    expect(orderFaults(spans, perQueue)).toEqual([]);
    for (const member of group) expect(member.spans().length, member.name).toBeGreaterThan(0);
    // Java does not commit the call that is under way when it gives a queue up.
    expect(spans.length - perQueue * QUEUES).toBeLessThanOrEqual(QUEUES);
  });

  // The lock's minute is real: only in a run of everything.
  it.each(ALL ? ['go on in order when one dies: its queues are free after its locks'] : [])('%s', async () => {
    const cluster = clusterOf();
    const topic = 'OrderDeath';
    await createTopic({
      ...cluster,
      namesrvAddr: cluster.namesrvAddr,
      brokerAddr: cluster.brokerAddr,
      topic,
      queues: QUEUES,
    });
    const traffic = await Traffic.start(cluster, topic);
    const dying = await javaMember(cluster, topic, 'GID_death');
    await untilShared([dying]);
    const heir = await ourMember(cluster, topic, 'GID_death', 'heir');
    await untilShared([dying, heir]);
    const before = dying.spans().length;
    await pollUntil('messages', () => dying.spans().length > before + 50, { timeoutMs: 30_000 });
    await dying.program.stop('SIGKILL');
    await untilShared([heir]);
    const perQueue = await traffic.finish();
    await pollUntil('all messages', () => different([heir, dying]) === perQueue * QUEUES, {
      timeoutMs: 60_000,
      everyMs: 50,
    });
    expect(orderFaults([...heir.spans(), ...dying.spans()], perQueue)).toEqual([]);
  });
});

/** What differs from run to run. */
const OWN = ['UNIQ_KEY', 'ORIGIN_MESSAGE_ID', 'MIN_OFFSET', 'MAX_OFFSET', 'CONSUME_START_TIME', 'CLUSTER', 'WAIT'];
/** The real broker delays a dead letter that was sent with a delay. */
const DELAYED = ['REAL_QID', 'REAL_TOPIC'];

/** The dead letter of a group, as soon as it is there. */
async function deadLetter({ namesrvAddr }: At, group: string): Promise<object> {
  await using consumer = new PullConsumer({ group: 'GID_mourning', namesrvAddr });
  await consumer.start();
  const mq = { topic: `%DLQ%${group}`, brokerName: 'broker-a', queueId: 0 };
  let found: MessageExt | undefined;
  const look = async (): Promise<boolean> => {
    found = (await consumer.pull(mq, '*', 0, 1).catch(() => undefined))?.messages[0];
    return found !== undefined;
  };
  await pollUntil('the dead letter', look, { timeoutMs: 90_000, everyMs: 200 });
  const properties = Object.entries(found?.properties ?? {}).filter(
    ([name]) => !OWN.includes(name) && !DELAYED.includes(name),
  );
  return {
    body: found?.body.toString(),
    tries: found?.reconsumeTimes,
    properties: Object.fromEntries(properties.sort()),
  };
}

describe('a message that an ordered consumer cannot consume', () => {
  it('is tried again, holds up its queue, and dies the same way whoever consumes it on whichever broker', async () => {
    const letters = await Promise.all(
      kinds.flatMap(([, clusterOf]) => {
        const cluster = clusterOf();
        return [javaDies, oursDies].map(async (dies, i) => {
          const [topic, group] = [`Dead${i}`, `GID_dead${i}`];
          await createTopic({ namesrvAddr: cluster.namesrvAddr, brokerAddr: cluster.brokerAddr, topic, queues: 1 });
          await using producer = new Producer({ group: 'dying', namesrvAddr: cluster.namesrvAddr });
          await producer.start();
          for (const keys of ['bad', 'good']) await producer.send({ topic, body: keys, keys, tags: 'TagA' });
          expect(await dies(cluster, topic, group)).toEqual(['bad', 'bad', 'good']);
          const letter = await deadLetter(cluster, group);
          return JSON.parse(JSON.stringify(letter).replaceAll(topic, 'Topic').replaceAll(group, 'Group'));
        });
      }),
    );
    expect(letters).toHaveLength(4);
    for (const letter of letters) expect(letter).toEqual(letters[2]);
    expect(letters[0]).toMatchObject({ body: 'bad', tries: 1, properties: { RETRY_TOPIC: 'Topic' } });
  });
});

async function javaDies(at: At, topic: string, group: string): Promise<string[]> {
  const jvm = ['-Dpocketmq.orderly=true', '-Dpocketmq.max=1'];
  const args = [at.namesrvAddr, topic, group, 'first', 1, 'count:3'];
  const { stdout } = await runProgram(peer, 'PushConsume', args, { jvm });
  return [...stdout.matchAll(/^MSG \d+ \d+ \S+ (\S+)/gm)].map((match) => match[1] ?? '');
}

async function oursDies(at: At, topic: string, group: string): Promise<string[]> {
  const got: string[] = [];
  await using consumer = new PushConsumer({
    group,
    namesrvAddr: at.namesrvAddr,
    subscriptions: { [topic]: '*' },
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    maxReconsumeTimes: 1,
    ordered: true,
    listener: ([message]) => {
      got.push(`${message?.body}`);
      return got.at(-1) === 'bad' ? 'SUSPEND_CURRENT_QUEUE_A_MOMENT' : 'SUCCESS';
    },
  });
  await consumer.start();
  await pollUntil('all messages', () => got.length >= 3, { timeoutMs: 30_000 });
  return got;
}

describe.each(['AVG', 'AVG_BY_CIRCLE', 'CONSISTENT_HASH'] as const)('a group that divides by %s', (strategy) => {
  it.each(kinds)('shares every queue once between two of ours and one of Java on %s', async (_, clusterOf) => {
    const cluster = clusterOf();
    const topic = `Share_${strategy}`;
    await createTopic({
      ...cluster,
      namesrvAddr: cluster.namesrvAddr,
      brokerAddr: cluster.brokerAddr,
      topic,
      queues: QUEUES,
    });
    const made = ['one', 'two'].map(
      (instanceName) =>
        new PushConsumer({
          group: `GID_${strategy}`,
          namesrvAddr: cluster.namesrvAddr,
          subscriptions: { [topic]: '*' },
          allocateMessageQueueStrategy: strategy,
          instanceName,
          listener: () => {},
        }),
    );
    for (const consumer of made) {
      members.push(consumer);
      await consumer.start();
    }
    const args = [cluster.namesrvAddr, topic, `GID_${strategy}`, 'first', 1, 'eof', 'three'];
    const program = await startProgram(peer, 'PushConsume', args, { jvm: [`-Dpocketmq.strategy=${strategy}`] });
    members.push(program);
    const held = (): string[] =>
      [...made.map((consumer) => heldBy(consumer, topic)), holdsOf(program)].flatMap((text) => text.split(','));
    const all = Array.from({ length: QUEUES }, (_, queueId) => `broker-a:${queueId}`);
    const shared = (): boolean => holdsOf(program) !== '' && held().filter(Boolean).sort().join() === all.join();
    await pollUntil('each queue held once', shared, { timeoutMs: 60_000, everyMs: 50 }).catch((error: Error) => {
      throw new Error(`${error.message}: ${held().join(' ')}`);
    });
  });
});

describe.each(kinds)('a broadcasting consumer on %s', (_, clusterOf) => {
  it('goes on where Java left off, and Java where it left off, by the same file', async () => {
    const cluster = clusterOf();
    const topic = 'Broadcast';
    const folder = temporaryFolder('offsets');
    await createTopic({
      ...cluster,
      namesrvAddr: cluster.namesrvAddr,
      brokerAddr: cluster.brokerAddr,
      topic,
      queues: 2,
    });
    await using producer = new Producer({ group: 'broadcasting', namesrvAddr: cluster.namesrvAddr });
    await producer.start();
    const send = async (prefix: string): Promise<void> => {
      for (let i = 0; i < 10; i++) {
        const queue = { topic, brokerName: 'broker-a', queueId: i % 2 };
        await producer.send({ topic, body: `${prefix}${i}`, keys: `${prefix}${i}` }, { queue });
      }
    };
    const javaGets = async (count: number): Promise<string[]> => {
      const args = [cluster.namesrvAddr, topic, 'GID_bcast', 'first', 2, `count:${count}`, 'same'];
      const jvm = ['-Dpocketmq.model=BROADCASTING', `-Drocketmq.client.localOffsetStoreDir=${folder}`];
      const { stdout } = await runProgram(peer, 'PushConsume', args, { jvm });
      return [...stdout.matchAll(/^MSG \d+ \d+ \S+ (\S+)/gm)].map((match) => match[1] ?? '').sort();
    };
    const oursGets = async (count: number): Promise<string[]> => {
      const got: string[] = [];
      await using consumer = new PushConsumer({
        group: 'GID_bcast',
        namesrvAddr: cluster.namesrvAddr,
        subscriptions: { [topic]: '*' },
        messageModel: 'BROADCASTING',
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
        localOffsetStoreDir: folder,
        instanceName: 'same',
        listener: (messages) => void got.push(...messages.map((message) => message.body.toString())),
      });
      await consumer.start();
      await pollUntil(`${count} messages`, () => got.length >= count, { timeoutMs: 30_000 });
      return got.sort();
    };
    const named = (prefix: string): string[] => Array.from({ length: 10 }, (_, i) => `${prefix}${i}`);
    await send('a');
    expect(await javaGets(10)).toEqual(named('a'));
    await send('b');
    expect(await oursGets(10)).toEqual(named('b'));
    await send('c');
    expect(await javaGets(10)).toEqual(named('c'));
    removeFolder(folder);
  });
});
