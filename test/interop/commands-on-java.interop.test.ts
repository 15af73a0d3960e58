/** Our commands on a real 4.9.7 cluster: messages sent and read, and what happens when something is not there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JavaCluster, mqadmin } from './support/java-cluster.ts';
import { pocketmq } from './support/our-cluster.ts';
import { freeBasePort } from './support/ports.ts';
import type { Finished } from './support/process.ts';

const TOPIC = 'CommandTopic';

describe('our commands on the real cluster', () => {
  let cluster: JavaCluster;
  const ours = (...args: string[]): Promise<Finished> => pocketmq([...args, '-n', cluster.namesrvAddr]);

  beforeAll(async () => {
    cluster = await JavaCluster.start();
  });

  afterAll(() => cluster?.stop());

  it('updateTopic -b makes a topic the real mqadmin sees', async () => {
    const made = await ours('updateTopic', '-b', cluster.brokerAddr, '-t', TOPIC, '-r', '2', '-w', '2', '-p', '6');
    expect(made).toEqual({
      code: 0,
      stderr: '',
      stdout:
        `create topic to ${cluster.brokerAddr} success.\n` +
        `TopicConfig [topicName=${TOPIC}, readQueueNums=2, writeQueueNums=2, perm=RW-, ` +
        'topicFilterType=SINGLE_TAG, topicSysFlag=0, order=false]',
    });
    const route = await mqadmin(cluster.peer, ['topicRoute', '-t', TOPIC, '-n', cluster.namesrvAddr]);
    expect(route.stdout).toContain('"writeQueueNums":2');
    expect((await ours('topicRoute', '-t', TOPIC)).stdout).toBe(route.stdout);
  });

  it('sendMessage stores a message that consumeMessage and the real mqadmin read', async () => {
    const sent = await ours('sendMessage', '-t', TOPIC, '-p', 'from our sendMessage', '-k', 'order-1', '-c', 'TagA');
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    const [heading, row] = sent.stdout.split('\n');
    expect(heading).toBe('#Broker Name                      #QID  #Send Result            #MsgId');
    expect(row).toMatch(/^broker-a {26}[01] {5}SEND_OK {17}[0-9A-F]+$/);
    const msgId = row?.split(' ').at(-1) ?? '';
    const read = ['consumeMessage', '-t', TOPIC, '-n', cluster.namesrvAddr];
    for (const result of [await pocketmq(read), await mqadmin(cluster.peer, read)]) {
      expect(result.code).toBe(0);
      expect(result.stdout).toContain(`MSGID: ${msgId} `);
      expect(result.stdout).toContain('KEYS=order-1');
      expect(result.stdout).toContain('BODY: from our sendMessage\n');
    }
  });

  it.each([
    ['an unknown topic', ['topicRoute', '-t', 'NoSuchTopic'], 4],
    ['an unknown topic', ['topicStatus', '-t', 'NoSuchTopic'], 4],
    ['an unknown cluster', ['updateTopic', '-c', 'NoSuchCluster', '-t', 'SomeTopic'], 4],
  ])('%s: %j ends with code %i and one sentence', async (_, args, code) => {
    expectOneSentence(await ours(...args), code);
  });

  it('a name server that is not there: code 3 and one sentence', async () => {
    const nowhere = `127.0.0.1:${await freeBasePort()}`;
    expectOneSentence(await pocketmq(['clusterList', '-n', nowhere]), 3);
    expectOneSentence(await pocketmq(['topicRoute', '-t', TOPIC, '-n', nowhere]), 3);
  });
});

/** One readable line; beside it only the line that scrapers of mqadmin's logs look for may stand. */
function expectOneSentence(result: Finished, code: number): void {
  expect(result.code, result.stderr).toBe(code);
  const lines = result.stderr.trim().split('\n');
  const sentences = lines.filter((line) => !/^SubCommandException: \w+ command failed$/.test(line));
  expect(sentences, result.stderr).toHaveLength(1);
  expect(sentences[0]).toMatch(/\w+ \w+/);
  expect(result.stdout).not.toContain('success');
}
