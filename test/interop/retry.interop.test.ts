/**
 * Delayed messages, messages that come back and dead letters, through a real Java client: what its listener sees on our broker
 * is what it sees on the real one. And on these clusters what operators type: the runbooks on dead letters, offsets, backlogs.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workThroughOffsets } from '../support/offset-runbook.ts';
import { workThroughDeadLetters } from './support/dead-letter-runbook.ts';
import { JavaCluster, runProgram, startProgram } from './support/java-cluster.ts';
import { OurCluster, pocketmq } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { pollUntil, type Spawned } from './support/process.ts';
import { ALL } from './support/scope.ts';

/** Every level short, so that a message is dead within seconds. */
const LEVELS = { messageDelayLevel: '1s 2s 1s 1s 1s 1s', transactionCheckInterval: '3600000' };
const DELAYS_MS = [1000, 2000];

let peer: Peer;
let ours: OurCluster | undefined;
let real: JavaCluster | undefined;

beforeAll(async () => {
  peer = await ensurePeer('4.9.7');
  ours = await OurCluster.start({ broker: LEVELS });
  real = await JavaCluster.start({ broker: LEVELS });
});

afterAll(async () => {
  await ours?.stop();
  await real?.stop();
});

async function linesOf(cluster: { namesrvAddr: string } | undefined, program: string, ...args: (string | number)[]) {
  if (cluster === undefined) throw new Error('there is no cluster');
  const { stdout } = await runProgram(peer, program, [cluster.namesrvAddr, ...args]);
  return stdout.trimEnd().split('\n').sort();
}

async function createTopic(cluster: OurCluster | JavaCluster | undefined, topic: string): Promise<void> {
  if (cluster === undefined) throw new Error('there is no cluster');
  const args = ['updateTopic', '-n', cluster.namesrvAddr, '-b', cluster.brokerAddr, '-t', topic, '-r', '2', '-w', '2'];
  expect(await pocketmq(args)).toMatchObject({ code: 0 });
}

describe('a Java consumer that fails', () => {
  it('sees the same retries and dead letters on our broker as on the real one', async () => {
    await Promise.all([createTopic(ours, 'RetryTopic'), createTopic(real, 'RetryTopic')]);
    const args = ['RetryTopic', 'GID_retry', 2, 4] as const;
    const [onOurs, onReal] = await Promise.all([linesOf(ours, 'Retry', ...args), linesOf(real, 'Retry', ...args)]);
    expect(onReal.filter((line) => line.startsWith('TRY '))).toHaveLength(12);
    expect(onReal.filter((line) => line.startsWith('DEAD '))).toHaveLength(4);
    // Which queue a message was sent to is its producer's choice.
    const withoutQueue = (line: string): string => line.replace(/^(\S+ \S+ RetryTopic 0) \d+/, '$1');
    expect(onOurs.map(withoutQueue)).toEqual(onReal.map(withoutQueue));
  });
});

describe('its dead letters', () => {
  it.each(['our broker', 'the real one'])('are seen, sent again and dropped on %s', async (which) => {
    const cluster = which === 'our broker' ? ours : real;
    if (cluster === undefined) throw new Error('there is no cluster');
    await workThroughDeadLetters({ peer, cluster, topic: 'RetryTopic', group: 'GID_retry', perm: 6 });
  });
});

describe('the runbooks on offsets and backlogs', () => {
  it.each(['the real one', ...(ALL ? ['our broker'] : [])])('work line by line on %s', async (which) => {
    const cluster = which === 'our broker' ? ours : real;
    if (cluster === undefined) throw new Error('there is no cluster');
    const { namesrvAddr, brokerAddr, clusterName } = cluster;
    const client = (group: string, topic: string, until: string): Promise<Spawned> =>
      startProgram(peer, 'PushConsume', [namesrvAddr, topic, group, 'first', 8, until, 'm']);
    await workThroughOffsets({
      ...{ namesrvAddr, brokerAddr, clusterName, undoFile: join(cluster.folder, 'undo.json') },
      async run(...args) {
        const { code, ...texts } = await pocketmq([...args, '-n', namesrvAddr]);
        return { ...texts, exitCode: code };
      },
      async consume(group, topic, count) {
        const { code, stdout } = await (await client(group, topic, 'idle:1000')).wait(60_000);
        expect({ code, got: stdout.match(/^MSG /gm)?.length }).toEqual({ code: 0, got: count });
      },
      async join(group, topic) {
        const program = await client(group, topic, 'eof');
        await pollUntil('the client', () => program.stdout.includes('READY'), { timeoutMs: 60_000, everyMs: 20 });
        const { stdout } = await pocketmq(['consumerConnection', '-g', group, '-n', namesrvAddr, '--output', 'json']);
        const clientId: string = JSON.parse(stdout).connectionSet[0].clientId;
        return {
          clientId,
          async leave() {
            program.closeStdin();
            await program.wait(60_000);
          },
        };
      },
    });
  });
});

describe('a Java producer of delayed messages', () => {
  it('is answered the same, and its consumer gets each message once, at its time and in order', async () => {
    await Promise.all([createTopic(ours, 'DelayTopic'), createTopic(real, 'DelayTopic')]);
    const args = ['DelayTopic', 'GID_delay', 50, 1, 2] as const;
    const [onOurs, onReal] = await Promise.all([linesOf(ours, 'Delay', ...args), linesOf(real, 'Delay', ...args)]);
    const sent = (lines: string[]): string[] => lines.filter((line) => line.startsWith('SENT '));
    const got = (lines: string[]) => lines.filter((line) => line.startsWith('GOT ')).map((line) => line.split(' '));
    // The time it took is not compared: the 6th word.
    const timeless = (lines: string[]): string[] =>
      got(lines).map((words) => [...words.slice(0, 5), ...words.slice(6)].join(' '));
    expect(sent(onOurs)).toEqual(sent(onReal));
    expect(timeless(onOurs)).toEqual(timeless(onReal));
    expect(got(onOurs)).toHaveLength(100);
    for (const [, key, level, , , after] of got(onOurs)) {
      expect({ key, early: Number(after) < (DELAYS_MS[Number(level) - 1] ?? 0) }).toEqual({ key, early: false });
    }
  });
});
