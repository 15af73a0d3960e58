/**
 * Dead letters, and offsets of a group that is online, on real brokers of other releases. retry.interop.test.ts has the release we
 * follow; 4.9.1 makes the topic of dead letters write-only, 5.x sends members to any offset.
 */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { workThroughDeadLetters } from './support/dead-letter-runbook.ts';
import { JavaCluster, runProgram, startProgram } from './support/java-cluster.ts';
import { pocketmq } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { pollUntil } from './support/process.ts';
import { ALL, OTHER_VERSIONS } from './support/scope.ts';

const SETTINGS = { messageDelayLevel: '1s 2s 1s 1s 1s 1s', transactionCheckInterval: '3600000' };
const [topic, group] = ['RetryTopic', 'GID_retry'];

/** A member is sent one message back in each of two queues, where the broker can tell it. */
async function moveMember(peer: Peer, { namesrvAddr, folder }: JavaCluster, isExact: boolean): Promise<void> {
  const member = await startProgram(peer, 'PushConsume', [namesrvAddr, topic, group, 'first', 2, 'eof', 'm2']);
  const got = (): number => member.stdout.match(/^MSG /gm)?.length ?? 0;
  try {
    await pollUntil('the member', () => member.stdout.includes('READY'), { timeoutMs: 60_000, everyMs: 20 });
    const to = ['--to', '-1', '--undo-file', join(folder, 'undo.json'), '--output', 'json'];
    const reset = await pocketmq(['offset', 'reset', '-n', namesrvAddr, '-g', group, '-t', topic, ...to]);
    if (!isExact) {
      expect(reset).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/to a time only/) });
      return;
    }
    // Clients of 4.9.7 were seen to take one queue and not the other: 0 must mean that both were taken.
    if (reset.code === 0) {
      await pollUntil('both again', () => got() === 2, { timeoutMs: 60_000, everyMs: 20 });
    } else {
      expect(reset).toMatchObject({
        code: 7,
        stderr: expect.stringMatching(/^the members were told, but these queues/),
      });
    }
  } finally {
    member.closeStdin();
    await member.wait(60_000);
  }
}

it.each(ALL ? OTHER_VERSIONS : [])('are seen, sent again and dropped on a broker of %s', async (version) => {
  const peer = await ensurePeer('4.9.7');
  const cluster = await JavaCluster.start({ version, broker: SETTINGS });
  try {
    const made = ['-b', cluster.brokerAddr, '-t', topic, '-r', '2', '-w', '2', '--wait-route'];
    expect(await pocketmq(['updateTopic', '-n', cluster.namesrvAddr, ...made])).toMatchObject({ code: 0 });
    // Its last part reads the dead letters, which is not allowed everywhere: what counts is that they are there.
    await runProgram(peer, 'Retry', [cluster.namesrvAddr, topic, group, 2, 4]).catch(() => undefined);
    await workThroughDeadLetters({ peer, cluster, topic, group, perm: version === '4.9.1' ? 2 : 6 });
    await moveMember(peer, cluster, version === '5.4.0');
  } finally {
    await cluster.stop();
  }
});
