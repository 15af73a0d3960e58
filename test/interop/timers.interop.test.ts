/**
 * Messages that clients of 5.4.0 want delivered at a time: their producers and consumers see on our broker what they see on the
 * real one of 5.4.0, the same answers and the same properties, and after a kill each message once.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { JavaCluster, runProgram, startProgram } from './support/java-cluster.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { ALL } from './support/scope.ts';
import { createTopic } from './support/wire.ts';

const TOPIC = 'TimedTopic';
/** The delay is short, for the level as well. */
const CONFIG = { messageDelayLevel: '1s 2s' };

const SPECS = [
  'setDelayTimeSec=2',
  'setDelayTimeMs=1500',
  'setDeliverTimeMs=+2500',
  'setDeliverTimeMs=1',
  'setDelayTimeSec=0',
  'setDelayTimeMs=-5',
  'setDelayTimeLevel=2,setDelayTimeSec=9',
  'setDelayTimeSec=1,setDelayTimeMs=9000,setDeliverTimeMs=1',
  'setDelayTimeSec=259201',
  'setDelayTimeMs=259300000',
  'setDeliverTimeMs=+259300000',
  'TIMER_DELAY_SEC=soon',
  'TIMER_DELAY_MS=1.5',
  'TIMER_DELAY_SEC=0,TIMER_DEL_UNIQKEY=x',
];
/** What the messages that are taken may not be earlier than, ms. */
const NOT_BEFORE = [2000, 1500, 2500, 0, 0, 0, 2000, 1000];
const SHORT = SPECS.slice(0, 3);

const clusters: { stop(): Promise<unknown> }[] = [];
afterAll(() => Promise.all(clusters.map((cluster) => cluster.stop())));

async function started<C extends OurCluster | JavaCluster>(starting: Promise<C>): Promise<C> {
  const cluster = await starting;
  clusters.push(cluster);
  const { namesrvAddr, brokerAddr } = cluster;
  await createTopic({ namesrvAddr, brokerAddr, topic: TOPIC, queues: 1 });
  return cluster;
}

const args = (cluster: OurCluster | JavaCluster, group: string, specs: readonly string[]) => [
  cluster.namesrvAddr,
  TOPIC,
  group,
  ...specs,
];

async function linesOf(cluster: OurCluster | JavaCluster, peer: Peer, specs: readonly string[]): Promise<string[]> {
  const { stdout, code } = await runProgram(peer, 'Timed', args(cluster, 'GID_timed', specs));
  expect({ code, stdout }).toMatchObject({ code: 0 });
  return stdout.trim().split('\n');
}

const answers = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('GOT '));

/** Key to what came of it: after how many ms, and what is the same on every broker. */
function received(lines: readonly string[]): Map<string, { after: number; rest: string }> {
  const got = lines.filter((line) => line.startsWith('GOT ')).map((line) => line.split(' '));
  const keys = got.map(([, key = '']) => key);
  expect(keys).toEqual([...new Set(keys)]);
  return new Map(
    got.map(([, key = '', queueId, after, ...properties]) => {
      // Times in ms of today, whose last digits say how they were rounded.
      const rest = `${queueId} ${properties.join(' ')}`
        .replace(/(TIMER_OUT_MS=)\d{10}(\d{3})/, '$1$2')
        .replace(/(TIMER_(?:EN|DE)QUEUE_MS|TIMER_DELIVER_MS)=\d{13}/g, '$1=now');
      return [key, { after: Number(after), rest }];
    }),
  );
}

describe('timed messages of Java 5.4.0 clients', () => {
  it('are delivered by our broker at their time', async () => {
    const peer = await ensurePeer('5.4.0');
    const ours = await started(OurCluster.start({ broker: CONFIG }));
    const got = received(await linesOf(ours, peer, SHORT));
    for (const [i] of SHORT.entries()) {
      const { after } = got.get(`k${i}`) ?? { after: -1 };
      expect(after).toBeGreaterThanOrEqual(NOT_BEFORE[i] ?? 0);
      expect(after).toBeLessThan((NOT_BEFORE[i] ?? 0) + 1000);
    }
  });

  it.each(ALL ? ['5.4.0' as const] : [])('are answered and delivered as by the real broker of %s', async (version) => {
    const peer = await ensurePeer(version);
    const ours = await started(OurCluster.start({ broker: CONFIG }));
    const real = await started(JavaCluster.start({ version, broker: CONFIG }));
    const [onOurs, onReal] = await Promise.all([linesOf(ours, peer, SPECS), linesOf(real, peer, SPECS)]);
    // Java's remark has the broker's address behind it.
    const said = (lines: readonly string[]) => answers(lines).map((line) => line.replace(/ BROKER: .*$/, ''));
    expect(said(onOurs)).toEqual(said(onReal));
    const [ourMessages, realMessages] = [received(onOurs), received(onReal)];
    const rests = (messages: typeof ourMessages) => [...messages].map(([key, { rest }]) => `${key} ${rest}`).sort();
    expect(rests(ourMessages)).toEqual(rests(realMessages));
    for (const [i, notBefore] of NOT_BEFORE.entries()) {
      expect(ourMessages.get(`k${i}`)?.after).toBeGreaterThanOrEqual(notBefore);
    }
  });

  it.each(ALL ? ['5.4.0' as const] : [])('are each delivered once over a kill -9 (clients of %s)', async (version) => {
    const peer = await ensurePeer(version);
    const ours = await started(OurCluster.start({ broker: CONFIG }));
    const specs = Array.from({ length: 60 }, (_, i) => `setDelayTimeMs=${3000 + i * 150}`);
    const program = await startProgram(peer, 'Timed', args(ours, 'GID_killed', specs));
    await program.waitForOutput(/GOT k10 /, 60_000);
    await ours.stopBroker('SIGKILL');
    await ours.startBroker();
    const { code, stdout } = await program.wait(90_000);
    expect(code).toBe(0);
    expect(received(stdout.trim().split('\n')).size).toBe(60);
  });
});
