/**
 * The commands of mqadmin that find messages by what is known of them, against a namesrv and a broker in this process.
 */

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { systemClock } from '../../src/core/common/clock.ts';
import { javaHashCode } from '../../src/core/common/java-string.ts';
import { silentLogger } from '../../src/core/common/logger.ts';
import { type ConsumerData, encodeHeartbeatData } from '../../src/core/protocol/bodies/heartbeat-data.ts';
import { heartBeat } from '../../src/core/protocol/requests/heart-beat.ts';
import { updateConsumerOffset } from '../../src/core/protocol/requests/update-consumer-offset.ts';
import { call } from '../../src/core/remoting/call.ts';
import { RemotingClient } from '../../src/core/remoting/remoting-client.ts';
import { recorded } from '../cli/fixtures/recorded.ts';
import { failedLine, GBK, LONG, QueryCluster, seen, TOPIC } from './query-cluster.ts';
import type { Seen } from './run-command.ts';

let cluster: QueryCluster;
beforeAll(async () => {
  cluster = await QueryCluster.start();
});
afterAll(() => cluster?.stop());

const run = (...argv: string[]): Promise<Seen> => cluster.run(...argv);
const json = <T>(...argv: string[]): Promise<T> => cluster.json<T>(...argv);
const idOf = (number: number): string => cluster.idOf(number);
const uniqueOf = (number: number): string => cluster.uniqueOf(number);

/** Where the bodies of one test go. */
let outDir: string;
beforeEach(() => {
  outDir = mkdtempSync(join(cluster.dir, 'bodies-'));
});
const show = (...argv: string[]): Promise<Seen> => run(...argv, '--out-dir', outDir);

const detail = (stdout: string, label: string): string | undefined =>
  new RegExp(`^${label}: +(.*)$`, 'm').exec(stdout)?.[1];
const noMessage = (by: 'id' | 'key'): string => `CODE: 208  DESC: query message by ${by} finished, but no message.\n`;

describe('queryMsgById', () => {
  it('shows the message and writes its body', async () => {
    const { stdout, stderr, exitCode } = await show('queryMsgById', '-i', idOf(2));
    const labels = stdout
      .split('\n')
      .slice(0, 15)
      .map((line) => line.slice(0, 21));
    expect(labels).toEqual(
      recorded('queryMsgById', 1)
        .stdout.split('\n')
        .slice(0, 15)
        .map((line) => line.slice(0, 21)),
    );
    const values = ['OffsetID', 'Topic', 'Tags', 'Keys', 'Queue ID', 'Queue Offset', 'Store Host'];
    expect(values.map((label) => detail(stdout, label))).toEqual([
      idOf(2),
      TOPIC,
      '[标签]',
      '[订单-1]',
      '1',
      '0',
      cluster.brokerAddr,
    ]);
    const path = join(outDir, uniqueOf(2));
    expect(stdout.slice(stdout.indexOf('Message Body Path:'))).toBe(
      `Message Body Path:   ${path}\n\n\nWARN: No Consumer`,
    );
    expect([readFileSync(path, 'utf8'), stderr, exitCode]).toEqual(['你好', '', 0]);
  });

  it('several ids, without a separator; a compressed body is written as it was sent', async () => {
    const { stdout } = await show('queryMsgById', '-i', `${idOf(0)}, ${idOf(3)},`);
    expect(stdout).toContain('WARN: No ConsumerOffsetID: ');
    expect(readFileSync(join(outDir, uniqueOf(3)), 'utf8')).toBe(LONG);
  });

  it('an id that leads out of the folder is replaced', async () => {
    const { stdout } = await show('queryMsgById', '-i', idOf(4));
    expect(detail(stdout, 'Message Body Path')).toBe(join(outDir, idOf(4)));
    expect(readdirSync(outDir)).toEqual([idOf(4)]);
  });

  it('ends at the first id without a message, as mqadmin', async () => {
    const { stdout, stderr, exitCode } = await show('queryMsgById', '-i', `${idOf(0)},hello,${idOf(1)}`);
    expect(stdout.match(/^OffsetID: /gm)).toHaveLength(1);
    expect([stderr, exitCode]).toEqual([noMessage('id') + failedLine('QueryMsgByIdSubCommand'), 4]);
    expect(await show('queryMsgById', '-i', uniqueOf(0))).toEqual(seen('', stderr, 4));
    const gone = await show('queryMsgById', '-i', `${idOf(0).slice(0, 16)}00000000FFFFFFFF`);
    expect(gone.stderr).toBe(
      `CODE: 1  DESC: can not find message by the offset, 4294967295 BROKER: ${cluster.brokerAddr}.\n` +
        failedLine('QueryMsgByIdSubCommand'),
    );
    expect([gone.stdout, gone.exitCode]).toEqual(['', 4]);
    expect(await show('queryMsgById', '-i', ' , ')).toEqual(seen('', '-i names no message id.\n', 2));
  });

  it('as json and yaml: the body as text, else as base64, and in a file only when asked for', async () => {
    const [one, other] = await json<{ message: Record<string, unknown>; bodyPath?: string }[]>(
      'queryMsgById',
      '-i',
      `${idOf(2)},${idOf(4)}`,
    );
    expect(one).toMatchObject({ message: { body: '你好', msgId: uniqueOf(2), offsetMsgId: idOf(2) }, tracks: [] });
    expect(other?.message.body).toEqual({ base64: GBK.toString('base64') });
    expect([one, other].map((shown) => shown?.bodyPath)).toEqual([undefined, undefined]);
    const yaml = await show('queryMsgById', '-i', idOf(2), '--output', 'yaml');
    expect(parse(yaml.stdout)).toMatchObject([{ message: { body: '你好' }, bodyPath: join(outDir, uniqueOf(2)) }]);
    const partly = await run('queryMsgById', '-i', `${idOf(2)},hello`, '--output', 'json');
    expect(JSON.parse(partly.stdout)).toHaveLength(1);
    expect(partly.exitCode).toBe(4);
  });

  it('-s true sends it again, anything else does nothing', async () => {
    const [again] = await cluster.send([[0, 'again', { KEYS: 'again' }]]);
    expect(await run('queryMsgById', '-i', again?.offsetMsgId ?? '', '-s', 'yes')).toEqual(seen(''));
    const { stdout, stderr, exitCode } = await run('queryMsgById', '-i', again?.offsetMsgId ?? '', '-s', 'TRUE');
    expect(stdout).toMatch(
      new RegExp(
        `^prepare resend msg\\. originalMsgId=${again?.offsetMsgId}SendResult \\[sendStatus=SEND_OK, msgId=${again?.msgId}, ` +
          `offsetMsgId=\\w{32}, messageQueue=MessageQueue \\[topic=${TOPIC}, brokerName=broker-a, queueId=[01]\\], queueOffset=\\d+\\]$`,
      ),
    );
    expect([stderr, exitCode]).toEqual(['', 0]);
    const rows = (await run('queryMsgByKey', '-t', TOPIC, '-k', 'again')).stdout.trimEnd().split('\n');
    expect(rows.map((row) => row.split(' ')[0])).toEqual(['#Message', again?.msgId, again?.msgId]);
    const twice = await run('queryMsgById', '-i', `hello,${again?.offsetMsgId}`, '-s', 'true');
    expect(twice.stdout).toMatch(/^prepare resend msg\. originalMsgId=\w{32}SendResult/);
    expect([twice.stderr, twice.exitCode]).toEqual([`hello: ${noMessage('id')}`, 7]);
  });

  it('-g and -d name a client that has to be online', async () => {
    const refusal = 'CODE: 1  DESC: The Consumer <G> <client> not online.\n';
    const asked = ['-g', 'G', '-d', 'client'];
    expect(await run('queryMsgById', '-i', idOf(0), ...asked)).toEqual(
      seen('', refusal + failedLine('QueryMsgByIdSubCommand'), 1),
    );
    expect(await run('queryMsgByUniqueKey', '-t', TOPIC, '-i', uniqueOf(0), ...asked)).toEqual(
      seen('', refusal + failedLine('QueryMsgByUniqueKeySubCommand'), 1),
    );
  });
});

describe('queryMsgByKey', () => {
  it('tells keys of one hash apart', async () => {
    expect(javaHashCode('Aa')).toBe(javaHashCode('BB'));
    const row = (number: number, queueId: number, offset: number): string =>
      `${uniqueOf(number).padEnd(50)} ${String(queueId).padStart(4)} ${String(offset).padStart(40)}\n`;
    const [heading] = recorded('queryMsgByKey', 1).stdout.split('\n');
    const table = (...rows: string[]): Seen => seen(`${heading}\n${rows.join('')}`);
    expect(await run('queryMsgByKey', '-t', TOPIC, '-k', 'Aa')).toEqual(table(row(0, 0, 0), row(4, 1, 2)));
    expect(await run('queryMsgByKey', '-t', TOPIC, '-k', 'BB')).toEqual(table(row(1, 0, 1)));
    expect(await run('queryMsgByKey', '-t', TOPIC, '-k', '订单-1')).toEqual(table(row(2, 1, 0)));
    expect(await json('queryMsgByKey', '-t', TOPIC, '-k', 'BB')).toMatchObject([
      { msgId: uniqueOf(1), body: 'second' },
    ]);
  });

  it('an unknown key and an unknown topic', async () => {
    const scraped = failedLine('QueryMsgByKeySubCommand');
    expect(await run('queryMsgByKey', '-t', TOPIC, '-k', 'none')).toEqual(seen('', noMessage('key') + scraped, 4));
    const unknown = await run('queryMsgByKey', '-t', 'None', '-k', 'order-0');
    expect(unknown.stderr).toMatch(/^the topic None does not exist: /);
    expect([unknown.stdout, unknown.exitCode]).toEqual(['', 4]);
  });
});

describe('queryMsgByUniqueKey', () => {
  it('shows the message, without the offset id, with and without -a', async () => {
    const one = await show('queryMsgByUniqueKey', '-t', TOPIC, '-i', uniqueOf(1));
    expect(one.stdout).toMatch(new RegExp(`^Topic: {15}${TOPIC}\n`));
    expect([detail(one.stdout, 'Keys'), one.stderr, one.exitCode]).toEqual(['[BB]', '', 0]);
    expect(await show('queryMsgByUniqueKey', '-t', TOPIC, '-i', uniqueOf(1), '-a')).toEqual(one);
    expect(readdirSync(outDir)).toEqual([uniqueOf(1)]);
  });

  it('an id that no message has', async () => {
    const unknown = await show('queryMsgByUniqueKey', '-t', TOPIC, '-i', 'C00002025CE24E0E2F2A70D4DB5BFFFF');
    expect(unknown).toEqual(seen('', noMessage('key') + failedLine('QueryMsgByUniqueKeySubCommand'), 4));
    expect(readdirSync(outDir)).toEqual([]);
  });
});

describe('queryMsgByOffset', () => {
  const at = (queueId: string, offset: string, broker = 'broker-a'): string[] => [
    ...['queryMsgByOffset', '-t', TOPIC, '-b', broker],
    ...['-i', queueId, '-o', offset],
  ];

  it('shows the message with the ends of its queue', async () => {
    const { stdout, stderr, exitCode } = await show(...at('1', '1'));
    expect(detail(stdout, 'Properties')).toMatch(/^\{MIN_OFFSET=0, MAX_OFFSET=\d+, .*UNIQ_KEY=/);
    expect([detail(stdout, 'OffsetID'), stderr, exitCode]).toEqual([idOf(3), '', 0]);
    expect(await json(...at('1', '0'))).toMatchObject({ message: { body: '你好' }, tracks: [] });
  });

  it('where there is none', async () => {
    const scraped = failedLine('QueryMsgByOffsetSubCommand');
    const { stdout, stderr, exitCode } = await show(...at('1', '99999'));
    expect(stderr).toMatch(
      /^queue 1 of Orders on broker-a has no message at offset 99999: the first is 0, the next to come \d+\.\n/,
    );
    expect([stdout, exitCode]).toEqual(['', 4]);
    expect(await show(...at('1', '1', 'z'))).toEqual(seen('', `The broker[z] not exist.\n${scraped}`, 4));
    expect(await show(...at('x', '1'))).toEqual(seen('', '-i must be a whole number, not "x".\n', 2));
    expect((await show(...at('1', '-1'))).exitCode).toBe(2);
  });
});

describe('what consumers made of a message', () => {
  it('is told of groups that are online and of those that are gone', async () => {
    const client = new RemotingClient({ clock: systemClock, logger: silentLogger });
    const ask = (...args: [Parameters<typeof call>[2], Parameters<typeof call>[3], Buffer?]): Promise<unknown> =>
      call(client, cluster.brokerAddr, args[0], args[1], { timeoutMs: 5000, body: args[2] });
    const subscription = { topic: TOPIC, subString: 'TagA', tagsSet: ['TagA'], codeSet: [javaHashCode('TagA')] };
    const consumer: Omit<ConsumerData, 'groupName'> = {
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      subscriptionDataSet: [{ ...subscription, expressionType: 'TAG', subVersion: 1, classFilterMode: false }],
      unitMode: false,
    };
    try {
      const body = encodeHeartbeatData({
        clientID: 'c1',
        producerDataSet: [],
        consumerDataSet: [
          { ...consumer, groupName: 'GID_on' },
          { ...consumer, groupName: 'GID_gone', subscriptionDataSet: [] },
        ],
      });
      await ask(heartBeat, {}, body);
      for (const consumerGroup of ['GID_on', 'GID_old']) {
        await ask(updateConsumerOffset, { consumerGroup, topic: TOPIC, queueId: 0, commitOffset: 1 });
      }
      await expect.poll(() => run('topicList').then(({ stdout }) => stdout)).toContain('%RETRY%GID_on\n');
      const track = (group: string, type: string, why = 'null'): string =>
        `MessageTrack [consumerGroup=${group}, trackType=${type}, exceptionDesc=${why}]`;
      const old = track('GID_old', 'UNKNOWN', 'CODE:17 DESC:');
      const tail = async (number: number): Promise<string> =>
        (await show('queryMsgById', '-i', idOf(number))).stdout.split('\n\n\n')[1] ?? '';
      expect(await tail(0)).toContain(track('GID_on', 'CONSUMED'));
      expect(await tail(1)).toContain(track('GID_on', 'NOT_CONSUME_YET'));
      expect(await tail(0)).toContain(old.slice(0, -1));
      const [shown] = await json<{ tracks: object[] }[]>('queryMsgById', '-i', idOf(0));
      expect(shown?.tracks).toContainEqual({ consumerGroup: 'GID_on', trackType: 'CONSUMED' });
      const cq = await run('queryCq', '-t', TOPIC, '-q', '0', '-i', '0', '-c', '1', '-g', 'GID_on');
      expect(cq.stdout).toMatch(/^Subscription data: \n\{\n\t"classFilterMode":false,\n.*\nFilter data: \nnull\n=/s);
    } finally {
      await client.stop();
    }
  });

  it('is not known when the topic is gone; the message is shown all the same', async () => {
    const create = ['-c', 'DefaultCluster', '-t', 'Gone'];
    await run('updateTopic', ...create, '--wait-route');
    await run('sendMessage', '-t', 'Gone', '-p', 'left', '-k', 'gone');
    const [{ offsetMsgId = '', msgId = '' } = {}] = await json<{ offsetMsgId?: string; msgId?: string }[]>(
      ...['queryMsgByKey', '-t', 'Gone', '-k', 'gone'],
    );
    await run('deleteTopic', ...create);
    const { stdout, stderr, exitCode } = await show('queryMsgById', '-i', offsetMsgId);
    expect(stdout).toMatch(/\nMessage Body Path: {3}\S+\n$/);
    expect(readFileSync(join(outDir, msgId), 'utf8')).toBe('left');
    expect(stderr).toBe(
      `It is not known which groups have consumed ${msgId} (the topic Gone does not exist).\n` +
        failedLine('QueryMsgByIdSubCommand'),
    );
    expect(exitCode).toBe(7);
  });
});

it('a message body that cannot be written is a failure before anything is printed', async () => {
  writeFileSync(join(outDir, 'file'), '');
  const { stdout, stderr, exitCode } = await run('queryMsgById', '-i', idOf(0), '--out-dir', join(outDir, 'file', 'x'));
  expect(stderr).toMatch(/ENOTDIR/);
  expect([stdout, exitCode]).toEqual(['', 1]);
});

it('DecodeMessageId is no command, as in mqadmin', async () => {
  const { stdout, exitCode } = await run('DecodeMessageId', '-i', 'C00002025CE24E0E2F2A70D4DB5B0000');
  expect([stdout, exitCode]).toEqual(['The sub command DecodeMessageId not exist.\n', 2]);
});
