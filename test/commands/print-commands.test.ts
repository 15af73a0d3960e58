/**
 * The commands of mqadmin that print what a topic, a queue or a consumequeue holds, and those that have brokers clean up,
 * against a namesrv and a broker in this process.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { javaHashCode } from '../../src/core/common/java-string.ts';
import { recorded } from '../cli/fixtures/recorded.ts';
import { failedLine, GBK, QueryCluster, seen, TOPIC } from './query-cluster.ts';
import { runCommand, type Seen } from './run-command.ts';

/** Nothing listens there. */
const DOWN = '127.0.0.1:1';
let cluster: QueryCluster;
beforeAll(async () => {
  cluster = await QueryCluster.start();
});
afterAll(() => cluster?.stop());

const run = (...argv: string[]): Promise<Seen> => cluster.run(...argv);
const json = <T>(...argv: string[]): Promise<T> => cluster.json<T>(...argv);

describe('printMsg', () => {
  it('the whole topic, one tag, without bodies', async () => {
    const all = await run('printMsg', '-t', TOPIC);
    expect([all.stderr, all.exitCode]).toEqual(['', 0]);
    expect(all.stdout.match(/^minOffset=0, maxOffset=\d+, MessageQueue \[topic=Orders, .*\]$/gm)).toHaveLength(2);
    expect(all.stdout.match(/^-{56}$/gm)).toHaveLength(2);
    const lines = all.stdout.split('\n').filter((line) => line.startsWith('MSGID: '));
    expect(lines.filter((line) => line.endsWith('} BODY: 你好') || line.endsWith("'}] BODY: 你好"))).toHaveLength(1);
    const tagged = await run('printMsg', '-t', TOPIC, '-s', '标签 || TagB', '-d', 'false');
    expect(tagged.stdout.match(/^MSGID: .*$/gm)?.map((line) => line.replace(/^.* BODY: /, ''))).toEqual([
      'NOT PRINT BODY',
      'NOT PRINT BODY',
    ]);
    const none = await run('printMsg', '-t', TOPIC, '-s', 'None');
    expect(none.stdout).toMatch(/^MessageQueue \[.*\] no matched msg\. status=NO_MATCHED_MSG, offset=\d+$/m);
  });

  it('a time window in which nothing was stored', async () => {
    const before = ['-b', '2001-01-01#00:00:00:000', '-e', '2001-01-02#00:00:00:000'];
    const { stdout } = await run('printMsg', '-t', TOPIC, ...before);
    const [first = ''] = recorded('printMsg', 4).stdout.split('MessageQueue');
    expect(stdout.split('\n').filter((line) => line.startsWith(first))).toHaveLength(2);
    expect(stdout).not.toContain('MSGID');
  });

  it('another character set', async () => {
    const { stdout } = await run('printMsg', '-t', TOPIC, '-c', 'GBK', '-s', 'TagA');
    expect(stdout).toMatch(/ BODY: 你好$/m);
    expect(await run('printMsg', '-t', TOPIC, '-c', 'GBX')).toEqual(
      seen('', '-c names no character set that is known here: "GBX".\n', 2),
    );
  });

  it('as json and yaml', async () => {
    const both = ['printMsg', '-t', TOPIC, '-s', 'TagA'];
    const document = await json<{ messages: { body: unknown; msgId: string }[] }>(...both);
    expect(document).toMatchObject({
      queues: [{ topic: TOPIC, brokerName: 'broker-a', minOffset: 0 }, { minOffset: 0 }],
    });
    const bodies = document.messages.map(({ body }) => body);
    expect(bodies).toContainEqual('first');
    expect(bodies).toContainEqual({ base64: GBK.toString('base64') });
    expect(parse((await run(...both, '--output', 'yaml')).stdout)).toEqual(document);
    const decoded = await json<typeof document>(...both, '-c', 'GBK');
    expect(decoded.messages.map(({ body }) => body)).toContain('你好');
    const [bare] = (await json<typeof document>(...both, '-d', 'false')).messages;
    expect(bare).not.toHaveProperty('body');
  });

  it('an unknown topic, a time that is none, a subscription without tags', async () => {
    const unknown = await run('printMsg', '-t', 'None', '--output', 'json');
    expect([unknown.stdout, unknown.exitCode]).toEqual(['', 4]);
    const time = await run('printMsg', '-t', TOPIC, '-b', 'yesterday');
    expect(time.stderr).toMatch(/^-b is a time in milliseconds or as yyyy-MM-dd#HH:mm:ss:SSS, not "yesterday"\.\n$/);
    expect([time.stdout, time.exitCode]).toEqual(['', 2]);
    expect((await run('printMsg', '-t', TOPIC, '-s', '||')).exitCode).toBe(2);
  });
});

describe('printMsgByQueue', () => {
  const queue = ['printMsgByQueue', '-t', TOPIC, '-a', 'broker-a', '-i', '1'];

  it('messages, bodies, tags', async () => {
    expect(await run(...queue)).toEqual(seen(''));
    const bare = await run(...queue, '-p', 'true');
    expect(bare.stdout.match(/ BODY: NOT PRINT BODY$/gm)?.length).toBeGreaterThanOrEqual(3);
    const { stdout } = await run(...queue, '-p', 'true', '-d', 'true', '-f', 'true', '-s', 'TagA||标签');
    expect(stdout).toMatch(/ BODY: 你好\n.*\nTag: .{30} Count: 1\nTag: .{30} Count: 1\n$/s);
    expect(await run(...queue, '-f', 'true', '-s', 'TagA')).toEqual(seen(`Tag: ${'TagA'.padEnd(30)} Count: 1\n`));
  });

  it('as json', async () => {
    const tags = [{ tag: 'TagA', count: 1 }];
    expect(await json(...queue, '-f', 'true', '-s', 'TagA')).toEqual({ messages: [], tags });
    const both = await json(...queue, '-p', 'true', '-d', 'true', '-f', 'true', '-s', '标签');
    expect(both).toMatchObject({ messages: [{ body: '你好' }], tags: [{ tag: '标签', count: 1 }] });
    expect(await json(...queue)).toEqual({ messages: [] });
  });

  it('an unknown broker', async () => {
    const unknown = await run('printMsgByQueue', '-t', TOPIC, '-a', 'z', '-i', '0', '-p', 'true');
    expect(unknown).toEqual(seen('', `The broker[z] not exist.\n${failedLine('PrintMessageByQueueCommand')}`, 4));
  });
});

describe('queryCq', () => {
  const cq = ['queryCq', '-t', TOPIC, '-q', '0'];

  it('units, by the route or by the address', async () => {
    const { stdout, stderr, exitCode } = await run(...cq, '-i', '1', '-c', '1');
    expect(stdout).toMatch(
      new RegExp(
        `^Queue data: \nmax: \\d+, min: 0\n={38}\nidx: 1\nConsumeQueueData\\{physicOffset=\\d+, physicSize=\\d+, ` +
          `tagsCode=${javaHashCode('TagB')}, extendDataJson='null', bitMap='null', eval=false, msg='null'\\}\n={38}\n$`,
      ),
    );
    expect([stderr, exitCode]).toEqual(['', 0]);
    const direct = await runCommand([...cq, '-i', '1', '-c', '1', '-b', cluster.brokerAddr]);
    expect(direct.stdout).toBe(stdout);
    expect(await json(...cq, '-i', '1', '-c', '1')).toMatchObject({ queueData: [{ tagsCode: javaHashCode('TagB') }] });
  });

  it('of a group that is not there', async () => {
    const { stdout } = await run(...cq, '-i', '0', '-c', '1', '-g', 'GID_none');
    expect(stdout).toMatch(/^Filter data: \nGID_none@Orders is not online!\n={38}\nQueue data: \n/);
  });

  it('failures are told without the name of a Java class, as mqadmin has none here', async () => {
    expect(await run(...cq, '-i', '99999')).toEqual(seen('', 'Index 99999 of 0@Orders is not exist!\n', 4));
    expect(await run('queryCq', '-t', TOPIC, '-q', '99', '-i', '0')).toEqual(
      seen('', 'CODE: 1  DESC: 99@Orders is not exist!\n', 1),
    );
    expect(await run(...cq, '-i', 'x')).toEqual(seen('', '-i must be a whole number, not "x".\n', 2));
    const unknown = await run('queryCq', '-t', 'None', '-q', '0', '-i', '0');
    expect([unknown.stdout, unknown.exitCode]).toEqual(['', 4]);
  });
});

describe.each([
  ['cleanExpiredCQ', 'CleanExpiredCQSubCommand'],
  ['cleanUnusedTopic', 'CleanUnusedTopicCommand'],
  ['deleteExpiredCommitLog', 'DeleteExpiredCommitLogSubCommand'],
])('%s', (name, javaClass) => {
  it('on a broker, a cluster, every cluster', async () => {
    const done = seen(recorded(name, 1).stdout);
    expect(await runCommand([name, '-b', cluster.brokerAddr])).toEqual(done);
    expect(await run(name, '-c', 'DefaultCluster')).toEqual(done);
    expect(await run(name)).toEqual(done);
    expect(await json(name)).toEqual([{ addr: cluster.brokerAddr }]);
  });

  it('an unknown cluster, a broker that is down', async () => {
    const stderr = `the cluster NoCluster does not exist.\n${failedLine(javaClass)}`;
    expect(await run(name, '-c', 'NoCluster')).toEqual(seen('false', stderr, 4));
    expect((await run(name, '-c', 'NoCluster', '--output', 'json')).stdout).toBe('');
    const down = await runCommand([name, '-b', DOWN]);
    expect(down.stderr).toMatch(new RegExp(`^connect to ${DOWN} failed: .*\n${failedLine(javaClass)}$`));
    expect([down.stdout, down.exitCode]).toEqual(['', 3]);
  });
});
