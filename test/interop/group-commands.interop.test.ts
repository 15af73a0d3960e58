/**
 * The commands about consumer groups, four ways: the real mqadmin and ours, on a real cluster and on ours, with a Java consumer
 * as member. And what our broker passes on to Java consumers: stacks, a message to consume now, other offsets.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freeClusterPorts, JavaCluster, startProgram } from './support/java-cluster.ts';
import { MqadminBatch } from './support/mqadmin-batch.ts';
import { OurCluster, pocketmq } from './support/our-cluster.ts';
import { parityFaults, type Run, runCases } from './support/parity.ts';
import { CONFIGURED, GROUP_TOPIC, groupCases, OFFLINE, ONLINE } from './support/parity-group-cases.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { type Finished, pollUntil, type Spawned } from './support/process.ts';

/** See mqadmin-parity.interop.test.ts. */
const NO_CHECK = { transactionCheckInterval: '3600000' };
const REFERENCE = 'real mqadmin on the real cluster';
const QUEUES = [0, 1, 2, 3, 0, 1, 2, 3];
const MEMBER = 'member';
const CASES = groupCases('');

interface Progress {
  rows: unknown[];
  diffTotal: number;
}

describe('the commands about consumer groups', () => {
  const runs = new Map<string, Run>();
  let peer: Peer;
  let mqadmin: MqadminBatch | undefined;
  let cluster: JavaCluster | OurCluster | undefined;
  let member: Spawned | undefined;
  let clientId = '';

  const got = (): number => [...(member?.stdout ?? '').matchAll(/^MSG /gm)].length;
  const ours = (...args: string[]): Promise<Finished> => pocketmq([...args, '-n', cluster?.namesrvAddr ?? '']);

  /** Eight messages, a group that has them all and is gone, one with a member, one without. */
  async function setUp({ namesrvAddr, brokerAddr }: JavaCluster | OurCluster): Promise<void> {
    await ours('updateTopic', '-b', brokerAddr, '-t', GROUP_TOPIC, '-r', '4', '-w', '4', '--wait-route');
    for (const queue of QUEUES) {
      await ours('sendMessage', '-t', GROUP_TOPIC, '-b', 'broker-a', '-i', String(queue), '-p', `m${queue}`);
    }
    await ours('updateSubGroup', '-b', brokerAddr, '-g', CONFIGURED);
    const gone = await startProgram(peer, 'PushConsume', [
      namesrvAddr,
      GROUP_TOPIC,
      OFFLINE,
      'first',
      4,
      'eof',
      'gone',
    ]);
    await untilCommitted(OFFLINE);
    gone.closeStdin();
    await gone.wait(60_000);
    member = await startProgram(peer, 'PushConsume', [namesrvAddr, GROUP_TOPIC, ONLINE, 'first', 4, 'eof', MEMBER]);
    await untilCommitted(ONLINE);
    const { stdout } = await ours('consumerConnection', '-g', ONLINE, '--output', 'json');
    clientId = (JSON.parse(stdout) as { connectionSet: { clientId: string }[] }).connectionSet[0]?.clientId ?? '';
  }

  /** A consumer commits every five seconds, the queue of its retry topic as well. */
  async function untilCommitted(group: string): Promise<void> {
    for (let left = -1; left !== 0; ) {
      const { stdout } = await ours('consumerProgress', '-g', group, '--output', 'json');
      const { rows, diffTotal } = (stdout === '' ? { rows: [], diffTotal: 1 } : JSON.parse(stdout)) as Progress;
      left = rows.length === 5 ? diffTotal : -1;
    }
  }

  async function record(on: string, running: JavaCluster | OurCluster, batch: MqadminBatch): Promise<void> {
    await setUp(running);
    const cases = groupCases(clientId);
    const real = batch.run.bind(batch);
    runs.set(`real mqadmin on ${on}`, { tool: 'real', outputs: await runCases(real, running, cases) });
    runs.set(`our mqadmin on ${on}`, { tool: 'our', outputs: await runCases(pocketmq, running, cases) });
  }

  async function end(): Promise<void> {
    member?.closeStdin();
    await member?.wait(60_000);
    await cluster?.stop();
  }

  beforeAll(async () => {
    peer = await ensurePeer('4.9.7');
    const ports = await freeClusterPorts();
    mqadmin = await MqadminBatch.start(peer);
    cluster = await JavaCluster.start({ ports, broker: NO_CHECK });
    await record('the real cluster', cluster, mqadmin);
    await end();
    cluster = await OurCluster.start({ ports, broker: NO_CHECK });
    await record('our cluster', cluster, mqadmin);
  }, 600_000);

  afterAll(async () => {
    await end();
    await mqadmin?.stop();
  });

  const others = ['real mqadmin on our cluster', 'our mqadmin on the real cluster', 'our mqadmin on our cluster'];
  describe.each(others)('%s', (who) => {
    it.each(CASES)('$name prints what the real mqadmin prints on the real cluster', (one) => {
      const [expected, actual] = [runs.get(REFERENCE), runs.get(who)];
      if (expected === undefined || actual === undefined) throw new Error('a run is missing');
      expect(parityFaults(one, expected, actual)).toEqual([]);
    });
  });

  describe('our broker and a Java consumer', () => {
    it('passes its stacks on', async () => {
      // Java's client sleeps ten seconds over each of the resets before, in one of its four threads for brokers' requests.
      let shown = await ours('consumerStatus', '-g', ONLINE, '-i', clientId, '-s');
      for (let again = 0; again < 3 && shown.code !== 0; again++) {
        expect(shown.stderr).toMatch(/^CODE: 207 {2}DESC: consumer <GID_on> <.*> Timeout: /);
        shown = await ours('consumerStatus', '-g', ONLINE, '-i', clientId, '-s');
      }
      const { stdout } = shown;
      expect(stdout).toMatch(/\n#Consumer jstack#\n/);
      expect(stdout).toMatch(/^RebalanceService +TID: \d+ STATE: \w+$/m);
    });

    it('has it consume one message now', async () => {
      const before = got();
      const at = ['-t', GROUP_TOPIC, '-b', 'broker-a', '-i', '2', '-o', '1'];
      const found = await ours('queryMsgByOffset', ...at, '--output', 'json');
      const { message } = JSON.parse(found.stdout) as { message: { offsetMsgId: string; msgId: string } };
      const target = ['-g', ONLINE, '-d', clientId];
      const result =
        /^ConsumeMessageDirectlyResult \[order=false, autoCommit=true, consumeResult=CR_SUCCESS, remark=null, spentTimeMills=\d+\]$/;
      expect((await ours('queryMsgById', '-i', message.offsetMsgId, ...target)).stdout).toMatch(result);
      const byKey = await ours('queryMsgByUniqueKey', '-t', GROUP_TOPIC, '-i', message.msgId, ...target);
      expect(byKey.stdout).toMatch(result);
      await pollUntil('both deliveries', () => got() === before + 2, { timeoutMs: 10_000, everyMs: 20 });
      expect(member?.stdout.trimEnd().split('\n').at(-1)).toMatch(/^MSG 2 1 /);
    });

    it('gives a clone what is left to consume, as mqadmin does', async () => {
      const reset = await ours('resetOffsetByTime', '-g', OFFLINE, '-t', GROUP_TOPIC, '-s', '1000');
      expect(reset.code).toBe(0);
      const clone = (group: string): string[] => ['cloneGroupOffset', '-s', OFFLINE, '-d', group, '-t', GROUP_TOPIC];
      await ours(...clone('GID_ours'));
      await mqadmin?.run([...clone('GID_real'), '-n', cluster?.namesrvAddr ?? '']);
      const left = async (group: string): Promise<number> => {
        const { stdout } = await ours('consumerProgress', '-g', group, '--output', 'json');
        return (JSON.parse(stdout) as Progress).diffTotal;
      };
      expect([await left(OFFLINE), await left('GID_ours'), await left('GID_real')]).toEqual([8, 8, 8]);
    });

    it('sends it back to the beginning, and says where it is', async () => {
      const before = got();
      const reset = await ours('resetOffsetByTime', '-g', ONLINE, '-t', GROUP_TOPIC, '-s', '1000');
      expect(reset.code).toBe(0);
      await pollUntil('all messages again', () => got() === before + QUEUES.length, { timeoutMs: 60_000, everyMs: 50 });
      const { stdout } = await ours('getConsumerStatus', '-g', ONLINE, '-t', GROUP_TOPIC);
      expect(stdout).toMatch(new RegExp(`^get consumer status from client\\. group=${ONLINE}, `));
      expect(stdout.trimEnd().split('\n').slice(2)).toHaveLength(4);
    });
  });
});
