/**
 * Two masters without slaves (conf/2m-noslave) at one namesrv of ours, with Java clients 4.9.7: topics on both or on one,
 * the crash of one under load and its return, and a master that hangs: the namesrv drops it from the route and takes it
 * back.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OtherClient } from './support/other-clients.ts';
import { pocketmq } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { type Finished, pollUntil } from './support/process.ts';
import { ALL } from './support/scope.ts';
import { OurBroker, OurNamesrv, waitForListing } from './support/several.ts';
import { type Acked, acksIn, Consumer, collect, consumeAll, Sender, send } from './support/traffic.ts';

const TOPIC = 'MastersTopic';
const JVM = ['-Dpocketmq.poll.namesrv=1000', '-Drocketmq.client.rebalance.waitInterval=1000'];
const CONF = fileURLToPath(new URL('../../conf/2m-noslave/', import.meta.url));
/** The shortest period of registration there is, and an expiry that a live broker does not reach. */
const SETTINGS = { registerNameServerPeriod: '10000', mappedFileSizeCommitLog: '16777216' };
const EXPIRY = { scanNotActiveBrokerInterval: '500', brokerChannelExpiredTime: '20000' };

describe('two masters', () => {
  let peer: Peer;
  let namesrv: OurNamesrv | undefined;
  let a: OurBroker;
  let b: OurBroker;
  let brokers: OurBroker[] = [];
  let cluster: { namesrvAddr: string };

  const command = (...args: string[]): Promise<Finished> => pocketmq([...args, '-n', cluster.namesrvAddr]);
  /** Names of the brokers in a topic's route. */
  async function brokersOf(topic: string): Promise<string[]> {
    const route = await command('topicRoute', '-t', topic, '--output', 'json');
    expect(route).toMatchObject({ code: 0 });
    const { queueDatas } = JSON.parse(route.stdout) as { queueDatas: { brokerName: string }[] };
    return queueDatas.map(({ brokerName }) => brokerName).sort();
  }

  beforeAll(async () => {
    peer = await ensurePeer('4.9.7');
    namesrv = await OurNamesrv.start(EXPIRY);
    cluster = { namesrvAddr: namesrv.addr };
    const start = (name: string): Promise<OurBroker> =>
      OurBroker.start({ ...cluster, configFile: `${CONF}${name}.properties`, settings: SETTINGS });
    a = await start('broker-a');
    brokers = [a];
    b = await start('broker-b');
    brokers = [a, b];
    for (const broker of brokers) await waitForListing(namesrv.addr, broker.addr);
  });

  afterAll(async () => {
    for (const server of [...brokers, namesrv]) await server?.remove();
  });

  it('updateTopic puts queues on both with -c and on one with -b', async () => {
    const both = await command('updateTopic', '-c', 'DefaultCluster', '-t', TOPIC, '-r', '4', '-w', '4');
    expect(both).toMatchObject({ code: 0, stderr: '' });
    for (const { addr } of brokers) expect(both.stdout).toContain(`create topic to ${addr} success.\n`);
    expect(await brokersOf(TOPIC)).toEqual(['broker-a', 'broker-b']);
    const one = await command('updateTopic', '-b', b.addr, '-t', 'OnlyOnB', '-r', '4', '-w', '4');
    expect(one.stdout).toMatch(`create topic to ${b.addr} success.\n`);
    expect(await brokersOf('OnlyOnB')).toEqual(['broker-b']);
    const sent = await send(cluster, peer, { topic: 'OnlyOnB', count: 20 });
    expect(new Set(sent.map(({ brokerName }) => brokerName))).toEqual(new Set(['broker-b']));
  });

  it('a producer goes on when one is killed, and what that one stored comes when it is back', async () => {
    const running = await Consumer.start(cluster, peer, { topic: TOPIC, group: 'GID_running', jvm: JVM });
    const sender = await Sender.start(cluster.namesrvAddr, peer, { topic: TOPIC });
    await sender.more(200);
    await a.end('SIGKILL');
    await sender.more(300);
    const sent = await sender.finish();
    expect(sender.failed).toEqual([]);
    const [onA, onB] = ['broker-a', 'broker-b'].map((name) => sent.filter(({ brokerName }) => brokerName === name));
    expect(onA?.length).toBeGreaterThan(50);
    expect(sent.slice(-200).every(({ brokerName }) => brokerName === 'broker-b')).toBe(true);
    expect(await brokersOf(TOPIC)).toEqual(['broker-b']);

    // A group that begins now has only the live master's messages, until the other is back.
    const late = await Consumer.start(cluster, peer, { topic: TOPIC, group: 'GID_late', jvm: JVM });
    await pollUntil('the live master to be read', () => missing(onB, late).length === 0, { timeoutMs: 60_000 });
    expect(missing(onA, late)).toHaveLength(onA?.length ?? 0);
    await a.start();
    await waitForListing(cluster.namesrvAddr, a.addr);
    for (const consumer of [late, running]) {
      await pollUntil('all messages', () => missing(sent, consumer).length === 0, { timeoutMs: 60_000 });
    }
    expect(await brokersOf(TOPIC)).toEqual(['broker-a', 'broker-b']);
    // The send that was under way when the master died may have been stored there, too, unacknowledged.
    const got = (await collect([late], sent.length)).flat();
    expect(new Set(got.map(({ key }) => key)).size).toBe(sent.length);
    expect(got.length).toBeLessThanOrEqual(sent.length + 1);
    await running.finish();
  });

  it('a master that hangs is dropped from the route and comes back when it answers again', async () => {
    a.freeze('SIGSTOP');
    await waitForListing(cluster.namesrvAddr, a.addr, false);
    expect(await brokersOf(TOPIC)).toEqual(['broker-b']);
    // The live one has been silent for less than the limit all the time.
    const sent = await send(cluster, peer, { topic: TOPIC, count: 50, first: 100_000 });
    expect(new Set(sent.map(({ brokerName }) => brokerName))).toEqual(new Set(['broker-b']));
    a.freeze('SIGCONT');
    await waitForListing(cluster.namesrvAddr, a.addr);
    expect(await brokersOf(TOPIC)).toEqual(['broker-a', 'broker-b']);
    const more = await send(cluster, peer, { topic: TOPIC, count: 50, first: 200_000 });
    expect(new Set(more.map(({ brokerName }) => brokerName))).toEqual(new Set(['broker-a', 'broker-b']));
    const all = await consumeAll(cluster, peer, { topic: TOPIC, group: 'GID_hung', count: sent.length + more.length });
    const keys = new Set(all.map(({ key }) => key));
    expect([...sent, ...more].filter(({ number }) => !keys.has(`k${number}`))).toEqual([]);
  });

  it.each(ALL ? (['Go', 'C++'] as const) : [])('%s goes on when one is killed', async (name) => {
    const client = await OtherClient.ensure(name);
    const sender = client.start('send', cluster.namesrvAddr, TOPIC, 'GID_killed', 5000, 500_000, 'sync');
    await pollUntil('200 messages', () => acksIn(sender.stdout).length >= 200, { timeoutMs: 30_000 });
    await a.end('SIGKILL');
    expect(acksIn(sender.stdout).length).toBeLessThan(5000);
    expect(await sender.wait(120_000)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^SENT 5000$/m) });
    expect(acksIn(sender.stdout)).toHaveLength(5000);
    await a.start();
    await waitForListing(cluster.namesrvAddr, a.addr);
  });

  it.each(ALL ? (['5.4.0'] as const) : [])('a Java producer of %s goes on when one is killed', async (version) => {
    const sender = await Sender.start(cluster.namesrvAddr, await ensurePeer(version), { topic: TOPIC });
    await sender.more(200);
    await a.end('SIGKILL');
    await sender.more(300);
    const sent = await sender.finish();
    expect(sender.failed).toEqual([]);
    expect(sent.slice(-200).every(({ brokerName }) => brokerName === 'broker-b')).toBe(true);
    await a.start();
    await waitForListing(cluster.namesrvAddr, a.addr);
  });
});

/** Acknowledged messages that the consumer has not got. */
function missing(acked: readonly Acked[] | undefined, consumer: Consumer): Acked[] {
  const keys = new Set(consumer.messages.map(({ key }) => key));
  return (acked ?? []).filter(({ number }) => !keys.has(`k${number}`));
}
