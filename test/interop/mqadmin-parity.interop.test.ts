/**
 * The same commands, four ways: the real mqadmin and ours, on a real cluster and on ours. All four print the same
 * bytes but for the values of a few named columns and, where RocketMQ prints in hash order, the order of rows.
 *
 * Both clusters run one after the other on the same ports under the same names, so addresses need no mask.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freeClusterPorts, JavaCluster, mqadmin as mqadminProcess } from './support/java-cluster.ts';
import { MqadminBatch } from './support/mqadmin-batch.ts';
import { OurCluster, pocketmq } from './support/our-cluster.ts';
import { parityFaults, type Run, runCases, setUpParity } from './support/parity.ts';
import { PARITY_CASES } from './support/parity-cases.ts';
import { ensurePeer } from './support/peers.ts';

/**
 * The Java broker makes RMQ_SYS_TRANS_HALF_TOPIC at its first look for transactions to check, a minute after its start:
 * the listings would differ by chance. With an hour neither broker gets there.
 */
const NO_CHECK = { transactionCheckInterval: '3600000' };
const REFERENCE = 'real mqadmin on the real cluster';

describe('the real mqadmin and ours', () => {
  const runs = new Map<string, Run>();
  let mqadmin: MqadminBatch | undefined;
  let cluster: JavaCluster | OurCluster | undefined;

  /** Both tools over all cases on the running cluster, the real one first. */
  async function record(on: string, running: JavaCluster | OurCluster, batch: MqadminBatch): Promise<void> {
    const real = batch.run.bind(batch);
    await setUpParity(real, running);
    runs.set(`real mqadmin on ${on}`, { tool: 'real', outputs: await runCases(real, running, PARITY_CASES) });
    runs.set(`our mqadmin on ${on}`, { tool: 'our', outputs: await runCases(pocketmq, running, PARITY_CASES) });
    await running.stop();
  }

  beforeAll(async () => {
    const ports = await freeClusterPorts();
    mqadmin = await MqadminBatch.start(await ensurePeer('4.9.7'));
    cluster = await JavaCluster.start({ ports, broker: NO_CHECK });
    await record('the real cluster', cluster, mqadmin);
    cluster = await OurCluster.start({ ports, broker: NO_CHECK });
    await record('our cluster', cluster, mqadmin);
  }, 600_000);

  afterAll(async () => {
    await mqadmin?.stop();
    await cluster?.stop();
  });

  const others = ['real mqadmin on our cluster', 'our mqadmin on the real cluster', 'our mqadmin on our cluster'];
  describe.each(others)('%s', (who) => {
    it.each(PARITY_CASES)('$name prints what the real mqadmin prints on the real cluster', (one) => {
      const [expected, actual] = [runs.get(REFERENCE), runs.get(who)];
      if (expected === undefined || actual === undefined) throw new Error('a run is missing');
      expect(parityFaults(one, expected, actual)).toEqual([]);
    });
  });
});

describe('wrong usage', () => {
  it.each([
    [['topicRoute']],
    [['updateTopic', '-t', 'T']],
    [['topicStatus', '-t', 'T', '-x', '1']],
    [['updateTopicPerm', '-t', 'T', '-p']],
  ])('%j prints what the real mqadmin prints', async (args) => {
    const real = await mqadminProcess(await ensurePeer('4.9.7'), args);
    const ours = await pocketmq(args);
    expect({ stdout: real.stdout, code: real.code }).toEqual({ stdout: ours.stdout, code: 1 });
    expect(ours.code).toBe(2);
  });
});
