/** What clients can make grow, and what they hear at the limit of each table. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConsumerManager } from '../../../src/core/broker/consumer-manager.ts';
import { ConsumerOffsetManager } from '../../../src/core/broker/consumer-offset-manager.ts';
import { ProducerManager } from '../../../src/core/broker/producer-manager.ts';
import { RebalanceLockManager } from '../../../src/core/broker/rebalance-lock-manager.ts';
import { SubscriptionGroupManager } from '../../../src/core/broker/subscription-group-manager.ts';
import {
  MAX_GROUPS,
  MAX_GROUPS_OF_CLIENT,
  MAX_LOCKS,
  MAX_MEMBERS,
  MAX_OFFSETS,
  MAX_QUEUES_OF_TOPIC,
  MAX_TOPICS,
} from '../../../src/core/broker/table-limits.ts';
import { TopicConfigManager } from '../../../src/core/broker/topic-config-manager.ts';
import { JsonConfigFile } from '../../../src/core/common/json-config-file.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { defaultSubscriptionGroupConfig } from '../../../src/core/protocol/bodies/subscription-group.ts';
import { getConsumeStats } from '../../../src/core/protocol/requests/get-consume-stats.ts';
import { heartBeat } from '../../../src/core/protocol/requests/heart-beat.ts';
import { updateAndCreateTopic } from '../../../src/core/protocol/requests/update-and-create-topic.ts';
import { updateConsumerOffset } from '../../../src/core/protocol/requests/update-consumer-offset.ts';
import { testConfig } from './broker-config.ts';
import { FakeConnection } from './fake-connection.ts';
import { HeldClock } from './held-clock.ts';
import { consumerData, heartbeat, subscriptionData } from './pull-fields.ts';
import { connectTo, startBroker } from './test-broker.ts';

const clock = new HeldClock();
const channel = (connection: FakeConnection, clientId = 'c') => ({
  ...{ connection, clientId, language: 'JAVA', version: 407, lastUpdate: clock.now() },
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pocketmq-tables-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Encodes but does not write. */
class NoFile extends JsonConfigFile {
  override write(): Promise<void> {
    return Promise.resolve();
  }
}
const file = (): JsonConfigFile => new NoFile(join(folder, 'x.json'), silentLogger);

describe('managers', () => {
  it('so many groups of one client, and those of others beside it', () => {
    const producers = new ProducerManager(clock, silentLogger);
    const consumers = new ConsumerManager({ clock, logger: silentLogger, mayNotify: () => true });
    const connection = new FakeConnection(1);
    for (let i = 0; i < MAX_GROUPS_OF_CLIENT; i++) {
      producers.register(`G${i}`, channel(connection));
      consumers.register(channel(connection), consumerData({ groupName: `G${i}` }), true);
    }
    const sentence = `the client is in ${MAX_GROUPS_OF_CLIENT} groups: the limit of this broker is ${MAX_GROUPS_OF_CLIENT}`;
    expect(() => producers.register('one more', channel(connection))).toThrow(sentence);
    expect(() => consumers.register(channel(connection), consumerData({ groupName: 'one more' }), true)).toThrow(
      sentence,
    );
    expect(producers.channelsOf('one more')).toBeUndefined();
    expect(consumers.group('one more')).toBeUndefined();
    producers.register('G0', channel(connection));
    producers.register('one more', channel(new FakeConnection(2)));
    producers.unregister('G0', connection);
    producers.register('one more', channel(connection));
    producers.onConnectionClose(connection);
    consumers.onConnectionClose(connection);
    expect([...producers.groups()]).toEqual(['one more']);
    expect(consumers.group('G7')).toBeUndefined();
  });

  it('so many members of all groups together', () => {
    const producers = new ProducerManager(clock, silentLogger);
    for (let member = 0, connection = new FakeConnection(0); member < MAX_MEMBERS; member++) {
      if (member % 1000 === 0) connection = new FakeConnection(member);
      producers.register(`G${member % 1000}`, channel(connection));
    }
    expect(() => producers.register('G', channel(new FakeConnection(1)))).toThrow(
      `the groups have ${MAX_MEMBERS} members`,
    );
  });

  it('so many bytes of subscriptions, given back when the group is empty', () => {
    const consumers = new ConsumerManager({ clock, logger: silentLogger, mayNotify: () => true });
    const big = (groupName: string) =>
      consumerData({ groupName, subscriptionDataSet: [{ ...subscriptionData(), subString: 'x'.repeat(30_000_000) }] });
    const [one, two, three] = [new FakeConnection(1), new FakeConnection(2), new FakeConnection(3)];
    consumers.register(channel(one), big('A'), true);
    consumers.register(channel(two), big('B'), true);
    expect(() => consumers.register(channel(three), big('C'), true)).toThrow('the subscriptions of all groups take');
    consumers.register(channel(three), big('A'), true);
    consumers.onConnectionClose(two);
    consumers.register(channel(three), big('C'), true);
    expect(() => consumers.register(channel(two), big('B'), true)).toThrow('the subscriptions of all groups take');
  });

  it('so many locks; those that are held go on being renewed', () => {
    const locks = new RebalanceLockManager(clock);
    const queues = Array.from({ length: MAX_LOCKS + 5 }, (_, queueId) => ({ topic: 'T', brokerName: 'b', queueId }));
    expect(locks.tryLockBatch('G', queues, 'c')).toHaveLength(MAX_LOCKS);
    expect(locks.tryLockBatch('G', queues.slice(0, 3), 'c')).toHaveLength(3);
    expect(locks.tryLockBatch('H', queues.slice(0, 3), 'c')).toEqual([]);
    locks.unlockBatch('G', queues.slice(0, 2), 'c');
    expect(locks.tryLockBatch('H', queues.slice(0, 3), 'c')).toHaveLength(2);
    expect(locks.tryLockBatch('x'.repeat(300), queues.slice(0, 3), 'c')).toEqual([]);
  });

  it('so many offsets; those that are there go on being moved', async () => {
    const offsets = new ConsumerOffsetManager(
      new JsonConfigFile(join(folder, 'offsets.json'), silentLogger),
      silentLogger,
    );
    for (let i = 0; i < MAX_OFFSETS; i++) offsets.commit(`G${i % 10}`, `T${(i / 1000) | 0}`, ((i % 1000) / 10) | 0, i);
    expect(offsets.commit('G0', 'T0', 0, 77)).toBe(true);
    expect(offsets.commit('G0', 'T0', 5000, 77)).toBe(false);
    expect(offsets.query('G0', 'T0', 5000)).toBe(-1);
    offsets.removeTopic('T1');
    expect(offsets.commit('G0', 'T0', 5000, 78)).toBe(true);
    expect(offsets.commit('x'.repeat(256), 'T0', 1, 1)).toBe(false);
    expect(offsets.commit('G', 'x'.repeat(300), 1, 1)).toBe(false);
    await offsets.persist();
    const again = new ConsumerOffsetManager(
      new JsonConfigFile(join(folder, 'offsets.json'), silentLogger),
      silentLogger,
    );
    again.load();
    expect([again.query('G0', 'T0', 0), again.query('G0', 'T0', 5000)]).toEqual([77, 78]);
    expect(readFileSync(join(folder, 'offsets.json'), 'utf8').startsWith('{\n\t"offsetTable":{\n\t\t"T0@G0"')).toBe(
      true,
    );
  });

  it('so many groups, and names so long', () => {
    const groups = new SubscriptionGroupManager({ config: testConfig({}), file: file(), clock, logger: silentLogger });
    expect(groups.find('x'.repeat(256))).toBeUndefined();
    for (let i = 0; i < MAX_GROUPS; i++) groups.find(`G${i}`);
    expect(groups.find('G3')).toBeDefined();
    expect(groups.find('one more')).toBeUndefined();
    expect(() => groups.update(defaultSubscriptionGroupConfig('one more'))).toThrow(`there are ${MAX_GROUPS} groups`);
    expect(() => groups.update(defaultSubscriptionGroupConfig('x'.repeat(256)))).toThrow('has 256 characters');
  });

  it('so many topics, made by whatever request', () => {
    const config = testConfig({});
    const onCreate = (): void => {};
    const topics = new TopicConfigManager({ config, file: file(), clock, logger: silentLogger, onCreate });
    for (let i = [...topics.topics()].length; i < MAX_TOPICS; i++) topics.createInSendBack(`T${i}`, 1, 6, 0);
    const sentence = `there are ${MAX_TOPICS} topics: the limit of this broker is ${MAX_TOPICS}`;
    expect(() => topics.createInSendBack('one', 1, 6, 0)).toThrow(sentence);
    expect(() => topics.createInSend('two', 'TBW102', 4, 0)).toThrow(sentence);
    const known = topics.createInSendBack('T49999', 1, 6, 0);
    expect(() => topics.update({ ...known, topicName: 'three' })).toThrow(sentence);
    void topics.update(known);
  });
});

describe('a broker', () => {
  it('refuses with code 1 and a sentence', async () => {
    const client = connectTo((await startBroker()).addr);
    const said = async (answer: ReturnType<typeof client.ask>): Promise<string> => {
      const { code, remark } = await answer;
      expect(code).toBe(1);
      return remark ?? '';
    };
    const producerDataSet = Array.from({ length: 1025 }, (_, i) => ({ groupName: `G${i}` }));
    expect(await said(client.ask(heartBeat, {}, heartbeat({ producerDataSet })))).toBe(
      'the heartbeat names 1025 groups: the limit of this broker is 1024',
    );
    expect(await said(client.ask(heartBeat, {}, heartbeat({ clientID: 'x'.repeat(1025) })))).toContain(
      'the clientID has',
    );
    const long = [consumerData({ groupName: 'x'.repeat(256) })];
    expect(await said(client.ask(heartBeat, {}, heartbeat({ consumerDataSet: long })))).toContain(
      'the name of a group has',
    );
    const topic = {
      topic: 'T',
      defaultTopic: 'TBW102',
      readQueueNums: 1,
      writeQueueNums: MAX_QUEUES_OF_TOPIC + 1,
      perm: 6,
    };
    const header = { ...topic, topicFilterType: 'SINGLE_TAG', order: false };
    expect(await said(client.ask(updateAndCreateTopic, header))).toContain('would have 65537 queues');
    const offset = { consumerGroup: 'x'.repeat(256), topic: 'T', queueId: 0, commitOffset: 1 };
    expect(await said(client.ask(updateConsumerOffset, offset))).toContain('the offset is not taken');
    for (const name of ['A', 'B', 'C']) {
      const big = { ...header, topic: name, readQueueNums: MAX_QUEUES_OF_TOPIC, writeQueueNums: 1 };
      expect((await client.ask(updateAndCreateTopic, big)).code).toBe(0);
      const committed = { consumerGroup: 'G', topic: name, queueId: 0, commitOffset: 0 };
      expect((await client.ask(updateConsumerOffset, committed)).code).toBe(0);
    }
    expect(await said(client.ask(getConsumeStats, { consumerGroup: 'G' }))).toContain('too many queues for one answer');
  });
});
