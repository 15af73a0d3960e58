/** Our commands on a real 4.9.7 cluster: messages sent and read, and what happens when something is not there. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
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

  it('startMonitoring finds a group that is behind and one that nobody is in, and posts it', async () => {
    await ours('sendMessage', '-t', TOPIC, '-p', 'one');
    await ours('subscribe', TOPIC, '-g', 'GID_watched', '--from', 'first', '--count', '1');
    await ours('sendMessage', '-t', TOPIC, '-p', 'two');
    const bodies: { condition: string; value: number }[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(JSON.parse(body));
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const file = join(cluster.folder, 'rules.yaml');
    const { port } = server.address() as AddressInfo;
    try {
      writeFileSync(
        file,
        `actions: [log, {webhook: 'http://127.0.0.1:${port}'}]
rules:
  - {name: late, group: GID_w*, topic: ${TOPIC}, messagesBehind: 0, secondsBehind: 0}
  - {name: sick, group: GID_watched, noMember: true, unequalSubscriptions: true, deadLettersPerHour: 0}
  - {name: away, clusterUnreachable: true}
`,
      );
      // The next message has waited a whole second.
      const look = (): Promise<Finished> => ours('startMonitoring', '--rules', file, '--once');
      let seen = await look();
      while (!seen.stdout.includes('has waited')) {
        bodies.length = 0;
        seen = await look();
      }
      expect(seen).toMatchObject({ code: 1, stderr: '' });
      const lines = seen.stdout.trimEnd().split('\n');
      expect(lines).toEqual([
        expect.stringMatching(/ firing "late": GID_watched is \d messages? behind in CommandTopic$/),
        expect.stringMatching(
          / firing "late": the next message of CommandTopic has waited \d+ seconds? for GID_watched$/,
        ),
        expect.stringMatching(/ firing "sick": no member of GID_watched is connected$/),
      ]);
      const progress = await mqadmin(cluster.peer, [
        'consumerProgress',
        '-g',
        'GID_watched',
        '-n',
        cluster.namesrvAddr,
      ]);
      const diff = Number(/Diff Total: (\d+)/.exec(progress.stdout)?.[1]);
      expect(bodies.find(({ condition }) => condition === 'messagesBehind')?.value).toBe(diff);
      expect(bodies).toHaveLength(3);
    } finally {
      server.close();
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
