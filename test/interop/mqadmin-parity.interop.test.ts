/**
 * The same commands, four ways: the real mqadmin and ours, on a real cluster and on ours. All four print the same
 * bytes but for the values of a few named columns and, where RocketMQ prints in hash order, the order of rows.
 *
 * Both clusters run one after the other on the same ports under the same names, so addresses need no mask.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterPorts, freeClusterPorts, JavaCluster, mqadmin } from './support/java-cluster.ts';
import { CLUSTER_LIST_MASK, maskColumns, sortRows, TOPIC_STATUS_MASK } from './support/mask.ts';
import { OurCluster, pocketmq } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import type { Finished } from './support/process.ts';
import { type Cluster, send } from './support/traffic.ts';

const TOPIC = 'ParityTopic';
/**
 * The Java broker makes RMQ_SYS_TRANS_HALF_TOPIC at its first look for transactions to check, a minute after its start:
 * the listings would differ by chance. With an hour neither broker gets there.
 */
const NO_CHECK = { transactionCheckInterval: '3600000' };

interface Case {
  readonly name: string;
  readonly args: (cluster: Cluster) => string[];
  /** What may differ; nothing by default. */
  readonly compare?: (stdout: string) => string;
}

const CASES: readonly Case[] = [
  {
    name: 'updateTopic -b',
    args: ({ brokerAddr }) => ['updateTopic', '-b', brokerAddr, '-t', TOPIC, '-r', '4', '-w', '4'],
  },
  { name: 'updateTopic -c', args: () => ['updateTopic', '-c', 'DefaultCluster', '-t', 'ParityCluster'] },
  { name: 'topicRoute', args: () => ['topicRoute', '-t', TOPIC] },
  { name: 'topicRoute -l', args: () => ['topicRoute', '-t', TOPIC, '-l'] },
  { name: 'topicList', args: () => ['topicList'], compare: (stdout) => sortRows(stdout) },
  { name: 'topicList -c', args: () => ['topicList', '-c'], compare: (stdout) => sortRows(stdout, 1) },
  {
    name: 'topicStatus',
    args: () => ['topicStatus', '-t', TOPIC],
    compare: (stdout) => maskColumns(stdout, TOPIC_STATUS_MASK),
  },
  { name: 'clusterList', args: () => ['clusterList'], compare: (stdout) => maskColumns(stdout, CLUSTER_LIST_MASK) },
  { name: 'clusterList -m', args: () => ['clusterList', '-m'] },
];

type Outputs = ReadonlyMap<string, Finished>;
type Tool = (args: readonly string[]) => Promise<Finished>;

describe('the real mqadmin and ours', () => {
  let peer: Peer;
  let ports: ClusterPorts;
  const outputs = new Map<string, Outputs>();
  let cluster: JavaCluster | OurCluster | undefined;

  /** Both tools over all cases on the running cluster. */
  async function record(on: string, running: JavaCluster | OurCluster): Promise<void> {
    const real: Tool = (args) => mqadmin(peer, args);
    const create = CASES[0]?.args(running) ?? [];
    expect(await real([...create, '-n', running.namesrvAddr])).toMatchObject({ code: 0 });
    // Eight messages over four queues: two in each, wherever the producer begins.
    await send(running, peer, { topic: TOPIC, count: 8 });
    for (const [tool, run] of [['real', real] as const, ['our', pocketmq as Tool] as const]) {
      const results = new Map<string, Finished>();
      for (const { name, args } of CASES) {
        results.set(name, await run([...args(running), '-n', running.namesrvAddr]));
      }
      outputs.set(`${tool} mqadmin on ${on}`, results);
    }
    await running.stop();
  }

  beforeAll(async () => {
    peer = await ensurePeer('4.9.7');
    ports = await freeClusterPorts();
    cluster = await JavaCluster.start({ ports, broker: NO_CHECK });
    await record('the real cluster', cluster);
    cluster = await OurCluster.start({ ports, broker: NO_CHECK });
    await record('our cluster', cluster);
    // Twenty runs of the real mqadmin at three to five seconds each, and more on a busy machine.
  }, 900_000);

  afterAll(() => cluster?.stop());

  const others = ['real mqadmin on our cluster', 'our mqadmin on the real cluster', 'our mqadmin on our cluster'];
  describe.each(others)('%s', (who) => {
    it.each(CASES)('$name prints what the real mqadmin prints on the real cluster', ({ name, compare }) => {
      const expected = outputs.get('real mqadmin on the real cluster')?.get(name);
      const actual = outputs.get(who)?.get(name);
      expect(expected).toMatchObject({ code: 0, stderr: '' });
      expect(actual).toMatchObject({ code: 0, stderr: '' });
      const shown = (result: Finished | undefined): string => (compare ?? String)(result?.stdout ?? '');
      expect(shown(actual)).toBe(shown(expected));
    });
  });
});
