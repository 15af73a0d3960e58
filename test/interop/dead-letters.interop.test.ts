/**
 * Dead letters on real brokers of other releases. retry.interop.test.ts has the release we follow; 4.9.1 makes the topic of dead
 * letters write-only.
 */
import { expect, it } from 'vitest';
import { workThroughDeadLetters } from './support/dead-letter-runbook.ts';
import { JavaCluster, runProgram } from './support/java-cluster.ts';
import { pocketmq } from './support/our-cluster.ts';
import { ensurePeer } from './support/peers.ts';
import { ALL, OTHER_VERSIONS } from './support/scope.ts';

const SETTINGS = { messageDelayLevel: '1s 2s 1s 1s 1s 1s', transactionCheckInterval: '3600000' };
const [topic, group] = ['RetryTopic', 'GID_retry'];

it.each(ALL ? OTHER_VERSIONS : [])('are seen, sent again and dropped on a broker of %s', async (version) => {
  const peer = await ensurePeer('4.9.7');
  const cluster = await JavaCluster.start({ version, broker: SETTINGS });
  try {
    const made = ['-b', cluster.brokerAddr, '-t', topic, '-r', '2', '-w', '2', '--wait-route'];
    expect(await pocketmq(['updateTopic', '-n', cluster.namesrvAddr, ...made])).toMatchObject({ code: 0 });
    // Its last part reads the dead letters, which is not allowed everywhere: what counts is that they are there.
    await runProgram(peer, 'Retry', [cluster.namesrvAddr, topic, group, 2, 4]).catch(() => undefined);
    await workThroughDeadLetters({ peer, cluster, topic, group, perm: version === '4.9.1' ? 2 : 6 });
  } finally {
    await cluster.stop();
  }
});
