/**
 * What an operator does about dead letters, typed one after the other: mqadmin's own commands (the runbook of RocketMQ) and
 * `mqadmin dlq`, with a Java client as the member that gets what is sent again.
 */
import { join } from 'node:path';
import { expect } from 'vitest';
import { startProgram } from './java-cluster.ts';
import { pocketmq } from './our-cluster.ts';
import type { Peer } from './peers.ts';
import { type Finished, pollUntil } from './process.ts';

export interface Runbook {
  readonly peer: Peer;
  readonly cluster: { readonly namesrvAddr: string; readonly brokerAddr: string; readonly folder: string };
  /** Of two queues. */
  readonly topic: string;
  /** Offline, with four dead letters: keys k0 to k3. */
  readonly group: string;
  /** Of the dead letter topic: 6, or 2 where it may not be read. */
  readonly perm: number;
}

interface Letter {
  offsetMsgId: string;
  msgId: string;
  originTopic: string;
  originMessageId: string;
  reconsumeTimes: number;
  body: string;
}

export async function workThroughDeadLetters({ peer, cluster, topic, group, perm }: Runbook): Promise<void> {
  const run = (...args: string[]): Promise<Finished> => pocketmq([...args, '-n', cluster.namesrvAddr]);
  const done = async (...args: string[]): Promise<string> => {
    const { stdout, stderr, code } = await run(...args);
    expect({ args, stderr, code }).toEqual({ args, stderr: '', code: 0 });
    return stdout;
  };
  const counts = async (): Promise<string> => {
    const [, row = ''] = (await done('dlq', 'list')).split('\n');
    return row.trim().split(/ +/).slice(0, 3).join(' ');
  };
  const dlq = `%DLQ%${group}`;
  const letterQueue = ['-t', dlq, '-b', 'broker-a', '-i', '0'];

  // Seen: by the topic's own figures and by ours.
  expect(await done('topicStatus', '-t', dlq)).toMatch(/\nbroker-a +0 +0 +4 +\d{4}-/);
  expect(await done('topicRoute', '-t', dlq, '-l')).toMatch(
    new RegExp(`\nDefaultCluster +broker-a .* 1 +1 +${perm} +\n`),
  );
  expect(await counts()).toBe(`${group} 4 0`);
  const listed = JSON.parse(await done('dlq', 'peek', '-g', group, '--output', 'json')) as { letters: Letter[] };
  expect(listed.letters.map(({ body }) => body).sort()).toEqual(['m0', 'm1', 'm2', 'm3']);
  const [first] = listed.letters;
  if (first === undefined) throw new Error('no letter');
  expect(first).toMatchObject({ originTopic: topic, reconsumeTimes: 3 });
  if (perm === 2) {
    expect(await run('printMsg', '-t', dlq, '-d', 'false')).toMatchObject({ code: 4 });
    await done('updateTopicPerm', '-b', cluster.brokerAddr, '-t', dlq, '-p', '6');
  }
  const printed = await done('printMsg', '-t', dlq, '-d', 'false');
  expect(printed.match(/^MSGID: .* RETRY_TOPIC=/gm)).toHaveLength(4);
  expect(await done('queryMsgByOffset', ...letterQueue, '-o', '0')).toMatch(
    new RegExp(`\nReconsume Times: +3\n(.*\n)+Properties: .*RETRY_TOPIC=${topic}`),
  );

  // Sent again, in mqadmin's ways.
  const member = await startProgram(peer, 'PushConsume', [cluster.namesrvAddr, topic, group, 'first', 2, 'eof', 'm']);
  const got = (): string[] => [...member.stdout.matchAll(/^MSG .* (m\d)$/gm)].map(([, body = '']) => body);
  const gets = (count: number): Promise<void> =>
    pollUntil(`${count} messages`, () => got().length >= count, { timeoutMs: 60_000, everyMs: 20 });
  try {
    await pollUntil('the member', () => member.stdout.includes('READY'), { timeoutMs: 60_000, everyMs: 20 });
    const connection = JSON.parse(await done('consumerConnection', '-g', group, '--output', 'json'));
    const clientId: string = connection.connectionSet[0].clientId;
    expect(await done('queryMsgById', '-i', first.offsetMsgId, '-g', group, '-d', clientId)).toMatch(
      /consumeResult=CR_SUCCESS, /,
    );
    await gets(1);
    expect(await done('queryMsgById', '-i', first.originMessageId, '-s', 'true')).toMatch(
      /SendResult \[sendStatus=SEND_OK, /,
    );
    await gets(2);
    expect(got()).toEqual([first.body, first.body]);

    // And in ours: all of them to the group alone, each once.
    expect(await done('dlq', 'resend', '-g', group, '--all', '--dry-run')).toMatch(
      /\n4 dead letters of .* would be sent\./,
    );
    expect(await counts()).toBe(`${group} 4 0`);
    expect(await done('dlq', 'resend', '-g', group, '--all', '--rate', '100/s')).toBe(
      `4 dead letters of ${group} sent again.\n`,
    );
    await gets(6);
    expect(got().slice(2).sort()).toEqual(['m0', 'm1', 'm2', 'm3']);
    expect(await counts()).toBe(`${group} 0 4`);
    expect(await run('dlq', 'resend', '-g', group, '--all')).toMatchObject({ code: 4 });
    // One of them to where it comes from.
    const file = join(cluster.folder, 'progress.json');
    await done('dlq', 'resend', '-g', group, '--key', 'k1', '--handled', '--to', 'origin', '--progress-file', file);
    await gets(7);
    expect(got()[6]).toBe('m1');

    expect(await done('dlq', 'drop', '-g', group, '--undo', '--yes')).toBe(`4 dead letters of ${group} wait again.\n`);
    expect(await counts()).toBe(`${group} 4 0`);
    const lines = (await done('dlq', 'export', '-g', group)).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { keys: string }).keys).sort()).toEqual(['k0', 'k1', 'k2', 'k3']);
    expect(await done('dlq', 'drop', '-g', group, '--count', '3', '--yes')).toBe(
      `3 dead letters of ${group} dropped.\n`,
    );
    expect(await counts()).toBe(`${group} 1 3`);
    // Nobody died again, and the group knows nothing of all this.
    expect(await done('topicStatus', '-t', dlq)).toMatch(/\nbroker-a +0 +0 +4 +\d{4}-/);
    expect(await done('consumerProgress', '-g', group)).not.toContain('%DLQ%');
  } finally {
    member.closeStdin();
    await member.wait(60_000);
  }
}
