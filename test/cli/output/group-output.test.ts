/** The renderers about consumer groups against what mqadmin printed, to the byte. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  renderConsumerConnection,
  renderProducerConnections,
  renderProducers,
} from '../../../src/cli/output/connections.ts';
import { renderAllConsumerProgress, renderConsumerProgress } from '../../../src/cli/output/consumer-progress.ts';
import { renderMembers, renderRunningInfo, renderVerdict } from '../../../src/cli/output/consumer-status.ts';
import { renderMemberOffsets, renderResetLine, renderResetTable } from '../../../src/cli/output/reset-offset.ts';
import { activeOnly, renderBrokerConsumeStats, renderStatsAll } from '../../../src/cli/output/stats.ts';
import {
  renderConsumerConfigs,
  renderDeleteSubGroup,
  renderUpdateSubGroup,
} from '../../../src/cli/output/sub-group.ts';
import type { TopicStats } from '../../../src/core/client/admin/stats-admin.ts';
import type { ConsumerRunningInfo, RunningQueue } from '../../../src/core/protocol/bodies/consumer-running-info.ts';
import { defaultSubscriptionGroupConfig } from '../../../src/core/protocol/bodies/subscription-group.ts';
import { recorded } from '../fixtures/recorded.ts';

/** The transcripts were recorded there. */
let zone: string | undefined;
beforeEach(() => {
  zone = process.env.TZ;
  process.env.TZ = 'UTC';
});
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const VERSION = 407;
const time = (text: string | undefined): number => (text === undefined || text === 'N/A' ? 0 : Date.parse(`${text}Z`));
const queueOf = (topic = '', brokerName = '', queueId = '') => ({ topic, brokerName, queueId: Number(queueId) });
const ADDR = '127.0.0.1:30911';

describe('consumerProgress', () => {
  it.each([
    [1, 0.15],
    [2, 0.15],
    [6, 0],
  ])('of one group, recorded case %d', (number, consumeTps) => {
    const { stdout, line } = recorded('consumerProgress', number);
    const withIp = line.includes('-s true');
    const rows = stdout
      .split('\n\n')[0]
      ?.split('\n')
      .slice(1)
      .map((text) => {
        const cells = text.split(/ {2,}/);
        const [topic, broker, queue, brokerOffset, consumerOffset] = cells;
        const [clientIp, diff, last] = withIp ? cells.slice(5) : [undefined, ...cells.slice(5)];
        return {
          mq: queueOf(topic, broker, queue),
          ...{ brokerOffset: Number(brokerOffset), consumerOffset: Number(consumerOffset), diff: Number(diff) },
          ...{ lastTimestamp: time(last), clientIp },
        };
      });
    const diffTotal = Number(/Diff Total: (\d+)/.exec(stdout)?.[1]);
    const progress = { consumerGroup: 'G', rows: rows ?? [], consumeTps, diffTotal };
    expect(renderConsumerProgress(progress, withIp)).toBe(stdout);
  });

  it('of all groups, with one that is not online and one that pulls', () => {
    const { stdout } = recorded('consumerProgress', 3);
    const groups = stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((text) => {
        const [consumerGroup = '', count, , , messageModel, consumeTps, diffTotal] = text.split(/ +/);
        const client = { clientId: 'c', clientAddr: 'a', language: 'JAVA', version: VERSION };
        return {
          consumerGroup,
          connection: {
            // The lowest version counts.
            connectionSet: Array.from({ length: Number(count) }, (_, i) => ({ ...client, version: VERSION + i })),
            subscriptionTable: {},
            consumeType: 'CONSUME_PASSIVELY' as const,
            messageModel: messageModel as 'CLUSTERING',
          },
          consumeTps: Number(consumeTps) + 0.9,
          diffTotal: Number(diffTotal),
        };
      });
    expect(renderAllConsumerProgress(groups)).toBe(stdout);
    const pull = groups.slice(0, 1).map(({ connection }) => ({
      ...{ consumerGroup: 'Pull', consumeTps: 0, diffTotal: 0 },
      connection: { ...connection, consumeType: 'CONSUME_ACTIVELY' as const },
    }));
    const others = [{ consumerGroup: 'Off', consumeTps: 0, diffTotal: 7 }, ...pull];
    expect(renderAllConsumerProgress(others).split('\n').slice(1)).toEqual([
      `Off${' '.repeat(61)}  0       OFFLINE                                         0        7`,
      `Pull${' '.repeat(60)}  1       V4_9_7                   PULL                   0        0`,
      '',
    ]);
  });
});

describe('connections', () => {
  it('of a consumer group', () => {
    const client = (name: string, port: number) => ({
      ...{ clientId: `192.0.2.2@${name}`, clientAddr: `127.0.0.1:${port}`, language: 'JAVA', version: VERSION },
    });
    const subscription = (topic: string, subString: string) => ({
      ...{ topic, subString, expressionType: 'TAG', subVersion: 0, tagsSet: [], codeSet: [], classFilterMode: false },
    });
    const text = renderConsumerConnection({
      connectionSet: [client('c1', 35278), client('c2', 35284)],
      subscriptionTable: {
        '%RETRY%GID_orders': subscription('%RETRY%GID_orders', '*'),
        OrderTopic: subscription('OrderTopic', 'TagA || TagB'),
      },
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    });
    expect(text).toBe(recorded('consumerConnection', 1).stdout);
  });

  it('of a producer group', () => {
    const client = { clientId: '192.0.2.2@ordp', clientAddr: '127.0.0.1:36972', language: 'JAVA', version: VERSION };
    expect(renderProducerConnections([client])).toBe(recorded('producerConnection', 1).stdout);
  });

  it('of all producers, and of a group without', () => {
    const { stdout } = recorded('producer', 1);
    const line =
      /^producer group \((.+?)\) instance : clientId=(.*),remoteIP=(.*), language=(.*), version=(.*), lastUpdateTimestamp=(.*)$/;
    const groups = stdout
      .trimEnd()
      .split('\n')
      .map((text) => {
        const [, producerGroup = '', clientId = '', remoteIP = '', language = '', version, last] =
          line.exec(text) ?? [];
        const producer = { clientId, remoteIP, language, version: Number(version), lastUpdateTimestamp: Number(last) };
        return { producerGroup, producers: [producer] };
      });
    expect(renderProducers(groups)).toBe(stdout);
    expect(renderProducers([{ producerGroup: 'G', producers: [] }])).toBe('producer group (G) instances are empty\n');
  });
});

describe('subscription groups', () => {
  const brokers = [{ addr: ADDR }];

  it('made', () => {
    const config = { ...defaultSubscriptionGroupConfig('GID_ops'), consumeFromMinEnable: false };
    const plain = { ...config, consumeBroadcastEnable: false };
    expect(renderUpdateSubGroup({ config: plain, brokers })).toBe(recorded('updateSubGroup', 1).stdout);
    const given = { groupName: 'GID_ops2', retryQueueNums: 2, retryMaxTimes: 5, notifyConsumerIdsChangedEnable: false };
    expect(renderUpdateSubGroup({ config: { ...config, ...given }, brokers })).toBe(
      recorded('updateSubGroup', 2).stdout,
    );
  });

  it('deleted', () => {
    const one = { groupName: 'GID_ops2', brokers, topics: [] };
    expect(renderDeleteSubGroup(one)).toBe(recorded('deleteSubGroup', 1).stdout);
    const clusterName = 'DefaultCluster';
    const topics = ['%RETRY%GID_ops', '%DLQ%GID_ops'].map((topic) => ({ topic, clusterName, brokers, namesrvs: [] }));
    const all = { groupName: 'GID_ops', clusterName, brokers, topics };
    expect(renderDeleteSubGroup(all)).toBe(recorded('deleteSubGroup', 2).stdout);
  });

  it('listed', () => {
    const place = { clusterName: 'DefaultCluster', brokerName: 'broker-a', addr: ADDR };
    const value = defaultSubscriptionGroupConfig('GID_orders');
    expect(renderConsumerConfigs([{ ...place, value }, place])).toBe(recorded('getConsumerConfig', 1).stdout);
  });
});

describe('consumerStatus', () => {
  it('of a group', () => {
    const { stdout } = recorded('consumerStatus', 1);
    const members = ['192.0.2.2@c2', '192.0.2.2@c1'].map((clientId) => ({
      ...{ clientId, clientAddr: '', language: 'JAVA', version: VERSION, file: `1795384557674/${clientId}` },
    }));
    const verdict = { sameSubscription: true, troubles: [] };
    expect(renderMembers(members) + renderVerdict(verdict)).toBe(stdout);
    expect(renderVerdict({ ...verdict, sameSubscription: false })).toBe(
      '\n\nWARN: Different subscription in the same group of consumer!!!',
    );
  });

  it('with what is stuck', () => {
    const where = { clientId: 'c', mq: queueOf('T', 'b', '3') };
    const troubles = [
      { kind: 'notLocked', ...where, ms: 5 } as const,
      { kind: 'notUnlocked', ...where, times: 2 } as const,
      { kind: 'stuck', ...where, ms: 60_001 } as const,
    ];
    expect(renderVerdict({ sameSubscription: true, troubles }).split('\n').slice(5)).toEqual([
      "c MessageQueue [topic=T, brokerName=b, queueId=3] can't lock for a while, 5ms",
      'c MessageQueue [topic=T, brokerName=b, queueId=3] unlock 2 times, still failed',
      "c MessageQueue [topic=T, brokerName=b, queueId=3] can't consume for a while, maybe blocked, 60001ms",
      '',
    ]);
  });

  it('of one client', () => {
    const { stdout } = recorded('consumerStatus', 2);
    expect(renderRunningInfo(parseInfo(stdout))).toBe(stdout);
    const withStacks = renderRunningInfo({ ...parseInfo(stdout), jstack: 'main STATE\n' });
    expect(withStacks).toBe(`${stdout}\n\n#Consumer jstack#\nmain STATE\n`);
  });
});

/** Reads the state of a client back from its text. */
function parseInfo(text: string): ConsumerRunningInfo {
  const [properties = [], subscriptions = [], , details = [], rates = []] = text
    .split('\n\n\n')
    .map((section) => section.trimEnd().split('\n').slice(1));
  return {
    // Keys of one bucket stand in the order they came in.
    properties: Object.fromEntries(properties.map((row) => [row.slice(0, 40).trimEnd(), row.slice(42)])),
    subscriptionSet: subscriptions.map((row) => {
      const [, topic = '', subString = ''] = /Topic: (\S+) .* SubExpression: (.*)$/.exec(row) ?? [];
      const tags = { expressionType: 'TAG', subVersion: 0, tagsSet: [], codeSet: [], classFilterMode: false };
      return { topic, subString, ...tags };
    }),
    mqTable: details.slice(1).map((row) => {
      const [topic, broker, queue, info = ''] = row.split(/ {2,}/);
      const members = [...info.matchAll(/(\w+)=(\w+)/g)].map(([, name = '', value = '']) => [name, memberOf(value)]);
      return { mq: queueOf(topic, broker, queue), ...Object.fromEntries(members) } as RunningQueue;
    }),
    statusTable: Object.fromEntries(
      rates.slice(1).map((row) => {
        const [topic = '', pullRT, pullTPS, consumeRT, consumeOKTPS, consumeFailedTPS, consumeFailedMsgs] =
          row.split(/ +/);
        const numbers = { pullRT, pullTPS, consumeRT, consumeOKTPS, consumeFailedTPS, consumeFailedMsgs };
        const entries = Object.entries(numbers).map(([name, value]) => [name, Number(value)]);
        return [topic, Object.fromEntries(entries)];
      }),
    ),
  };
}

function memberOf(text: string): number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const moment = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/.exec(text);
  if (moment === null) return Number(text);
  const [year = 0, month = 0, ...rest] = moment.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest);
}

describe('offsets', () => {
  const line = { consumerGroup: 'GID_orders', topic: 'OrderTopic', timestamp: -1, force: true, timestampText: 'now' };

  it('of a group that is online', () => {
    const rows = [
      [1, 54],
      [0, 53],
      [3, 53],
      [2, 52],
    ];
    const offsets = rows.map(([queueId = 0, offset = 0]) => ({
      mq: queueOf('OrderTopic', 'broker-a', `${queueId}`),
      offset,
    }));
    const result = { kind: 'online', offsets } as const;
    expect(renderResetLine(result, line) + renderResetTable(result)).toBe(recorded('resetOffsetByTime', 1).stdout);
  });

  it.each([
    ['resetOffsetByTime', 10, '2026-01-01#00:00:00:000', 1_767_225_600_000, true],
    ['resetOffsetByTime', 11, 'now', -1, false],
    ['skipAccumulatedMessage', 6, 'now', -1, true],
  ])('of a group that is not, %s case %d', (command, number, timestampText, timestamp, force) => {
    const { stdout } = recorded(command, number);
    const isReset = command === 'resetOffsetByTime';
    const queues = stdout
      .trimEnd()
      .split('\n')
      .slice(isReset ? 2 : 1)
      .map((row) => {
        const [broker, queue, ...offsets] = row.split(/ +/);
        const [brokerOffset = 0, consumerOffset = 0, timestampOffset = 0, rollbackOffset = 0] = offsets.map(Number);
        const mq = queueOf('OrderTopic', broker, queue);
        return { mq, brokerOffset, consumerOffset, timestampOffset, rollbackOffset };
      });
    const result = { kind: 'offline', queues } as const;
    const head = { ...line, consumerGroup: 'GID_clone', timestampText, timestamp, force };
    expect((isReset ? renderResetLine(result, head) : '') + renderResetTable(result)).toBe(stdout);
  });

  it('as members have them', () => {
    const { stdout } = recorded('getConsumerStatus', 2);
    const rows = stdout.trimEnd().split('\n').slice(2);
    const members = rows.map((row) => {
      const [clientId = '', broker, queue, offset] = row.split(/ +/);
      return { clientId, offsets: [{ mq: queueOf('OrderTopic', broker, queue), offset: Number(offset) }] };
    });
    const head = 'get consumer status from client. group=GID_orders, topic=OrderTopic, originClientId=\n';
    expect(head + renderMemberOffsets(members)).toBe(stdout);
  });
});

describe('figures', () => {
  it.each([
    [1, 0],
    [2, 1],
  ])('of every group of a broker, case %d', (number, level) => {
    const { stdout } = recorded('brokerConsumeStats', number);
    const rows = stdout.split('\n\n')[0]?.split('\n').slice(1) ?? [];
    const groups = new Map<string, ReturnType<typeof rowOf>[]>();
    const rowOf = (text: string) => {
      const [topic, group = '', broker, queue, brokerOffset, consumerOffset, , last] = text.split(/ {2,}/);
      const mq = queueOf(topic, broker, queue);
      const figures = { brokerOffset: Number(brokerOffset), consumerOffset: Number(consumerOffset) };
      return { group, mq, ...figures, lastTimestamp: time(last) };
    };
    for (const { group, ...row } of rows.map(rowOf))
      groups.set(group, [...(groups.get(group) ?? []), { group, ...row }]);
    const consumeStatsList = [...groups].map(([consumerGroup, all]) => ({
      consumerGroup,
      topics: [...new Set(all.map(({ mq }) => mq.topic))].map((topic) => ({
        consumeTps: 0,
        // Neither of these is shown: one is not behind enough, of the other nothing was consumed.
        offsetTable: [
          { mq: queueOf(topic, 'a', '0'), brokerOffset: 0, consumerOffset: 1, lastTimestamp: 1 },
          { mq: queueOf(topic, 'a', '1'), brokerOffset: 9, consumerOffset: 0, lastTimestamp: 0 },
          ...all.filter(({ mq }) => mq.topic === topic).reverse(),
        ],
      })),
    }));
    expect(renderBrokerConsumeStats({ brokerAddr: ADDR, consumeStatsList, totalDiff: 2 }, level)).toBe(stdout);
  });

  it('of every topic, and of those in use', () => {
    const topics: TopicStats[] = [];
    for (const row of recorded('statsAll', 1).stdout.trimEnd().split('\n').slice(1)) {
      const [topic = '', ...cells] = row.split(/ +/);
      const hasGroup = cells.length === 6;
      const [accumulation = 0, inTps = 0, ...rest] = cells.slice(hasGroup ? 1 : 0).map(Number);
      const [outTps = 0, inMsg24Hour = 0, outMsg24Hour = 0] = hasGroup ? rest : [0, rest[0]];
      const group = { consumerGroup: cells[0] ?? '', accumulation, outTps, outMsg24Hour };
      const last = topics.at(-1);
      if (last?.topic === topic) topics[topics.length - 1] = { ...last, groups: [...last.groups, group] };
      else topics.push({ topic, inTps, inMsg24Hour, groups: hasGroup ? [group] : [] });
    }
    expect(renderStatsAll(topics)).toBe(recorded('statsAll', 1).stdout);
    const shown = new Set(
      recorded('statsAll', 2)
        .stdout.split('\n')
        .map((row) => row.split(' ')[0]),
    );
    expect(activeOnly(topics).every(({ topic }) => shown.has(topic))).toBe(true);
    expect(activeOnly(topics)).toHaveLength(3);
    expect(renderStatsAll([])).toBe(recorded('statsAll', 4).stdout);
  });
});
