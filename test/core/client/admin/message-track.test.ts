import { afterEach, beforeEach, expect, it } from 'vitest';
import { Admin } from '../../../../src/core/client/admin/admin.ts';
import { type MessageTrack, messageTrackDetail } from '../../../../src/core/client/admin/message-track.ts';
import { systemClock } from '../../../../src/core/common/clock.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { type ConsumeStatsRow, encodeConsumeStats } from '../../../../src/core/protocol/bodies/consume-stats.ts';
import { encodeConsumerConnection } from '../../../../src/core/protocol/bodies/consumer-connection.ts';
import { encodeGroupList } from '../../../../src/core/protocol/bodies/group-list.ts';
import type { ConsumeType } from '../../../../src/core/protocol/bodies/heartbeat-data.ts';
import { getConsumeStats } from '../../../../src/core/protocol/requests/get-consume-stats.ts';
import { getConsumerConnectionList } from '../../../../src/core/protocol/requests/get-consumer-connection-list.ts';
import { queryTopicConsumeByWho } from '../../../../src/core/protocol/requests/query-topic-consume-by-who.ts';
import { ReplyError } from '../../../../src/core/remoting/reply-error.ts';
import { pulled } from '../consumer/message-fixture.ts';
import { ScriptedCluster } from '../scripted-cluster.ts';

interface Group {
  readonly consumeType?: ConsumeType;
  /** Of the topic; undefined: it subscribes to something else. */
  readonly tags?: string[];
  readonly rows?: Partial<ConsumeStatsRow['mq'] & { consumerOffset: number }>[];
}

let cluster: ScriptedCluster;
let admin: Admin;
let addr: string;
const groups = new Map<string, Group>();
beforeEach(async () => {
  groups.clear();
  cluster = await ScriptedCluster.start();
  admin = new Admin({ namesrvAddrs: [cluster.namesrvAddr], timeoutMs: 1000, clock: systemClock, logger: silentLogger });
  const broker = await cluster.startBroker('broker-a', (table) => {
    table.register(queryTopicConsumeByWho, () => ({
      code: 0,
      body: encodeGroupList({ groupList: [...groups.keys()] }),
    }));
    table.register(getConsumerConnectionList, (_, { header }) => {
      const { consumeType, tags } = groups.get(header.consumerGroup) ?? {};
      if (consumeType === undefined)
        throw new ReplyError(206, `the consumer group[${header.consumerGroup}] not online`);
      return {
        code: 0,
        body: encodeConsumerConnection({ connectionSet: [], subscriptionTable: subscriptionsOf(tags), consumeType }),
      };
    });
    table.register(getConsumeStats, (_, { header }) => {
      const rows = (groups.get(header.consumerGroup)?.rows ?? []).map(({ consumerOffset = 0, ...mq }) => ({
        mq: { topic: 'T', brokerName: 'broker-a', queueId: 1, ...mq },
        brokerOffset: 10,
        consumerOffset,
        lastTimestamp: 0,
      }));
      return { code: 0, body: encodeConsumeStats({ offsetTable: rows, consumeTps: 0 }) };
    });
  });
  addr = broker.addr;
  cluster.addTopic('T', 4);
});
afterEach(async () => {
  await admin.stop();
  await cluster.stop();
});

function subscriptionsOf(tagsSet: string[] | undefined) {
  const data = { subString: '*', expressionType: 'TAG', subVersion: 0, codeSet: [], classFilterMode: false };
  return tagsSet === undefined ? {} : { T: { ...data, topic: 'T', tagsSet } };
}

/** The track of the message at offset 5 of queue 1, with TagA, of each group. */
async function tracks(online: Record<string, Group>): Promise<MessageTrack[]> {
  for (const [name, group] of Object.entries(online)) {
    groups.set(name, group);
    if (!cluster.routes.has(`%RETRY%${name}`)) cluster.addTopic(`%RETRY%${name}`, 1);
  }
  const message = pulled(5, { queueId: 1, properties: { TAGS: 'TagA' }, storeHost: addr });
  return messageTrackDetail(admin, message);
}

const push = { consumeType: 'CONSUME_PASSIVELY' } as const;
const beyond = [{ consumerOffset: 6 }];

it.each<[string, Group, string]>([
  ['everything', { ...push, tags: [], rows: beyond }, 'CONSUMED'],
  ['the tag', { ...push, tags: ['TagB', 'TagA'], rows: beyond }, 'CONSUMED'],
  ['* among tags', { ...push, tags: ['*'], rows: beyond }, 'CONSUMED'],
  ['another tag', { ...push, tags: ['TagB'], rows: beyond }, 'CONSUMED_BUT_FILTERED'],
  ['another topic by now', { ...push, rows: beyond }, 'CONSUMED'],
  ['it, and stands at the message', { ...push, tags: [], rows: [{ consumerOffset: 5 }] }, 'NOT_CONSUME_YET'],
  [
    'it, and is further in another queue',
    { ...push, tags: [], rows: [{ queueId: 2, consumerOffset: 9 }] },
    'NOT_CONSUME_YET',
  ],
  [
    'it, and is further in another topic',
    { ...push, tags: [], rows: [{ topic: 'U', consumerOffset: 9 }] },
    'NOT_CONSUME_YET',
  ],
  [
    'it, and is further on a broker nobody knows',
    { ...push, tags: [], rows: [{ brokerName: 'z', consumerOffset: 9 }] },
    'NOT_CONSUME_YET',
  ],
  ['it by pulling', { consumeType: 'CONSUME_ACTIVELY', tags: [] }, 'PULL'],
])('a group that wants %s', async (_, group, trackType) => {
  expect(await tracks({ G: group })).toEqual([{ consumerGroup: 'G', trackType }]);
});

it('the same queue of another broker does not count', async () => {
  cluster.addTopic('%RETRY%G', 1);
  cluster.addBroker('broker-b', '127.0.0.1:1');
  const rows = [{ brokerName: 'broker-b', consumerOffset: 9 }];
  expect(await tracks({ G: { ...push, tags: [], rows } })).toMatchObject([{ trackType: 'NOT_CONSUME_YET' }]);
});

it('a broker that registered its name', async () => {
  const port = addr.slice(addr.indexOf(':'));
  const [known] = cluster.brokers;
  cluster.brokers.splice(0, 1, { brokerName: known?.brokerName ?? '', addr: `localhost${port}` });
  expect(await tracks({ G: { ...push, tags: [], rows: beyond } })).toMatchObject([{ trackType: 'CONSUMED' }]);
});

it('groups that are not online, or have no offsets, or no retry topic, in the order of a hash table', async () => {
  groups.set('GID_unknown', push);
  const found = await tracks({ GID_gone: {}, GID_bcast: { ...push, tags: [], rows: [] } });
  expect(found).toEqual([
    {
      consumerGroup: 'GID_gone',
      trackType: 'NOT_ONLINE',
      exceptionDesc: 'CODE:206 DESC:the consumer group[GID_gone] not online',
    },
    {
      consumerGroup: 'GID_unknown',
      trackType: 'UNKNOWN',
      exceptionDesc: 'CODE:17 DESC:No topic route info in name server for the topic: %RETRY%GID_unknown',
    },
    {
      consumerGroup: 'GID_bcast',
      trackType: 'NOT_ONLINE',
      exceptionDesc:
        'CODE:206 DESC:Not found the consumer group consume stats, because return offset table is empty, maybe the consumer not consume any message',
    },
  ]);
});

it('without groups, and for a topic that is gone', async () => {
  expect(await tracks({})).toEqual([]);
  cluster.routes.delete('T');
  await expect(tracks({})).rejects.toMatchObject({ code: 'NOT_FOUND', responseCode: 17 });
});
