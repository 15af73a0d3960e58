/**
 * Other releases. Our commands on real clusters of 4.9.1 and 5.4.0 print what the real mqadmin 4.9.7 prints there; in
 * `interop:all` also: the tools of these releases print on our cluster what they print on the real 4.9.7 one.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freeClusterPorts, JavaCluster } from './support/java-cluster.ts';
import { maskLines } from './support/mask.ts';
import { MqadminBatch } from './support/mqadmin-batch.ts';
import { OurCluster, pocketmq } from './support/our-cluster.ts';
import { parityFaults, type Run, runCases, setUpParity } from './support/parity.ts';
import type { ParityCase } from './support/parity-case.ts';
import { PARITY_CASES } from './support/parity-cases.ts';
import { CLUSTER_LIST_5X_MASK, TOPIC_STATUS_5X_MASK } from './support/parity-masks.ts';
import { ensurePeer, type PeerVersion } from './support/peers.ts';
import { ALL, OTHER_VERSIONS } from './support/scope.ts';

/** `npm run interop` runs these cases on the other releases, `npm run interop:all` all of them. */
const SMOKE = [
  ...['updateTopic -b', 'updateTopic -c', 'topicRoute', 'topicList', 'topicList -c', 'topicStatus', 'topicClusterList'],
  ...['sendMessage to a queue', 'consumeMessage of a topic', 'clusterList', 'getBrokerConfig -b', 'getNamesrvConfig'],
  ...[
    'updateBrokerConfig -b',
    'updateNamesrvConfig',
    'updateKvConfig',
    'deleteKvConfig',
    'deleteTopic of ParityCluster',
  ],
];

const NO_CHECK = { transactionCheckInterval: '3600000' };
/** Cases that a release's servers cannot take part in: 327 and the protected keys came later. */
const ABSENT: Partial<Record<PeerVersion, readonly string[]>> = {
  '4.9.1': ['addWritePerm', 'addWritePerm of an unknown broker', 'updateNamesrvConfig of a protected key'],
};
/** What mqadmin 4.9.7 says on stderr of 5.4.0's other name for a rate; the row it prints has 0.00 there. */
const COMPLAINTS: Partial<Record<PeerVersion, Record<string, RegExp>>> = {
  '5.4.0': { clusterList: /NullPointerException: .*getTransferedTps/ },
};
/** With tools of 5.x these fail on a 4.9.7 broker, which does not serve 351. Ours does. */
const NEEDS_351 = ['topicStatus', 'topicStatus of an empty topic'];

const clusterList5x = (stdout: string): string => maskLines(stdout, CLUSTER_LIST_5X_MASK);

function casesOn(version: PeerVersion): ParityCase[] {
  const wanted = ALL ? PARITY_CASES : PARITY_CASES.filter(({ name }) => SMOKE.includes(name));
  const taking = wanted.filter(({ name }) => !ABSENT[version]?.includes(name));
  return taking.map((one) => {
    const real = COMPLAINTS[version]?.[one.name];
    return real === undefined ? one : { ...one, stderr: { ...one.stderr, real } };
  });
}

describe.each(OTHER_VERSIONS)('our commands on a real cluster of %s', (version) => {
  let real: Run;
  let ours: Run;
  const cases = casesOn(version);

  beforeAll(async () => {
    const mqadmin = await MqadminBatch.start(await ensurePeer('4.9.7'));
    const cluster = await JavaCluster.start({ version, broker: NO_CHECK });
    try {
      const tool = mqadmin.run.bind(mqadmin);
      await setUpParity(tool, cluster);
      real = { tool: 'real', outputs: await runCases(tool, cluster, cases) };
      ours = { tool: 'our', outputs: await runCases(pocketmq, cluster, cases) };
    } finally {
      await mqadmin.stop();
      await cluster.stop();
    }
  });

  it.each(cases)('$name', (one) => {
    expect(parityFaults(one, real, ours)).toEqual([]);
  });
});

describe.each(ALL ? OTHER_VERSIONS : [])('the real mqadmin of %s on our cluster', (version) => {
  const runs: Run[] = [];
  let cluster: JavaCluster | OurCluster | undefined;
  let mqadmin: MqadminBatch | undefined;
  const is5x = version.startsWith('5.');
  const cases = PARITY_CASES.filter(({ name }) => !(is5x && NEEDS_351.includes(name)));

  beforeAll(async () => {
    const ports = await freeClusterPorts();
    mqadmin = await MqadminBatch.start(await ensurePeer(version));
    const tool = mqadmin.run.bind(mqadmin);
    for (const kind of [JavaCluster, OurCluster]) {
      cluster = await kind.start({ ports, broker: NO_CHECK });
      await setUpParity(tool, cluster);
      runs.push({ tool: 'real', outputs: await runCases(tool, cluster, PARITY_CASES) });
      await cluster.stop();
    }
  }, 900_000);

  afterAll(async () => {
    await mqadmin?.stop();
    await cluster?.stop();
  });

  it.each(cases)('$name', (one) => {
    const [expected, actual] = runs;
    if (expected === undefined || actual === undefined) throw new Error('a run is missing');
    const compare = is5x && one.name === 'clusterList' ? clusterList5x : one.compare;
    expect(parityFaults(compare === undefined ? one : { ...one, compare }, expected, actual)).toEqual([]);
  });

  it('topicStatus works, in whichever form', () => {
    const { stdout = '', stderr } = runs[1]?.outputs.get('topicStatus') ?? {};
    expect(stderr?.replaceAll(/^RocketMQLog:WARN .*\n/gm, '')).toBe('');
    expect(maskLines(stdout, TOPIC_STATUS_5X_MASK).split('\n').slice(0, 5)).toEqual([
      '#Broker Name                      #QID  #Min Offset           #Max Offset             #Last Updated',
      ...[0, 1, 2, 3].map(
        (queue) =>
          `broker-a                          ${queue}     0                     2${' '.repeat(23)}<lastUpdated>`,
      ),
    ]);
  });
});
