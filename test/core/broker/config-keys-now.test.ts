/**
 * Every key of a broker that is said to act at once is changed over the wire, and the running broker does something else
 * than before. The table has a row for each such key, or the first test fails.
 */
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Broker } from '../../../src/core/broker/broker.ts';
import { pickBrokerPort } from '../../../src/core/cluster/free-ports.ts';
import { systemClock } from '../../../src/core/common/clock.ts';
import type { ConfigSchema } from '../../../src/core/common/config-key.ts';
import { type BrokerConfig, brokerConfigSchema } from '../../../src/core/common/config-schema.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { decodeTopicConfig } from '../../../src/core/protocol/bodies/topic-config.ts';
import { deleteExpiredCommitlog } from '../../../src/core/protocol/requests/delete-expired-commitlog.ts';
import { getMaxOffset } from '../../../src/core/protocol/requests/get-max-offset.ts';
import { getTopicConfig } from '../../../src/core/protocol/requests/get-topic-config.ts';
import { heartBeat } from '../../../src/core/protocol/requests/heart-beat.ts';
import { notifyConsumerIdsChanged } from '../../../src/core/protocol/requests/notify-consumer-ids-changed.ts';
import { pullMessage } from '../../../src/core/protocol/requests/pull-message.ts';
import { queryMessage } from '../../../src/core/protocol/requests/query-message.ts';
import { sendReplyMessage } from '../../../src/core/protocol/requests/send-reply-message.ts';
import { updateBrokerConfig } from '../../../src/core/protocol/requests/update-broker-config.ts';
import { updateConsumerOffset } from '../../../src/core/protocol/requests/update-consumer-offset.ts';
import { viewMessageById } from '../../../src/core/protocol/requests/view-message-by-id.ts';
import { ProcessorTable } from '../../../src/core/remoting/processor-table.ts';
import { createRequest, type RemotingCommand } from '../../../src/core/remoting/remoting-command.ts';
import { type Disk, nodeDisk } from '../../../src/core/store/disk.ts';
import { HeldClock } from './held-clock.ts';
import { consumerData, heartbeat, pullHeader, SUBSCRIPTION, SUSPEND, subscriptionData } from './pull-fields.ts';
import { type RecordingNamesrv, startRecordingNamesrv } from './recording-namesrv.ts';
import {
  connectTo,
  plainSend,
  recordingLogger,
  startBroker,
  type TestClient,
  temporaryDir,
  until,
} from './test-broker.ts';

interface Bench {
  broker: Broker;
  clock: HeldClock;
  namesrv: RecordingNamesrv;
  client: TestClient;
  storeDir: string;
  lines: string[];
  /** Files that were synced, by path. */
  synced: string[];
  /** Makes fsyncs wait until the returned function is called. */
  holdSyncs(): () => void;
  /** How full the disk says it is. */
  diskUsage: { percent: number };
  /** UPDATE_BROKER_CONFIG that succeeds. */
  set(values: Partial<Record<keyof BrokerConfig, unknown>>): Promise<void>;
}

interface Row {
  /** Settings of the start. */
  from?: Partial<BrokerConfig>;
  check: (bench: Bench) => Promise<void>;
}

/** Real disk that remembers which files were synced, and syncs when the gate is open. */
function watchedDisk(synced: string[], gate: () => Promise<void>, usage: { percent: number }): Disk {
  const paths = new Map<number, string>();
  return {
    ...nodeDisk,
    open: (path, flags) => {
      const fd = nodeDisk.open(path, flags);
      paths.set(fd, path);
      return fd;
    },
    usage: () => ({ total: 100, used: usage.percent, available: 100 - usage.percent }),
    dataSync: async (fd) => {
      synced.push(paths.get(fd) ?? '');
      await gate();
      return nodeDisk.dataSync(fd);
    },
  };
}

async function startBench(from: Partial<BrokerConfig> = {}): Promise<Bench> {
  const clock = new HeldClock();
  const namesrv = await startRecordingNamesrv();
  const storeDir = temporaryDir();
  const synced: string[] = [];
  const { lines, logger } = recordingLogger();
  const config = { namesrvAddr: namesrv.addr, ...from };
  let gate = Promise.resolve();
  const holdSyncs = (): (() => void) => {
    let open = (): void => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  };
  const diskUsage = { percent: 10 };
  const disk = watchedDisk(synced, () => gate, diskUsage);
  const broker = await startBroker({ config, storeDir, clock, logger, disk, physicalMemory: 1024 * 1024 });
  const client = connectTo(broker.addr);
  const set: Bench['set'] = async (values) => {
    const text = Object.entries(values).map(([key, value]) => `${key}=${value}\n`);
    const answer = await client.ask(updateBrokerConfig, {}, Buffer.from(text.join('')));
    expect([answer.code, answer.remark]).toEqual([0, undefined]);
  };
  return { broker, clock, namesrv, client, storeDir, lines, synced, holdSyncs, diskUsage, set };
}

const topicOf = async (client: TestClient, topic: string) => {
  const answer = await client.ask(getTopicConfig, { topic });
  return answer.code === 0 ? decodeTopicConfig(answer.body) : undefined;
};

/** Row for a key whose value every send is answered with. */
const inSendAnswer = (key: 'regionId' | 'traceOn', value: string, field: string): Row => ({
  check: async ({ client, set }) => {
    expect((await client.send()).extFields?.[field]).not.toBe(value);
    await set({ [key]: value });
    // Both the ordinary way and the one of ready frames.
    expect((await client.send()).extFields?.[field]).toBe(value);
    expect((await client.send({ queueId: 99 })).extFields?.[field]).toBe(value);
  },
});

/** Row for a key that a built-in topic follows. */
const builtInPerm = (key: 'clusterTopicEnable' | 'brokerTopicEnable', topic: string): Row => ({
  check: async ({ namesrv, set }) => {
    expect(namesrv.last()?.topics[topic]?.perm).toBe(7);
    await set({ [key]: false });
    expect(namesrv.last()?.topics[topic]?.perm).toBe(1);
  },
});

/** Commitlog files of 4 KiB, all but the last of them 100 hours old, and none that goes by itself. */
const AGED: Partial<BrokerConfig> = {
  ...{ mappedFileSizeCommitLog: 4096, mappedFileSizeConsumeQueue: 200, deleteWhen: 'never', fileReservedTime: 72 },
  ...{ cleanFileForciblyEnable: false, diskMaxUsedSpaceRatio: 50, cleanResourceInterval: 10_000 },
};

interface AgedBench extends Bench {
  /** Commitlog files. */
  files(): string[];
  /** Lets a round of the clean-up pass that deletes nothing. */
  round(): Promise<void>;
  /** Waits until all files but the last are gone. */
  cleaned(): Promise<void>;
}

/** Row for a key of the clean-up of old files: with AGED and `from` a round deletes nothing. */
const retention = (from: Partial<BrokerConfig>, check: (bench: AgedBench) => Promise<void>): Row => ({
  from: { ...AGED, ...from },
  check: async (bench) => {
    const { client, clock, storeDir } = bench;
    const folder = join(storeDir, 'commitlog');
    for (let i = 0; i < 60; i++) await client.send({ queueId: i % 2 });
    clock.advance(1000);
    const files = (): string[] => readdirSync(folder);
    const old = new Date(clock.now() - 100 * 3_600_000);
    for (const name of files()) utimesSync(join(folder, name), old, old);
    const round = async (): Promise<void> => {
      clock.advance(60_000);
      for (let i = 0; i < 20; i++) {
        // Deleting is the disk's time, pausing the clock's.
        await new Promise((resolve) => void systemClock.after(2, () => resolve(undefined)));
        clock.advance(100);
      }
    };
    const cleaned = (): Promise<void> =>
      until(() => {
        clock.advance(5000);
        return files().length === 1;
      });
    await round();
    expect(files().length).toBeGreaterThan(2);
    await check({ ...bench, files, round, cleaned });
  },
});

const HALF_MESSAGE = { properties: 'TRAN_MSG\x01true\x02PGROUP\x01P', sysFlag: 4 };

const halvesOf = async ({ client }: Bench): Promise<number> => {
  const half = { topic: 'RMQ_SYS_TRANS_HALF_TOPIC', queueId: 0 };
  return Number((await client.ask(getMaxOffset, half)).extFields?.offset);
};

/** Waits until so many half messages, copies counted, were stored. */
const halvesReach = (bench: Bench, count: number): Promise<void> =>
  until(async () => (await halvesOf(bench)) === count);

const messagesIn = (answer: RemotingCommand, one: number): number => (answer.body?.length ?? 0) / one;

/** Row for a key that limits an answer to a pull to one of three messages. */
const oneMessage = (key: keyof BrokerConfig, from: Partial<BrokerConfig>, value: number): Row => ({
  from,
  check: async ({ client, set }) => {
    for (let i = 0; i < 3; i++) await client.send();
    const pull = () => client.ask(pullMessage, pullHeader());
    const all = (await pull()).body?.length ?? 0;
    await set({ [key]: value });
    expect(messagesIn(await pull(), all / 3)).toBe(1);
  },
});

/** Row for a key that makes a flush come sooner. A message is sent, and no file of that folder is synced before. */
const soonerFlush = (folder: string, from: Partial<BrokerConfig>, key: keyof BrokerConfig, value: number): Row => ({
  from: { ...neverFlush, ...from },
  check: async ({ clock, client, set, synced }) => {
    await client.send();
    const isOf = (path: string): boolean =>
      path.includes(`/${folder}/`) || (folder === 'consumequeue' && path.includes('.stream'));
    const count = (): number => synced.filter(isOf).length;
    // Written behind after 200 ms. A queue's new file is synced at the next look at the queues, whatever is in it.
    const first = folder === 'consumequeue' && key !== 'flushIntervalConsumeQueue' ? 1 : 0;
    clock.advance(1000);
    await until(() => {
      clock.advance(50);
      return count() === first;
    });
    await client.send();
    clock.advance(1000);
    await client.send();
    expect(count()).toBe(first);
    await set({ [key]: value });
    await until(() => {
      clock.advance(50);
      return count() > first;
    });
  },
});

const NEVER = 1_000_000_000;
const neverFlush = {
  flushIntervalCommitLog: 50,
  flushCommitLogLeastPages: 1000,
  flushCommitLogThoroughInterval: NEVER,
  flushIntervalConsumeQueue: 50,
  flushConsumeQueueLeastPages: 1000,
  flushConsumeQueueThoroughInterval: NEVER,
};

/** A pull that finds nothing and waits; `done` once it is answered. */
function heldPull(client: TestClient): { done: boolean; answer: Promise<RemotingCommand> } {
  const header = pullHeader({ sysFlag: SUBSCRIPTION | SUSPEND, queueOffset: 1 });
  const answer = client.ask(pullMessage, header);
  const held = { done: false, answer };
  void answer.then(
    () => {
      held.done = true;
    },
    () => undefined, // the test is over
  );
  return held;
}

/** A consumer that counts notices of its group. */
function consumerOf(addr: string) {
  const heard = { notices: 0 };
  const table = new ProcessorTable<unknown>(undefined, silentLogger).register(notifyConsumerIdsChanged, () => {
    heard.notices++;
    return undefined;
  });
  return { ...connectTo(addr, table), heard };
}

const rows: Partial<Record<keyof BrokerConfig, Row>> = {
  namesrvAddr: {
    check: async ({ broker, namesrv, set }) => {
      const other = await startRecordingNamesrv();
      await set({ namesrvAddr: other.addr });
      expect(other.registrations.map(({ brokerAddr }) => brokerAddr)).toEqual([broker.addr]);
      expect(namesrv.unregistrations).toEqual([broker.addr]);
    },
  },
  brokerIP1: {
    check: async ({ broker, client, namesrv, set }) => {
      const before = broker.addr;
      expect((await client.send()).extFields?.msgId).toMatch(/^7F000001/);
      await set({ brokerIP1: '127.0.0.2' });
      expect(broker.addr).toBe(`127.0.0.2:${broker.port}`);
      expect(namesrv.last()?.brokerAddr).toBe(broker.addr);
      expect(namesrv.unregistrations).toEqual([before]);
      expect((await client.send()).extFields?.msgId).toMatch(/^7F000002/);
      const pulled = await client.ask(pullMessage, pullHeader({ queueOffset: 1 }));
      expect(pulled.body?.includes(Buffer.from([127, 0, 0, 2]))).toBe(true);
    },
  },
  brokerIP2: {
    check: async ({ broker, namesrv, set }) => {
      await set({ brokerIP2: '127.0.0.9' });
      expect(namesrv.last()?.haServerAddr).toBe(`127.0.0.9:${broker.port + 1}`);
    },
  },
  listenPort: {
    check: async ({ broker, clock, client, namesrv, set }) => {
      const before = broker.addr;
      const port = await pickBrokerPort('127.0.0.1', Math.random);
      await set({ listenPort: port });
      expect(namesrv.last()).toMatchObject({ brokerAddr: `127.0.0.1:${port}`, haServerAddr: `127.0.0.1:${port + 1}` });
      expect(namesrv.unregistrations).toEqual([before]);
      const [there, vip] = [connectTo(`127.0.0.1:${port}`), connectTo(`127.0.0.1:${port - 2}`)];
      expect([(await there.send()).code, (await vip.send()).code]).toEqual([0, 0]);
      // Who is connected may still ask; soon the former port is gone.
      expect((await client.send()).code).toBe(0);
      clock.advance(500);
      await until(() => !client.remoting.isConnected(before));
      await expect(connectTo(before).send()).rejects.toMatchObject({ code: 'CONNECT' });
    },
  },
  brokerPermission: {
    check: async ({ namesrv, set }) => {
      const before = namesrv.last();
      expect(before?.topics.TBW102?.perm).toBe(7);
      await set({ brokerPermission: 4 });
      const after = namesrv.last();
      expect(new Set(Object.values(after?.topics ?? {}).map(({ perm }) => perm))).toEqual(new Set([4]));
      // Else the namesrv would not look at the topics.
      expect(after?.version).toBeGreaterThan(before?.version ?? 0);
    },
  },
  defaultTopicQueueNums: {
    check: async ({ client, namesrv, set }) => {
      await set({ defaultTopicQueueNums: 3 });
      expect(namesrv.last()?.topics.TBW102?.writeQueueNums).toBe(3);
      await client.send({ topic: 'Fresh' });
      expect(await topicOf(client, 'Fresh')).toMatchObject({ readQueueNums: 3, writeQueueNums: 3 });
    },
  },
  autoCreateTopicEnable: {
    check: async ({ client, set }) => {
      await set({ autoCreateTopicEnable: false });
      expect((await client.send({ topic: 'Fresh' })).code).toBe(17);
      await set({ autoCreateTopicEnable: true });
      expect((await client.send({ topic: 'Fresh' })).code).toBe(0);
    },
  },
  clusterTopicEnable: builtInPerm('clusterTopicEnable', 'DefaultCluster'),
  brokerTopicEnable: builtInPerm('brokerTopicEnable', 'broker-a'),
  autoCreateSubscriptionGroup: {
    check: async ({ client, set }) => {
      await client.send();
      await set({ autoCreateSubscriptionGroup: false });
      expect((await client.ask(pullMessage, pullHeader({ consumerGroup: 'Unknown' }))).code).toBe(26);
    },
  },
  traceTopicEnable: {
    check: async ({ namesrv, set }) => {
      expect(namesrv.last()?.topics.RMQ_SYS_TRACE_TOPIC).toBeUndefined();
      await set({ traceTopicEnable: true });
      expect(namesrv.last()?.topics.RMQ_SYS_TRACE_TOPIC?.writeQueueNums).toBe(1);
    },
  },
  msgTraceTopicName: {
    from: { traceTopicEnable: true },
    check: async ({ namesrv, set }) => {
      await set({ msgTraceTopicName: 'MyTrace' });
      expect(namesrv.last()?.topics.MyTrace?.writeQueueNums).toBe(1);
    },
  },
  flushConsumerOffsetInterval: {
    from: { flushConsumerOffsetInterval: NEVER },
    check: async ({ client, clock, set, storeDir }) => {
      const commit = { consumerGroup: 'G', topic: 'T', queueId: 0, commitOffset: 7 };
      await client.ask(updateConsumerOffset, commit);
      await set({ flushConsumerOffsetInterval: 100 });
      clock.advance(100);
      await until(() => existsSync(join(storeDir, 'config', 'consumerOffset.json')));
    },
  },
  flushDelayOffsetInterval: {
    from: { flushDelayOffsetInterval: NEVER },
    check: async ({ client, clock, set, storeDir }) => {
      const table = join(storeDir, 'config', 'delayOffset.json');
      await client.send({ properties: 'DELAY\x0118' });
      clock.advance(20_000);
      expect(existsSync(table)).toBe(false);
      await set({ flushDelayOffsetInterval: 100 });
      await until(() => {
        clock.advance(1000);
        return existsSync(table);
      });
    },
  },
  enablePropertyFilter: {
    check: async ({ client, set }) => {
      await client.send({ properties: 'size\x015' });
      const pull = () => client.ask(pullMessage, pullHeader({ expressionType: 'SQL92', subscription: 'size > 1' }));
      expect((await pull()).code).toBe(1);
      await set({ enablePropertyFilter: true });
      expect((await pull()).code).toBe(0);
    },
  },
  filterDataCleanTimeSpan: {
    check: async ({ client, clock, set, storeDir }) => {
      const file = join(storeDir, 'config', 'consumerFilter.json');
      const hasFilter = (): boolean => existsSync(file) && readFileSync(file, 'utf8').includes('size > 1');
      const data = { ...subscriptionData(), subString: 'size > 1', expressionType: 'SQL92' };
      await client.ask(heartBeat, {}, heartbeat({ consumerDataSet: [consumerData({ subscriptionDataSet: [data] })] }));
      await client.ask(heartBeat, {}, heartbeat({ consumerDataSet: [consumerData({ subscriptionDataSet: [] })] }));
      clock.advance(10_000);
      await until(hasFilter);
      await set({ filterDataCleanTimeSpan: 1000 });
      clock.advance(10_000);
      await until(() => !hasFilter());
    },
  },
  rejectTransactionMessage: {
    check: async ({ client, set }) => {
      expect((await client.send(HALF_MESSAGE)).code).toBe(0);
      await set({ rejectTransactionMessage: true });
      expect((await client.send(HALF_MESSAGE)).code).toBe(16);
    },
  },
  transactionCheckInterval: {
    check: async (bench) => {
      await bench.client.send(HALF_MESSAGE);
      await bench.set({ transactionCheckInterval: 7000 });
      bench.clock.advance(7000);
      await halvesReach(bench, 2);
    },
  },
  transactionTimeOut: {
    from: { transactionCheckInterval: 10_000, transactionTimeOut: 1_000_000 },
    check: async (bench) => {
      await bench.client.send(HALF_MESSAGE);
      bench.clock.advance(10_000);
      expect(await halvesOf(bench)).toBe(1);
      await bench.set({ transactionTimeOut: 1000 });
      bench.clock.advance(10_000);
      await halvesReach(bench, 2);
    },
  },
  transactionCheckMax: {
    from: { transactionCheckInterval: 10_000 },
    check: async (bench) => {
      await bench.client.send(HALF_MESSAGE);
      bench.clock.advance(10_000);
      await halvesReach(bench, 2);
      await bench.set({ transactionCheckMax: 1 });
      bench.clock.advance(10_000);
      const givenUp = { topic: 'TRANS_CHECK_MAX_TIME_TOPIC', queueId: 0 };
      await until(async () => Number((await bench.client.ask(getMaxOffset, givenUp)).extFields?.offset) === 1);
    },
  },
  pullThreadPoolQueueCapacity: {
    check: async ({ client, set }) => {
      await client.send();
      await set({ pullThreadPoolQueueCapacity: 0 });
      expect((await heldPull(client).answer).code).toBe(2);
    },
  },
  longPollingEnable: {
    from: { shortPollingTimeMills: 100 },
    check: async ({ client, clock, set }) => {
      await client.send();
      const long = heldPull(client);
      await client.send({ queueId: 1 });
      clock.advance(4900);
      await client.send({ queueId: 1 });
      expect(long.done).toBe(false);
      await set({ longPollingEnable: false });
      const short = heldPull(client);
      await client.send({ queueId: 1 });
      clock.advance(200);
      expect((await short.answer).code).toBe(19);
      expect(long.done).toBe(false);
    },
  },
  shortPollingTimeMills: {
    from: { longPollingEnable: false, shortPollingTimeMills: NEVER },
    check: async ({ client, clock, set }) => {
      await client.send();
      await set({ shortPollingTimeMills: 50 });
      const held = heldPull(client);
      await client.send({ queueId: 1 });
      clock.advance(100);
      expect((await held.answer).code).toBe(19);
    },
  },
  notifyConsumerIdsChangedEnable: {
    check: async ({ broker, set }) => {
      const consumer = consumerOf(broker.addr);
      await consumer.ask(heartBeat, {}, heartbeat());
      await until(() => consumer.heard.notices === 1);
      await set({ notifyConsumerIdsChangedEnable: false });
      const second = consumerOf(broker.addr);
      await second.ask(heartBeat, {}, heartbeat({ clientID: 'client-2' }));
      await consumer.ask(heartBeat, {}, heartbeat());
      expect([consumer.heard.notices, second.heard.notices]).toEqual([1, 0]);
    },
  },
  regionId: inSendAnswer('regionId', 'north', 'MSG_REGION'),
  traceOn: inSendAnswer('traceOn', 'false', 'TRACE_ON'),
  storeReplyMessageEnable: {
    check: async ({ client, set }) => {
      const reply = { ...plainSend, topic: 'DefaultCluster_REPLY_TOPIC' };
      const storedAt = async () => (await client.ask(sendReplyMessage, reply)).extFields?.queueOffset;
      expect([await storedAt(), await storedAt()]).toEqual(['0', '1']);
      await set({ storeReplyMessageEnable: false });
      // Nobody is there to take it, and it is not stored: no place is answered.
      expect(await storedAt()).toBeUndefined();
    },
  },
  registerBrokerTimeoutMills: {
    check: async ({ broker, clock, lines, namesrv, set }) => {
      await set({ registerBrokerTimeoutMills: 321 });
      namesrv.silent = true;
      const heard = namesrv.registrations.length;
      const registered = broker.register();
      await until(() => namesrv.registrations.length > heard);
      clock.advance(321);
      await registered;
      expect(lines.at(-1)).toMatch(/^registration with namesrv .* timeout, 321\(ms\)/);
    },
  },
  startAcceptSendRequestTimeStamp: {
    check: async ({ client, clock, set }) => {
      await set({ startAcceptSendRequestTimeStamp: clock.now() + 1000 });
      expect((await client.send()).remark).toMatch(/^broker unable to service, until /);
      clock.advance(1000);
      expect((await client.send()).code).toBe(0);
    },
  },
  compressedRegister: {
    check: async ({ broker, namesrv, set }) => {
      await set({ compressedRegister: true });
      await broker.register();
      expect(namesrv.registrations.map(({ compressed }) => compressed)).toEqual([false, true]);
      expect(namesrv.last()?.topics.TBW102?.writeQueueNums).toBe(8);
    },
  },
  forceRegister: {
    check: async ({ clock, namesrv, set }) => {
      await set({ forceRegister: false });
      clock.advance(10_000);
      await until(() => namesrv.queries === 1);
      expect(namesrv.registrations).toHaveLength(1);
    },
  },
  registerNameServerPeriod: {
    check: async ({ clock, namesrv, set }) => {
      clock.advance(10_000);
      await until(() => namesrv.registrations.length === 2);
      await set({ registerNameServerPeriod: 12_000 });
      clock.advance(12_000);
      await until(() => namesrv.registrations.length === 3);
    },
  },
  serverChannelMaxIdleTimeSeconds: {
    check: async ({ broker, client, clock, set }) => {
      const idle = connect(broker.port, '127.0.0.1');
      await new Promise((resolve) => idle.once('connect', resolve));
      const closed = new Promise((resolve) => idle.once('close', resolve));
      idle.resume();
      await client.send();
      await set({ serverChannelMaxIdleTimeSeconds: 1 });
      clock.advance(2000);
      await closed;
    },
  },
  flushDiskType: {
    from: neverFlush,
    check: async ({ client, set, synced }) => {
      await client.send();
      expect(synced.filter((path) => path.includes('commitlog'))).toEqual([]);
      await set({ flushDiskType: 'SYNC_FLUSH' });
      expect((await client.send()).code).toBe(0);
      expect(synced.filter((path) => path.includes('commitlog'))).toHaveLength(1);
    },
  },
  syncFlushTimeout: {
    from: { flushDiskType: 'SYNC_FLUSH' },
    check: async ({ client, set, holdSyncs, synced, clock }) => {
      await set({ syncFlushTimeout: 200 });
      const release = holdSyncs();
      const answer = client.send();
      await until(() => synced.length > 0);
      clock.advance(200);
      expect((await answer).code).toBe(10);
      release();
    },
  },
  flushIntervalCommitLog: soonerFlush(
    'commitlog',
    { flushIntervalCommitLog: NEVER, flushCommitLogLeastPages: 0 },
    'flushIntervalCommitLog',
    50,
  ),
  flushCommitLogLeastPages: soonerFlush('commitlog', {}, 'flushCommitLogLeastPages', 0),
  flushCommitLogThoroughInterval: soonerFlush('commitlog', {}, 'flushCommitLogThoroughInterval', 100),
  flushIntervalConsumeQueue: soonerFlush(
    'consumequeue',
    { flushIntervalConsumeQueue: NEVER, flushConsumeQueueLeastPages: 0 },
    'flushIntervalConsumeQueue',
    50,
  ),
  deleteWhen: retention({}, async ({ set, clock, cleaned }) => {
    await set({ deleteWhen: new Date(clock.now() + 61_000).getHours() });
    await cleaned();
  }),
  fileReservedTime: retention({ fileReservedTime: 1000, diskMaxUsedSpaceRatio: 10 }, async (bench) => {
    bench.diskUsage.percent = 60;
    await bench.set({ fileReservedTime: 99 });
    await bench.cleaned();
  }),
  diskMaxUsedSpaceRatio: retention({}, async ({ set, cleaned, diskUsage }) => {
    diskUsage.percent = 45;
    await set({ diskMaxUsedSpaceRatio: 40 });
    await cleaned();
  }),
  cleanFileForciblyEnable: retention({ fileReservedTime: 1000 }, async ({ set, files, round, cleaned, diskUsage }) => {
    diskUsage.percent = 88;
    await round();
    expect(files().length).toBeGreaterThan(1);
    await set({ cleanFileForciblyEnable: true });
    await cleaned();
  }),
  diskSpaceCleanForciblyRatio: retention(
    { fileReservedTime: 1000, cleanFileForciblyEnable: true },
    async ({ set, files, round, cleaned, diskUsage }) => {
      diskUsage.percent = 80;
      await round();
      expect(files().length).toBeGreaterThan(1);
      await set({ diskSpaceCleanForciblyRatio: 70 });
      await cleaned();
    },
  ),
  cleanResourceInterval: retention({ cleanResourceInterval: NEVER }, async ({ set, files, clock }) => {
    await set({ deleteWhen: new Date(clock.now()).getHours() });
    clock.advance(20_000);
    expect(files().length).toBeGreaterThan(1);
    await set({ cleanResourceInterval: 5000 });
    clock.advance(5000);
    await until(() => {
      clock.advance(100);
      return files().length === 1;
    });
  }),
  deleteCommitLogFilesInterval: retention({ deleteCommitLogFilesInterval: NEVER }, async ({ set, cleaned, client }) => {
    await set({ deleteCommitLogFilesInterval: 50 });
    await client.ask(deleteExpiredCommitlog, {});
    await cleaned();
  }),
  deleteConsumeQueueFilesInterval: retention({ deleteConsumeQueueFilesInterval: NEVER }, async (bench) => {
    const queueFiles = (queueId: number): number =>
      readdirSync(join(bench.storeDir, 'consumequeue', 'TopicTest', String(queueId))).length;
    expect([queueFiles(0), queueFiles(1)]).toEqual([3, 3]);
    await bench.set({ deleteConsumeQueueFilesInterval: 50 });

    await bench.client.ask(deleteExpiredCommitlog, {});
    await bench.cleaned();
    await until(() => {
      bench.clock.advance(50);
      return queueFiles(0) === 1 && queueFiles(1) === 1;
    });
  }),
  diskSpaceWarningLevelRatio: {
    check: async ({ client, set, diskUsage, clock }) => {
      diskUsage.percent = 80;
      clock.advance(10_000);
      expect((await client.send()).code).toBe(0);
      await set({ diskSpaceWarningLevelRatio: 70 });
      const refused = await client.send();
      expect([refused.code, refused.remark]).toEqual([
        14,
        expect.stringMatching(/It is this: the disk of the commitlog is 0.80 full, over the limit of 0.70 \(/),
      ]);
    },
  },
  timerWheelEnable: {
    check: async ({ client, set }) => {
      await set({ timerWheelEnable: false });
      expect((await client.send({ properties: 'TIMER_DELAY_SEC\x015' })).code).toBe(1);
    },
  },
  timerMaxDelaySec: {
    check: async ({ client, set }) => {
      const inFiveDays = { properties: 'TIMER_DELAY_SEC\x01432000' };
      expect((await client.send(inFiveDays)).code).toBe(13);
      await set({ timerMaxDelaySec: 500_000 });
      expect((await client.send(inFiveDays)).code).toBe(0);
    },
  },
  timerPrecisionMs: {
    check: async ({ client, set }) => {
      await set({ timerPrecisionMs: 100 });
      const { extFields } = await client.send({ properties: 'TIMER_DELIVER_MS\x011700000001250' });
      const offset = Number.parseInt(extFields?.msgId?.slice(16) ?? '', 16);
      const { body } = await client.ask(viewMessageById, { offset });
      expect(body?.includes('TIMER_OUT_MS\x011700000001200')).toBe(true);
    },
  },
  flushConsumeQueueLeastPages: soonerFlush('consumequeue', {}, 'flushConsumeQueueLeastPages', 0),
  flushConsumeQueueThoroughInterval: soonerFlush('consumequeue', {}, 'flushConsumeQueueThoroughInterval', 100),
  maxMsgsNumBatch: {
    check: async ({ client, set }) => {
      for (let i = 0; i < 3; i++) await client.send();
      const query = { topic: 'TopicTest', key: '7F00000100', maxNum: 64, beginTimestamp: 0, endTimestamp: 2 ** 50 };
      const all = (await client.ask(queryMessage, query)).body?.length ?? 0;
      await set({ maxMsgsNumBatch: 1 });
      expect(messagesIn(await client.ask(queryMessage, query), all / 3)).toBe(1);
    },
  },
  defaultQueryMaxNum: {
    check: async ({ broker, client, set }) => {
      for (let i = 0; i < 3; i++) await client.send();
      const query = { topic: 'TopicTest', key: '7F00000100', maxNum: 3, beginTimestamp: 0, endTimestamp: 2 ** 50 };
      const all = (await client.ask(queryMessage, query)).body?.length ?? 0;
      await set({ defaultQueryMaxNum: 1 });
      const request = createRequest(queryMessage, query);
      request.extFields = { ...request.extFields, _UNIQUE_KEY_QUERY: 'true' };
      expect(messagesIn(await client.remoting.invoke(broker.addr, request, 5000), all / 3)).toBe(1);
    },
  },
  maxMessageSize: {
    check: async ({ client, set }) => {
      expect((await client.send({}, 'x'.repeat(2000))).code).toBe(0);
      await set({ maxMessageSize: 1000 });
      const refused = await client.send({}, 'x'.repeat(2000));
      expect([refused.code, refused.remark]).toEqual([13, expect.stringContaining('limit 1000B')]);
      await set({ maxMessageSize: 3000 });
      expect((await client.send({}, 'x'.repeat(2000))).code).toBe(0);
    },
  },
  maxTransferCountOnMessageInMemory: oneMessage('maxTransferCountOnMessageInMemory', {}, 1),
  maxTransferBytesOnMessageInMemory: oneMessage('maxTransferBytesOnMessageInMemory', {}, 1),
  maxTransferCountOnMessageInDisk: oneMessage(
    'maxTransferCountOnMessageInDisk',
    { accessMessageInMemoryMaxRatio: 0 },
    1,
  ),
  maxTransferBytesOnMessageInDisk: oneMessage(
    'maxTransferBytesOnMessageInDisk',
    { accessMessageInMemoryMaxRatio: 0 },
    1,
  ),
  accessMessageInMemoryMaxRatio: oneMessage('accessMessageInMemoryMaxRatio', { maxTransferCountOnMessageInDisk: 1 }, 0),
};

const schema: ConfigSchema = brokerConfigSchema;

describe('keys of a broker that act at once', () => {
  it('have a test each', () => {
    const now = Object.keys(schema).filter((key) => schema[key]?.acts === 'now');
    expect(Object.keys(rows).sort()).toEqual(now.sort());
  });

  it.each(Object.entries(rows))('%s', async (_key, { from, check }) => {
    await check(await startBench(from));
  });
});
