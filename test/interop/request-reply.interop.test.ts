/**
 * Request and reply between Java's clients and ours, over our broker and over the real one: whoever asks and whoever
 * answers, the requester sees the same on both. All Java releases with POCKETMQ_INTEROP=all; there the Go client asks, too.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PushConsumer } from '../../src/core/client/consumer/push-consumer.ts';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { createReplyMessage } from '../../src/core/client/producer/reply-message.ts';
import { JavaCluster, runProgram, startProgram } from './support/java-cluster.ts';
import { OtherClient } from './support/other-clients.ts';
import { OurCluster, pocketmq } from './support/our-cluster.ts';
import { ensurePeer } from './support/peers.ts';
import type { Spawned } from './support/process.ts';
import { ALL, VERSIONS } from './support/scope.ts';

const ASKED = ['AskedJava', 'AskedOurs'] as const;

const running: Array<{ stop(): Promise<unknown> }> = [];

afterAll(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
});

async function started<S extends { start(): Promise<void>; stop(): Promise<void> }>(service: S): Promise<S> {
  running.push(service);
  await service.start();
  return service;
}

/** Our consumer that answers as RequestReply does. */
async function ourReplier(namesrvAddr: string): Promise<void> {
  const sender = await started(new Producer({ group: 'GID_our_repliers', namesrvAddr }));
  await started(
    new PushConsumer({
      group: 'GID_reply_ours',
      namesrvAddr,
      subscriptions: { AskedOurs: '*' },
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      listener: async (messages) => {
        for (const message of messages) await sender.send(createReplyMessage(message, `re: ${message.body}`));
      },
    }),
  );
}

describe.each(VERSIONS)('request and reply with Java %s', (version) => {
  const clusters = new Map<string, OurCluster | JavaCluster>();
  const repliers = new Map<string, Spawned>();

  beforeAll(async () => {
    const peer = await ensurePeer(version);
    clusters.set('ours', await OurCluster.start());
    clusters.set('real', await JavaCluster.start({ version }));
    running.push(...clusters.values());
    for (const [name, { namesrvAddr, brokerAddr }] of clusters) {
      for (const topic of [...ASKED, 'AskedNobody']) {
        const args = ['updateTopic', '-n', namesrvAddr, '-b', brokerAddr, '-t', topic, '-r', '2', '-w', '2'];
        expect(await pocketmq(args)).toMatchObject({ code: 0 });
      }
      const replier = await startProgram(peer, 'RequestReply', ['reply', namesrvAddr, 'AskedJava']);
      repliers.set(name, replier);
      await ourReplier(namesrvAddr);
    }
    for (const replier of repliers.values()) await replier.waitForOutput(/READY/, 60_000);
  });

  afterAll(async () => {
    for (const replier of repliers.values()) {
      replier.closeStdin();
      await replier.wait(30_000);
    }
  });

  function clusterOf(name: string): OurCluster | JavaCluster {
    return clusters.get(name) ?? expect.fail(`there is no cluster ${name}`);
  }

  it('a Java requester sees the same on both brokers, whoever answers', async () => {
    const peer = await ensurePeer(version);
    const ask = async (name: string): Promise<string[]> => {
      const args = ['request', clusterOf(name).namesrvAddr, 3, ASKED.join(',')];
      const { stdout } = await runProgram(peer, 'RequestReply', args);
      // The client's logging may say on standard output that it has ended.
      return stdout.split('\n').filter((line) => /^(ANSWER|TIMEOUT|REFUSED|SENT) /.test(line));
    };
    const [onOurs, onReal] = await Promise.all([ask('ours'), ask('real')]);
    // A broker of 5.x adds these two to what it pushes.
    expect(onOurs).toEqual(onReal.map((line) => line.replace(/ (MSG_REGION|TRACE_ON)=\w+/g, '')));
    expect(onReal.map((line) => line.slice(0, 12))).toEqual([
      ...ASKED.flatMap(() => ['ANSWER re:_q', 'ANSWER re:_x', 'ANSWER re:_q']),
      'TIMEOUT 1000',
      'REFUSED 1 pu',
    ]);
  });

  it.each(['ours', 'real'])('our requester gets the answers of a Java replier: %s', async (name) => {
    const { namesrvAddr } = clusterOf(name);
    const asker = await started(new Producer({ group: 'GID_our_askers', namesrvAddr }));
    const bodies = ['a', 'b'.repeat(6000), 'c'];
    const replies = await Promise.all(bodies.map((body) => asker.request({ topic: 'AskedJava', body }, 20_000)));
    expect(replies.map(({ body }) => String(body))).toEqual(bodies.map((body) => `re: ${body}`));
    expect(replies[0]).toMatchObject({ topic: 'DefaultCluster_REPLY_TOPIC', properties: { MSG_TYPE: 'reply' } });
    await expect(asker.request({ topic: 'AskedNobody', body: 'q' }, 300)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it.each(['ours', 'real'])('a reply to nobody is refused with the same words: %s', async (name) => {
    const { namesrvAddr } = clusterOf(name);
    const sender = await started(new Producer({ group: 'GID_orphans', namesrvAddr, retryTimesWhenSendFailed: 0 }));
    const properties = { CLUSTER: 'DefaultCluster', CORRELATION_ID: 'c', REPLY_TO_CLIENT: '10.0.0.1@gone' };
    await expect(sender.send(createReplyMessage({ properties }, 'x'))).rejects.toMatchObject({
      responseCode: 1,
      detail: 'push reply message fail, channel of <10.0.0.1@gone> not found.',
    });
  });

  it('a replier is answered the same by both', () => {
    const [onOurs = [], onReal = []] = ['ours', 'real'].map((name) =>
      repliers.get(name)?.stdout.match(/^SENT \w+ \d+/gm),
    );
    expect(onOurs).toEqual(onReal);
    expect(new Set(onReal)).toEqual(new Set(['SENT SEND_OK 32']));
  });

  it.each(ALL && version === '4.9.7' ? ['ours', 'real'] : [])('the Go client asks a Java replier: %s', async (name) => {
    const client = await OtherClient.ensure('Go');
    const result = await client
      .start('request', clusterOf(name).namesrvAddr, 'AskedJava', 'AskedNobody', 'GID_go_askers', 3)
      .wait(60_000);
    expect(result).toMatchObject({ code: 0, stdout: 'ANSWER re: q0\nANSWER re: q1\nANSWER re: q2\n' });
  });
});
