/**
 * The renderers of the commands that look into the store against what mqadmin printed, to the byte.
 */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderCleaning } from '../../../src/cli/clean-store.ts';
import { renderConsumeQueue } from '../../../src/cli/output/consume-queue.ts';
import { renderMessageDetail, renderMessageTracks } from '../../../src/cli/output/message-detail.ts';
import { renderMessageTable } from '../../../src/cli/output/message-table.ts';
import { renderMessages, renderPrintEvent, renderTagCounts } from '../../../src/cli/output/print-msg.ts';
import { renderConsumedDirectly, renderResent } from '../../../src/cli/output/resent-message.ts';
import type { MessageTrack, TrackType } from '../../../src/core/client/admin/message-track.ts';
import type { PrintEvent } from '../../../src/core/client/admin/print-messages.ts';
import { PocketError } from '../../../src/core/common/errors.ts';
import type { MessageExt } from '../../../src/core/message/message.ts';
import { recorded } from '../fixtures/recorded.ts';

const HOST = '127.0.0.1:30911';
const utf8 = (body: Buffer): string => body.toString();

/** A message of the recorded cluster, of which its text says everything. */
function message(fields: Partial<MessageExt>): MessageExt {
  const { properties = {} } = fields;
  return {
    topic: 'OrderTopic',
    body: Buffer.alloc(0),
    flag: 0,
    storeSize: 0,
    bodyCRC: 0,
    queueId: 0,
    queueOffset: 0,
    commitLogOffset: 0,
    sysFlag: 0,
    bornTimestamp: 0,
    bornHost: '127.0.0.1:36972',
    storeTimestamp: 0,
    storeHost: HOST,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    msgId: properties.UNIQ_KEY ?? '',
    offsetMsgId: '',
    ...fields,
    properties,
  };
}

/** The messages in a text of printMsg, read back from their lines. */
function messagesIn(stdout: string): MessageExt[] {
  return [...stdout.matchAll(/^MSGID: .*$/gm)].map(([line]) => {
    const text = (name: string): string => new RegExp(`[ ([]${name}=/?'?([^,']*)`).exec(line)?.[1] ?? '';
    const number = (name: string): number => Number(text(name));
    const [, table = '', bytes = '', transactionId = ''] =
      /properties=\{(.*)\}, body=\[(.*)\], transactionId='(\w+)'/.exec(line) ?? [];
    const properties = Object.fromEntries(table.split(', ').map((entry) => entry.split('=') as [string, string]));
    return message({
      topic: /topic='([^']*)'/.exec(line)?.[1] ?? '',
      properties,
      brokerName: text('brokerName'),
      queueId: number('queueId'),
      storeSize: number('storeSize'),
      queueOffset: number('queueOffset'),
      sysFlag: number('sysFlag'),
      bornTimestamp: number('bornTimestamp'),
      bornHost: text('bornHost'),
      storeTimestamp: number('storeTimestamp'),
      offsetMsgId: text('msgId'),
      commitLogOffset: number('commitLogOffset'),
      bodyCRC: number('bodyCRC'),
      reconsumeTimes: number('reconsumeTimes'),
      preparedTransactionOffset: number('preparedTransactionOffset'),
      body: Buffer.from(bytes.split(', ').map(Number)),
      transactionId: transactionId === 'null' ? undefined : transactionId,
    });
  });
}

describe('a message line by line', () => {
  const zone = process.env.TZ;
  beforeEach(() => {
    process.env.TZ = 'UTC';
  });
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  const track = (consumerGroup: string, trackType: TrackType, exceptionDesc?: string): MessageTrack => ({
    consumerGroup,
    trackType,
    exceptionDesc,
  });
  const bcast = track(
    'GID_bcast',
    'NOT_ONLINE',
    'CODE:206 DESC:Not found the consumer group consume stats, because return offset table is empty, maybe the consumer not consume any message',
  );
  const tracks = (orders: TrackType): string =>
    renderMessageTracks([track('GID_orders', orders), track('GID_orderly', 'CONSUMED'), bcast]);
  const pathOf = ({ msgId }: MessageExt): string => `/tmp/rocketmq/msgbodys/${msgId}`;

  const first = message({
    offsetMsgId: '7F000001000078BF0000000000000000',
    properties: {
      KEYS: 'order-0',
      region: 'hz',
      UNIQ_KEY: 'C00002025CE24E0E2F2A70D4DB5B0000',
      CLUSTER: 'DefaultCluster',
      TAGS: 'TagA',
    },
    queueId: 3,
    bornTimestamp: Date.parse('2026-11-22T21:49:57.980Z'),
    storeTimestamp: Date.parse('2026-11-22T21:49:58.009Z'),
  });
  const second = message({
    offsetMsgId: '7F000001000078BF00000000000001A4',
    properties: { ...first.properties, KEYS: 'order-2', UNIQ_KEY: 'C00002025CE24E0E2F2A70D4DBC30002', TAGS: 'TagC' },
    queueId: 1,
    commitLogOffset: 420,
    bornTimestamp: Date.parse('2026-11-22T21:49:58.083Z'),
    storeTimestamp: Date.parse('2026-11-22T21:49:58.089Z'),
  });
  const shown = (one: MessageExt): string => renderMessageDetail(one, pathOf(one), 'with');

  it('of one offset id and of two', () => {
    const one = shown(first) + tracks('CONSUMED');
    expect(one).toBe(recorded('queryMsgById', 1).stdout);
    expect(one + shown(second) + tracks('CONSUMED_BUT_FILTERED')).toBe(recorded('queryMsgById', 2).stdout);
  });

  it('that nobody consumes', () => {
    const delayed = message({
      topic: 'SCHEDULE_TOPIC_XXXX',
      offsetMsgId: '7F000001000078BF00000000000033EB',
      properties: {
        REAL_TOPIC: 'DelayTopic',
        KEYS: 'delay-0',
        UNIQ_KEY: 'C00002025CE24E0E2F2A70D4DDA0003F',
        CLUSTER: 'DefaultCluster',
        DELAY: '3',
        WAIT: 'true',
        TAGS: 'TagD',
        REAL_QID: '2',
      },
      queueId: 2,
      commitLogOffset: 13291,
      bornTimestamp: Date.parse('2026-11-22T21:49:58.560Z'),
      storeTimestamp: Date.parse('2026-11-22T21:49:58.585Z'),
    });
    expect(shown(delayed) + renderMessageTracks([])).toBe(recorded('queryMsgById', 3).stdout);
  });

  it('of a unique id, without the offset id', () => {
    const text = renderMessageDetail(first, pathOf(first), 'without') + tracks('CONSUMED');
    expect(text).toBe(recorded('queryMsgByUniqueKey', 1).stdout);
  });

  it('of an offset, with the ends of the queue', () => {
    const pulled = message({
      offsetMsgId: '7F000001000078BF000000000000041A',
      properties: {
        KEYS: 'order-5',
        region: 'sh',
        UNIQ_KEY: 'C00002025CE24E0E2F2A70D4DBE50005',
        CLUSTER: 'DefaultCluster',
        TAGS: 'TagC',
        MIN_OFFSET: '0',
        MAX_OFFSET: '32',
      },
      queueOffset: 1,
      commitLogOffset: 1050,
      bornTimestamp: Date.parse('2026-11-22T21:49:58.117Z'),
      storeTimestamp: Date.parse('2026-11-22T21:49:58.120Z'),
    });
    expect(shown(pulled) + tracks('CONSUMED_BUT_FILTERED')).toBe(recorded('queryMsgByOffset', 1).stdout);
  });

  it('without tag, keys and properties', () => {
    const text = renderMessageDetail(message({}), '', 'with');
    expect(text).toContain(`${'Tags:'.padEnd(20)} [null]\n${'Keys:'.padEnd(20)} [null]\n`);
    expect(text).toContain(`${'Properties:'.padEnd(20)} \n`);
  });
});

describe('queryMsgByKey', () => {
  it('has a heading and a row for each', () => {
    const one = message({ msgId: 'C00002025CE24E0E2F2A70D4DBF10007', queueId: 2, queueOffset: 1 });
    expect(renderMessageTable([one])).toBe(recorded('queryMsgByKey', 1).stdout);
  });
});

describe('a message once more', () => {
  const consumed = { order: false, autoCommit: true, spentTimeMills: 0 };

  it('consumed', () => {
    const done = renderConsumedDirectly({ ...consumed, consumeResult: 'CR_SUCCESS' });
    expect(done).toBe(recorded('queryMsgById', 4).stdout);
    expect(renderConsumedDirectly({ ...consumed, consumeResult: 'CR_LATER' })).toBe(recorded('queryMsgById', 5).stdout);
    const byKey = renderConsumedDirectly({ ...consumed, consumeResult: 'CR_SUCCESS', spentTimeMills: 1 });
    expect(byKey).toBe(recorded('queryMsgByUniqueKey', 3).stdout);
    expect(renderConsumedDirectly({ ...consumed, remark: 'why' })).toContain('consumeResult=null, remark=why,');
  });

  it('sent, or not sent', () => {
    const msgId = '7F000001000078BF0000000000000000';
    const sent = {
      sendStatus: 'SEND_OK',
      msgId: 'C00002025CE24E0E2F2A70D4DB5B0000',
      offsetMsgId: '7F000001000078BF0000000000015EB5',
      messageQueue: { topic: 'OrderTopic', brokerName: 'broker-a', queueId: 1 },
      queueOffset: 27,
    } as const;
    expect(renderResent({ msgId, found: true, sent })).toBe(recorded('queryMsgById', 7).stdout);
    expect(renderResent({ msgId, found: true })).toBe(`prepare resend msg. originalMsgId=${msgId}`);
    expect(renderResent({ msgId, found: false })).toBe('');
  });
});

describe('printMsg', () => {
  /** What a topic of the recorded cluster brings, as its text tells it. */
  function eventsIn(stdout: string): PrintEvent[] {
    return stdout.split('-'.repeat(56)).flatMap((part): PrintEvent[] => {
      const head =
        /minOffset=(\d+), maxOffset=(\d+), MessageQueue \[topic=(\S+), brokerName=(\S+), queueId=(\d)\]/.exec(part);
      if (head === null) return [];
      const mq = { topic: head[3] ?? '', brokerName: head[4] ?? '', queueId: Number(head[5]) };
      const noMatch = /no matched msg\. status=NO_MATCHED_MSG, offset=(\d+)/.exec(part);
      return [
        { kind: 'queue', mq, min: Number(head[1]), max: Number(head[2]) },
        { kind: 'batch', mq, messages: messagesIn(part) },
        ...(noMatch ? [{ kind: 'noMatch', mq, status: 'NO_MATCHED_MSG', offset: Number(noMatch[1]) } as const] : []),
        { kind: 'queueDone', mq },
      ];
    });
  }

  it.each([
    [1, 'the whole topic', utf8],
    [2, 'transactional messages without bodies', () => 'NOT PRINT BODY'],
    [3, 'no message has the tag', utf8],
    [4, 'a time window without messages', utf8],
    [7, 'dead letters', utf8],
  ])('case %i: %s', (number, _, bodyText) => {
    const { stdout } = recorded('printMsg', number);
    const events = eventsIn(stdout);
    expect(events.length).toBeGreaterThan(1);
    expect(events.map((event) => renderPrintEvent(event, bodyText)).join('')).toBe(stdout);
  });

  it('a queue that came to its end too early, and one that failed', () => {
    const mq = { topic: 'T', brokerName: 'broker-a', queueId: 1 };
    expect(renderPrintEvent({ kind: 'end', mq, status: 'NO_NEW_MSG', offset: 7 }, utf8)).toBe(
      'MessageQueue [topic=T, brokerName=broker-a, queueId=1] print msg finished. status=NO_NEW_MSG, offset=7\n',
    );
    expect(renderPrintEvent({ kind: 'failed', mq, error: new PocketError('TIMEOUT', 'late') }, utf8)).toBe('');
  });
});

describe('printMsgByQueue', () => {
  it('messages and tags', () => {
    const { stdout } = recorded('printMsgByQueue', 1);
    const text = renderMessages(messagesIn(stdout), utf8) + renderTagCounts([{ tag: 'TagF', count: 1 }]);
    expect(text).toBe(stdout);
  });

  it('tags', () => {
    const counts = ['TagA', 'TagC', 'TagB'].map((tag) => ({ tag, count: 12 }));
    expect(renderTagCounts(counts)).toBe(recorded('printMsgByQueue', 2).stdout);
  });

  it('messages without bodies', () => {
    const { stdout } = recorded('printMsgByQueue', 3);
    expect(renderMessages(messagesIn(stdout), () => 'NOT PRINT BODY')).toBe(stdout);
  });
});

describe('queryCq', () => {
  const unit = (physicOffset: number, tagsCode: number) => ({ physicOffset, physicSize: 210, tagsCode, eval: false });
  const queue = { minQueueIndex: 0, maxQueueIndex: 43 };

  it('units', () => {
    const queueData = [unit(210, 2598920), unit(1050, 2598921), unit(1890, 2598919)];
    expect(renderConsumeQueue({ ...queue, queueData }, 0)).toBe(recorded('queryCq', 1).stdout);
    const [, tail = ''] = recorded('queryCq', 1).stdout.split('idx: 1\n');
    expect(renderConsumeQueue({ ...queue, queueData }, 4)).toContain(`idx: 5\n${tail.replace('idx: 2', 'idx: 6')}`);
  });

  it('with a group', () => {
    const subscriptionData = {
      topic: 'OrderTopic',
      subString: 'TagA || TagB',
      expressionType: 'TAG',
      subVersion: 1795384234756,
      tagsSet: ['TagB', 'TagA'],
      codeSet: [2598920, 2598919],
      classFilterMode: false,
    };
    const queueData = [unit(210, 2598920), unit(1050, 2598921)];
    const text = renderConsumeQueue({ ...queue, queueData, subscriptionData, filterData: 'null' }, 0);
    expect(text).toBe(recorded('queryCq', 2).stdout);
  });

  it('what an extended queue adds', () => {
    const extended = { ...unit(0, -1), extendDataJson: '{"a":1}', bitMap: '0101', eval: true, msg: 'm' };
    expect(renderConsumeQueue({ ...queue, queueData: [extended] }, 0)).toContain(
      "tagsCode=-1, extendDataJson='{\"a\":1}', bitMap='0101', eval=true, msg='m'}",
    );
  });
});

describe('cleaning', () => {
  it.each(['cleanExpiredCQ', 'cleanUnusedTopic', 'deleteExpiredCommitLog'])('%s', (name) => {
    expect(renderCleaning([{ addr: HOST }, { addr: '127.0.0.1:30921' }])).toBe(recorded(name, 2).stdout);
    expect(renderCleaning([{ addr: HOST }, { addr: 'b', error: new PocketError('TIMEOUT', 'x') }])).toBe('');
  });
});
