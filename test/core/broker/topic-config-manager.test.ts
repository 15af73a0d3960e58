import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TopicConfigManager } from '../../../src/core/broker/topic-config-manager.ts';
import { newTopicConfig } from '../../../src/core/broker/topic-config-text.ts';
import type { BrokerConfig } from '../../../src/core/common/config-schema.ts';
import { JsonConfigFile } from '../../../src/core/common/json-config-file.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { testConfig } from './broker-config.ts';
import { HeldClock } from './held-clock.ts';
import { temporaryDir } from './test-broker.ts';

function setUp(settings: Partial<BrokerConfig> = {}, dir = temporaryDir()) {
  const clock = new HeldClock();
  let created = 0;
  const topics = new TopicConfigManager({
    config: testConfig(settings),
    file: new JsonConfigFile(join(dir, 'topics.json'), silentLogger),
    clock,
    logger: silentLogger,
    onCreate: () => created++,
  });
  topics.load();
  return { topics, clock, dir, created: () => created };
}

describe('TopicConfigManager', () => {
  it('has the built-in topics of messages.md section 6', () => {
    const { topics } = setUp({ traceTopicEnable: true, clusterTopicEnable: false });
    const table = [...topics.topics()].map(({ topicName, readQueueNums, perm }) => [topicName, readQueueNums, perm]);
    expect(Object.fromEntries(table.map(([name, ...rest]) => [name, rest]))).toEqual({
      TBW102: [8, 7],
      SELF_TEST_TOPIC: [1, 6],
      OFFSET_MOVED_EVENT: [1, 6],
      BenchmarkTest: [1024, 6],
      SCHEDULE_TOPIC_XXXX: [18, 6],
      DefaultCluster: [16, 1],
      'broker-a': [1, 7],
      RMQ_SYS_TRACE_TOPIC: [1, 6],
      DefaultCluster_REPLY_TOPIC: [1, 6],
    });
  });

  it('creates topics after a template: capped queues, no inherit bit, next version', () => {
    const { topics, clock, created } = setUp();
    const { generation } = topics;
    expect(topics.createInSend('T', 'TBW102', 4, 1)).toEqual(
      newTopicConfig('T', { readQueueNums: 4, writeQueueNums: 4, perm: 6, topicSysFlag: 1 }),
    );
    expect(topics.createInSend('U', 'broker-a', 4, 0)).toMatchObject({ readQueueNums: 1, perm: 6 });
    expect(topics.createInSend('V', 'TBW102', -3, 0)).toMatchObject({ readQueueNums: 0 });
    expect(topics.createInSend('W', 'T', 4, 0)).toBeUndefined();
    expect(created()).toBe(3);
    expect(topics.dataVersion).toEqual({ counter: 3, timestamp: clock.now() });
    expect(topics.generation).toBeGreaterThan(generation);
  });

  it('does not use a TBW102 that topics.json has kept from better times', async () => {
    const { topics, dir } = setUp();
    await topics.update(newTopicConfig('Any'));
    const later = setUp({ autoCreateTopicEnable: false }, dir).topics;
    expect(later.select('TBW102')?.perm).toBe(7);
    expect(later.createInSend('T', 'TBW102', 4, 0)).toBeUndefined();
    expect(later.createInSend('T', 'DefaultCluster', 4, 0)).toBeDefined();
  });

  it('returns a retry topic that is there already', () => {
    const { topics, created } = setUp();
    const first = topics.createInSendBack('%RETRY%G', 1, 6, 0);
    expect(topics.createInSendBack('%RETRY%G', 5, 6, 0)).toBe(first);
    expect(created()).toBe(1);
  });

  it('sets and clears the order flag by the list of the namesrvs', () => {
    const { topics } = setUp();
    topics.createInSend('T', 'TBW102', 4, 0);
    const { counter } = topics.dataVersion;
    topics.updateOrderTopics(new Set(['T', 'Unknown']));
    expect(topics.isOrderTopic('T')).toBe(true);
    topics.updateOrderTopics(new Set(['T']));
    topics.updateOrderTopics(new Set());
    expect(topics.isOrderTopic('T')).toBe(false);
    expect(topics.dataVersion.counter).toBe(counter + 2);
  });

  it('keeps a topic named like a member of every object', async () => {
    const { topics, dir } = setUp();
    await topics.update(newTopicConfig('__proto__', { readQueueNums: 2 }));
    expect(setUp({}, dir).topics.select('__proto__')).toMatchObject({ topicName: '__proto__', readQueueNums: 2 });
  });

  it('writes many changes of one turn once and all of them', async () => {
    const { topics, dir } = setUp();
    for (let i = 0; i < 50; i++) topics.createInSend(`T${i}`, 'TBW102', 4, 0);
    await topics.flush();
    const again = setUp({}, dir).topics;
    expect(again.select('T0')).toBeDefined();
    expect(again.select('T49')).toBeDefined();
    expect(again.dataVersion).toEqual(topics.dataVersion);
  });
});
