/**
 * RocketMQ's runbooks on offsets and backlogs, typed one line after the other: reset to a time, skip what is behind, clone for a
 * new group, find out who is behind and why. Every table is held against what the runbook shows. The same lines run against a
 * cluster in this process and against real brokers, with clients of ours and Java's.
 */
import { expect } from 'vitest';
import { Producer } from '../../src/core/client/producer/producer.ts';

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

export interface OffsetRunbook {
  readonly namesrvAddr: string;
  readonly brokerAddr: string;
  readonly clusterName: string;
  run(...args: string[]): Promise<Ran>;
  /** Of a file that is not there. */
  readonly undoFile: string;
  /** A client that consumes so many messages from the first on, commits and leaves. */
  consume(group: string, topic: string, count: number): Promise<void>;
  /** A client that stays; its id, and how it leaves. */
  join(group: string, topic: string): Promise<{ clientId: string; leave(): Promise<void> }>;
}

const TOPIC = 'RbShrink';
const GROUP = 'GID_rb_shrink';
const CLONE = 'GID_rb_clone';
const QUEUES = [0, 1, 2, 3, 4, 5, 6, 7];
/** In the order of a Java hash table of these queues, as the runbook has it. */
const IN_HASH_ORDER = [7, 6, 1, 0, 3, 2, 5, 4];
const EACH = 8;
const START = '2026-01-01#00:00:00:000';

const cells = (stdout: string): string[][] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));

export async function workThroughOffsets(book: OffsetRunbook): Promise<void> {
  await setUp(book);
  await resetByTime(book);
  await cloneOffsets(book);
  await skip(book);
  await inspectBacklog(book);
  await moveMembers(book);
  await deleteAll(book);
}

async function done({ run }: OffsetRunbook, ...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await run(...args);
  expect({ args, stderr, exitCode }).toEqual({ args, stderr: '', exitCode: 0 });
  return stdout;
}

/** Rows of consumerProgress without the time of the last message: offset of the broker, of the group, difference. */
async function progress(book: OffsetRunbook, group: string): Promise<Record<string, string[]>> {
  const stdout = await done(book, 'consumerProgress', '-g', group);
  expect(stdout).toMatch(
    /^#Topic {60}#Broker Name {22}#QID {2}#Broker Offset {8}#Consumer Offset {6}#Diff {17}#LastTime\n/,
  );
  expect(stdout).toMatch(/\nConsume TPS: \d+\.\d\d\nDiff Total: \d+\n$/);
  const all = cells(stdout).filter(([, broker]) => broker === 'broker-a');
  // Whether the queue of the retry topic has an offset depends on how long the client was there.
  const [retries, rows] = [true, false].map((isRetry) =>
    all.filter(([topic]) => topic?.startsWith('%RETRY%') === isRetry),
  );
  for (const row of retries ?? []) expect(row.slice(2, 6)).toEqual(['0', '0', '0', '0']);
  return Object.fromEntries(
    (rows ?? []).map(([topic, , queue, ...offsets]) => [`${topic} ${queue}`, offsets.slice(0, 3)]),
  );
}

const eachQueue = (...offsets: number[]): Record<string, string[]> =>
  Object.fromEntries(QUEUES.map((queue) => [`${TOPIC} ${queue}`, offsets.map(String)]));

/** Rows of a table of resets: queue, offset of the broker, of the group, of the time, and where it is now. */
const table = (...offsets: number[]): string[][] =>
  IN_HASH_ORDER.map((queue) => ['broker-a', ...[queue, ...offsets].map(String)]);

async function setUp(book: OffsetRunbook): Promise<void> {
  const made = await done(
    book,
    'updateTopic',
    '-c',
    book.clusterName,
    '-t',
    TOPIC,
    '-r',
    '8',
    '-w',
    '8',
    '--wait-route',
  );
  expect(made).toBe(
    `create topic to ${book.brokerAddr} success.\nTopicConfig [topicName=RbShrink, readQueueNums=8, writeQueueNums=8, ` +
      'perm=RW-, topicFilterType=SINGLE_TAG, topicSysFlag=0, order=false]',
  );
  const producer = new Producer({ group: 'GID_rb_sender', namesrvAddrs: [book.namesrvAddr] });
  await producer.start();
  for (let i = 0; i < EACH * QUEUES.length; i++) {
    const queue = { topic: TOPIC, brokerName: 'broker-a', queueId: i % QUEUES.length };
    await producer.send({ topic: TOPIC, body: `m${i}` }, { queue });
  }
  await producer.stop();
  await book.consume(GROUP, TOPIC, EACH * QUEUES.length);
  expect(await progress(book, GROUP)).toEqual(eachQueue(8, 8, 0));
}

async function resetByTime(book: OffsetRunbook): Promise<void> {
  const stdout = await done(book, 'resetOffsetByTime', '-g', GROUP, '-t', TOPIC, '-s', START);
  const [said, heading, ...rows] = cells(stdout);
  const millis = new Date(2026, 0, 1).getTime();
  expect(said?.[0]).toBe(
    `rollback consumer offset by specified consumerGroup[${GROUP}], topic[${TOPIC}], force[true], ` +
      `timestamp(string)[${START}], timestamp(long)[${millis}]`,
  );
  expect(heading?.join(' ')).toBe(
    '#brokerName #queueId #brokerOffset #consumerOffset #timestampOffset #rollbackOffset',
  );
  expect(rows).toEqual(table(8, 8, 0, 0));
  expect(await progress(book, GROUP)).toEqual(eachQueue(8, 0, 8));
}

async function cloneOffsets(book: OffsetRunbook): Promise<void> {
  expect(await done(book, 'cloneGroupOffset', '-s', GROUP, '-d', CLONE, '-t', TOPIC)).toBe(
    `clone group offset success. srcGroup[${GROUP}], destGroup=[${CLONE}], topic[${TOPIC}]`,
  );
  // Before its first client was there mqadmin fails here; we ask the brokers.
  expect(await progress(book, CLONE)).toEqual(eachQueue(8, 0, 8));
  await book.consume(CLONE, TOPIC, EACH * QUEUES.length);
  expect(await progress(book, CLONE)).toEqual(eachQueue(8, 8, 0));
}

async function skip(book: OffsetRunbook): Promise<void> {
  // Queues of which nothing was consumed since have no row, but count.
  const behind = await done(book, 'brokerConsumeStats', '-b', book.brokerAddr, '-l', '8');
  expect(Number(/\nDiff Total: (\d+)\n$/.exec(behind)?.[1])).toBeGreaterThanOrEqual(EACH * QUEUES.length);
  const [, ...rows] = cells(await done(book, 'skipAccumulatedMessage', '-g', GROUP, '-t', TOPIC));
  expect(rows).toEqual(table(8, 0, 8, 8));
  expect(await progress(book, GROUP)).toEqual(eachQueue(8, 8, 0));
  // `now` goes to the end, `-f false` only backward.
  await done(book, 'resetOffsetByTime', '-g', GROUP, '-t', TOPIC, '-s', START);
  await done(book, 'resetOffsetByTime', '-g', GROUP, '-t', TOPIC, '-s', 'now', '-f', 'false');
  expect(await progress(book, GROUP)).toEqual(eachQueue(8, 0, 8));
  await done(book, 'resetOffsetByTime', '-g', GROUP, '-t', TOPIC, '-s', 'now');
  expect(await progress(book, GROUP)).toEqual(eachQueue(8, 8, 0));
}

async function inspectBacklog(book: OffsetRunbook): Promise<void> {
  const { clientId, leave } = await book.join(GROUP, TOPIC);
  try {
    const all = cells(await done(book, 'consumerProgress'));
    expect(all[0]?.[0]).toBe('#Group');
    expect(all.find(([group]) => group === GROUP)?.[1]).toBe('1');
    const owned = await done(book, 'consumerProgress', '-g', GROUP, '-s', 'true');
    const host = clientId.split('@')[0] ?? '';
    expect(owned.split('\n').filter((row) => row.startsWith(`${TOPIC} `) && row.includes(` ${host} `))).toHaveLength(
      QUEUES.length,
    );
    const connection = await done(book, 'consumerConnection', '-g', GROUP);
    expect(connection).toContain(clientId);
    expect(connection).toMatch(new RegExp(`\nBelow is subscription:\n(.*\n)+${TOPIC} +\\*\n`));
    // As a document: the text form puts a file for each client into the directory.
    const status = await done(book, 'consumerStatus', '-g', GROUP, '--output', 'json');
    expect(status).toContain(clientId);
    expect(await done(book, 'consumerStatus', '-g', GROUP, '-i', clientId)).toMatch(
      new RegExp(`\n${TOPIC} +broker-a +0 `),
    );
    const stats = cells(await done(book, 'statsAll', '-t', TOPIC));
    expect(
      stats
        .filter(([topic]) => topic === TOPIC)
        .map((row) => row[1])
        .sort(),
    ).toEqual([CLONE, GROUP]);
    const [, ...queues] = cells(await done(book, 'topicStatus', '-t', TOPIC));
    expect(queues.map((row) => row.slice(0, 4))).toEqual(QUEUES.map((queue) => ['broker-a', String(queue), '0', '8']));
  } finally {
    await leave();
  }
}

/** Not of RocketMQ: any place, shown and read back. Brokers of 4.9 send members to a time. */
async function moveMembers(book: OffsetRunbook): Promise<void> {
  const to = (target: string, ...options: string[]): Promise<Ran> =>
    book.run('offset', 'reset', '-g', GROUP, '-t', TOPIC, '--to', target, '--undo-file', book.undoFile, ...options);
  const { leave } = await book.join(GROUP, TOPIC);
  try {
    expect(await to('-1')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/can send members to a time only/),
    });
    const back = await to('earliest', '--output', 'json');
    expect(back).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(back.stdout)).toMatchObject({
      online: true,
      queues: QUEUES.map(() => ({ before: 8, after: 0 })),
    });
  } finally {
    await leave();
  }
}

async function deleteAll(book: OffsetRunbook): Promise<void> {
  const { brokerAddr, clusterName } = book;
  expect(await done(book, 'deleteSubGroup', '-c', clusterName, '-g', GROUP, '-r', 'true')).toBe(
    [
      `delete subscription group [${GROUP}] from broker [${brokerAddr}] in cluster [${clusterName}] success.`,
      `delete topic [%RETRY%${GROUP}] from cluster [${clusterName}] success.`,
      `delete topic [%RETRY%${GROUP}] from NameServer success.`,
      `delete topic [%DLQ%${GROUP}] from cluster [${clusterName}] success.`,
      `delete topic [%DLQ%${GROUP}] from NameServer success.\n`,
    ].join('\n'),
  );
  expect(await book.run('consumerProgress', '-g', GROUP)).toMatchObject({ exitCode: 4, stdout: '' });
  expect(await done(book, 'deleteTopic', '-c', clusterName, '-t', TOPIC)).toBe(
    `delete topic [${TOPIC}] from cluster [${clusterName}] success.\ndelete topic [${TOPIC}] from NameServer success.\n`,
  );
  expect(await book.run('topicRoute', '-t', TOPIC)).toMatchObject({ exitCode: 4, stdout: '' });
}
