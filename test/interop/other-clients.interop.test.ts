/**
 * The Go, C++ and JavaScript clients on our cluster: what they send in every way they have reaches a Java consumer, what
 * Java sends reaches their push consumers, and they share a group's queues with Java's.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientName, OtherClient } from './support/other-clients.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { pollUntil } from './support/process.ts';
import {
  type Acked,
  acksIn,
  type Consumed,
  Consumer,
  collect,
  consumeAll,
  send,
  waitForShares,
} from './support/traffic.ts';
import { requestOnce } from './support/wire.ts';

const GET_CONSUMER_CONNECTION_LIST = 203;
const SEND_BATCH_MESSAGE = 320;
const COUNT = 100;
const CLIENTS: readonly ClientName[] = ['Go', 'C++', 'JavaScript'];

let peer: Peer;
let cluster: OurCluster | undefined;

beforeAll(async () => {
  peer = await ensurePeer('4.9.7');
  cluster = await OurCluster.start();
});

afterAll(() => cluster?.stop());

function running(): OurCluster {
  if (cluster === undefined) throw new Error('there is no cluster');
  return cluster;
}

/** The members of a group as the broker lists them; undefined when it knows of none. */
async function connections(group: string): Promise<string | undefined> {
  const request = { code: GET_CONSUMER_CONNECTION_LIST, extFields: { consumerGroup: group } };
  const { code, body } = await requestOnce(running().brokerAddr, request);
  return code === 0 ? body.toString() : undefined;
}

/** Whether our broker serves batches, by what docs/COMPAT.md says of it (a test of its own holds them together). */
function batchesServed(): boolean {
  const table = readFileSync(new URL('../../docs/COMPAT.md', import.meta.url), 'utf8');
  const row = new RegExp(`^\\| ${SEND_BATCH_MESSAGE} \\|.*\\| (served|answered with 3) \\|`, 'm').exec(table);
  if (row === null) throw new Error('docs/COMPAT.md does not say what becomes of batches');
  return row[1] === 'served';
}

describe.each(CLIENTS)('the %s client', (name) => {
  const id = name.replaceAll('+', 'p');
  const topic = `Other_${id}`;
  let client: OtherClient;
  let total = 0;

  beforeAll(async () => {
    client = await OtherClient.ensure(name);
  });

  async function sendWith(way: string, first: number): Promise<Acked[]> {
    const program = client.start('send', running().namesrvAddr, topic, `GID_send_${id}`, COUNT, first, way);
    const { code, stdout, stderr } = await program.wait(90_000);
    if (code !== 0 || !stdout.includes(`SENT ${COUNT}\n`)) throw new Error(`${way}: code ${code} ${stdout}${stderr}`);
    return acksIn(stdout);
  }

  it('sends in every way it has', async () => {
    if (!client.makesTopics) {
      const made = await running().command('updateTopic', '-c', 'DefaultCluster', '-t', topic, '-r', '4', '-w', '4');
      expect(made).toMatchObject({ code: 0 });
    }
    const acked: Acked[] = [];
    for (const way of client.ways) {
      const acks = await sendWith(way, total);
      expect(acks, way).toHaveLength(way === 'oneway' ? 0 : COUNT);
      acked.push(...acks);
      total += COUNT;
    }
    const got = await consumeAll(running(), peer, { topic, group: `GID_java_${id}`, count: total });
    expect(arrivalFaults(total, acked, got)).toEqual([]);
  });

  it('its push consumer gets what it and Java have sent, and leaves its group', async () => {
    const group = `GID_push_${id}`;
    const acked = await send(running(), peer, { topic, count: COUNT, first: total });
    total += COUNT;
    const consumer = Consumer.of(client.start('consume', running().namesrvAddr, topic, group));
    await pollUntil(`${total} messages`, () => consumer.messages.length >= total, { timeoutMs: 90_000, everyMs: 50 });
    expect(await connections(group)).toContain(`"language":"${client.language}"`);
    expect(arrivalFaults(total, acked, (await collect([consumer], total)).flat())).toEqual([]);
    await pollUntil('the end of the group', async () => (await connections(group)) === undefined, {
      timeoutMs: 10_000,
    });
  });

  it('shares the queues of a group with a Java consumer', async () => {
    const group = `GID_shared_${id}`;
    const options = { topic, group, jvm: ['-Drocketmq.client.rebalance.waitInterval=1000'] };
    const java = await Consumer.start(running(), peer, options);
    await waitForShares([java], 4);
    const other = Consumer.of(client.start('consume', running().namesrvAddr, topic, group));
    await waitForShares([java], 2);
    // The other half is the other's once it gets messages; until then nothing is known of it.
    const sent = await send(running(), peer, { topic, count: COUNT, first: total });
    total += COUNT;
    const all = (): Consumed[] => [...java.messages, ...other.messages];
    const keys = new Set(sent.map(({ number }) => `k${number}`));
    const arrived = (): boolean =>
      new Set(
        all()
          .filter(({ key }) => keys.has(key))
          .map(({ key }) => key),
      ).size === COUNT;
    await pollUntil('all messages', arrived, { timeoutMs: 90_000, everyMs: 100 });
    const [mine, its] = [java, other].map((consumer) => {
      const fresh = consumer.messages.filter(({ key }) => keys.has(key));
      return [...new Set(fresh.map(({ queueId }) => queueId))].sort();
    });
    expect(mine).toHaveLength(2);
    expect(its).toHaveLength(2);
    expect([...(mine ?? []), ...(its ?? [])].sort()).toEqual([0, 1, 2, 3]);
    await Promise.all([java.finish(), other.finish()]);
  });
});

it('a batch of the Go client is delivered, or refused as docs/COMPAT.md says', async () => {
  const client = await OtherClient.ensure('Go');
  const topic = 'Other_batch';
  const program = client.start('send', running().namesrvAddr, topic, 'GID_batch', 10, 0, 'batch');
  const { code, stderr } = await program.wait(60_000);
  if (!batchesServed()) {
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('request type 320 not supported') });
    return;
  }
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const got = await consumeAll(running(), peer, { topic, group: 'GID_batch_java', count: 10 });
  expect(arrivalFaults(10, [], got)).toEqual([]);
});

/**
 * What is wrong with an arrival of the messages 0 to count-1: each once, by key, with its body, and where its
 * acknowledgement says. Clients disagree about what a message's id is, and not all know where it went.
 */
function arrivalFaults(count: number, acked: readonly Acked[], got: readonly Consumed[]): string[] {
  const faults: string[] = [];
  const places = new Map(acked.map((ack) => [ack.number, ack]));
  for (let number = 0; number < count; number += 1) {
    const [message, ...more] = got.filter(({ key }) => key === `k${number}`);
    if (message === undefined || more.length > 0) {
      faults.push(`message ${number} came ${message === undefined ? 0 : 1 + more.length} times`);
      continue;
    }
    if (message.body !== `m${number}`) faults.push(`message ${number} has the body ${message.body}`);
    const { queueId = Number.NaN, queueOffset } = places.get(number) ?? {};
    if (!Number.isNaN(queueId) && queueId !== message.queueId) faults.push(`message ${number} came from another queue`);
    if (queueOffset !== undefined && queueOffset !== message.queueOffset)
      faults.push(`message ${number} has another offset`);
  }
  if (got.length > count) faults.push(`${got.length} messages came where ${count} were sent`);
  return faults;
}
