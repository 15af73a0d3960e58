/**
 * Two namesrvs of ours and one broker: Java clients 4.9.7 and the broker go on when either namesrv is killed, and the one
 * that comes back has the route again.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pocketmq } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { pollUntil } from './support/process.ts';
import { OurBroker, OurNamesrv, waitForListing } from './support/several.ts';
import { Consumer, collect, consumeAll, deliveryFaults, Sender, send } from './support/traffic.ts';

const TOPIC = 'SeveralTopic';
const JVM = ['-Dpocketmq.poll.namesrv=1000', '-Drocketmq.client.rebalance.waitInterval=1000'];

describe('two namesrvs', () => {
  let peer: Peer;
  let namesrvs: OurNamesrv[] = [];
  let namesrvAddr: string;
  let broker: OurBroker | undefined;
  let sender: Sender;
  let consumer: Consumer;

  const routeAt = (addr: string): Promise<{ stdout: string; code: number }> =>
    pocketmq(['topicRoute', '-t', TOPIC, '-n', addr]);

  beforeAll(async () => {
    peer = await ensurePeer('4.9.7');
    namesrvs = [await OurNamesrv.start(), await OurNamesrv.start()];
    namesrvAddr = namesrvs.map(({ addr }) => addr).join(';');
    const settings = { brokerName: 'broker-a', mappedFileSizeCommitLog: '16777216', registerNameServerPeriod: '10000' };
    broker = await OurBroker.start({ namesrvAddr, settings });
    const made = await pocketmq([
      'updateTopic',
      '-c',
      'DefaultCluster',
      '-t',
      TOPIC,
      '-w',
      '4',
      '-r',
      '4',
      '-n',
      namesrvAddr,
    ]);
    expect(made).toMatchObject({ code: 0 });
    consumer = await Consumer.start({ namesrvAddr }, peer, { topic: TOPIC, group: 'GID_several', jvm: JVM });
    sender = await Sender.start(namesrvAddr, peer, { topic: TOPIC });
    await sender.more(20);
  });

  afterAll(async () => {
    for (const server of [broker, ...namesrvs]) await server?.remove();
  });

  it.each([0, 1])('namesrv %i is killed: sends and consumption go on, and it gets the route again', async (index) => {
    const [victim, other] = [namesrvs[index], namesrvs[1 - index]];
    if (victim === undefined || other === undefined || broker === undefined) throw new Error('no servers');
    const route = await routeAt(other.addr);
    expect(route).toMatchObject({ code: 0 });
    await victim.end('SIGKILL');
    // Long enough that the clients, which ask for routes every second, have found it dead.
    await sender.more(300);
    const seen = sender.acked.length;
    await pollUntil('consumption', () => consumer.messages.length >= seen, { timeoutMs: 60_000 });
    expect(sender.failed).toEqual([]);
    expect(await routeAt(namesrvAddr)).toEqual(route);

    // A new client with both addresses, and a topic that nobody knows yet.
    const fresh = `SeveralFresh_${index}`;
    const sent = await send({ namesrvAddr }, peer, { topic: fresh, count: 50 });
    const got = await consumeAll({ namesrvAddr }, peer, { topic: fresh, group: `GID_fresh_${index}`, count: 50 });
    expect(deliveryFaults(sent, got)).toEqual([]);

    await victim.start();
    await waitForListing(victim.addr, broker.addr);
    expect(await routeAt(victim.addr)).toEqual(route);
    expect(await pocketmq(['topicRoute', '-t', fresh, '-n', victim.addr])).toMatchObject({ code: 0 });
  });

  it('every message that was acknowledged arrived once', async () => {
    const sent = await sender.finish();
    expect(sender.failed).toEqual([]);
    expect(deliveryFaults(sent, (await collect([consumer], sent.length)).flat())).toEqual([]);
  });
});
