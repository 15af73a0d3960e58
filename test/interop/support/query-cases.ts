/**
 * The data and the cases of query-commands.interop.test.ts: what SendFixed has stored, and the lines that look into the store.
 */
import { runProgram } from './java-cluster.ts';
import { maskMessageTimes } from './mask.ts';
import type { Peer } from './peers.ts';
import type { Cluster } from './traffic.ts';
import { createTopic } from './wire.ts';

export const QUERY_TOPIC = 'QueryTopic';
const BROKER = 'broker-a';
/** Behind the end of the log, inside its file. */
const NOTHING_THERE = '0000000004000000';

export interface Stored {
  readonly msgId: string;
  readonly offsetMsgId: string;
  readonly queueId: number;
  readonly queueOffset: number;
}

export interface QueryData extends Cluster {
  /** In the order they were sent. */
  readonly messages: readonly Stored[];
  /** Nothing was stored from the first to the last, ms. */
  readonly gap: readonly [number, number];
}

/** Fills an empty cluster by SendFixed. */
export async function storeFixed(cluster: Cluster, peer: Peer): Promise<QueryData> {
  const { namesrvAddr, brokerAddr } = cluster;
  await createTopic({ namesrvAddr, brokerAddr, topic: QUERY_TOPIC, queues: 4 });
  const { stdout } = await runProgram(peer, 'SendFixed', [namesrvAddr, QUERY_TOPIC, BROKER]);
  const messages = [...stdout.matchAll(/^MSG \d+ (\w+) (\w+) (\d+) (\d+)$/gm)].map((match) => ({
    msgId: match[1] ?? '',
    offsetMsgId: match[2] ?? '',
    queueId: Number(match[3]),
    queueOffset: Number(match[4]),
  }));
  const gap = /^GAP (\d+) (\d+)$/m.exec(stdout);
  if (messages.length !== 53 || gap === null) throw new Error(`SendFixed printed:\n${stdout}`);
  return { namesrvAddr, brokerAddr, messages, gap: [Number(gap[1]), Number(gap[2])] };
}

export interface QueryCase {
  readonly name: string;
  /** Without -n. */
  readonly args: (data: QueryData) => string[];
  /** What may differ; nothing by default. */
  readonly compare?: (stdout: string) => string;
  /** The groups that consume are in it: while it runs no other tool may pull, because that makes a group, too. */
  readonly shows?: boolean;
  /** The real mqadmin tells this on stderr, and ours ends with the code. */
  readonly fails?: { readonly real: RegExp; readonly code: number };
}

const id = ({ messages }: QueryData, number: number): string => messages[number]?.offsetMsgId ?? '';
const uniqueId = ({ messages }: QueryData, number: number): string => messages[number]?.msgId ?? '';
const topic = ['-t', QUERY_TOPIC];
const queue = (queueId: number): string[] => [...topic, '-a', BROKER, '-i', String(queueId)];
/** When the real queryMsgByOffset takes longer than a second, the consumer it pulls with is among the groups. */
const ITSELF = 'MessageTrack [consumerGroup=TOOLS_CONSUMER, trackType=PULL, exceptionDesc=null]';
const maskSubVersion = (stdout: string): string => stdout.replace(/^\t"subVersion":\d{13},$/m, '\t"subVersion":<ms>,');
const no208 = /CODE: 208 {2}DESC: query message by (id|key) finished, but no message\./;
const noRoute = (name: string): RegExp => new RegExp(`CODE: 17 {2}DESC: .*${name}`);

const shown: readonly QueryCase[] = [
  { name: 'queryMsgById', args: (data: QueryData) => ['queryMsgById', '-i', id(data, 0)] },
  {
    name: 'queryMsgById of two ids, one with Chinese texts',
    args: (data: QueryData) => ['queryMsgById', '-i', ` ${id(data, 1)}, ${id(data, 4)} ,`],
  },
  { name: 'queryMsgById of a compressed body', args: (data: QueryData) => ['queryMsgById', '-i', id(data, 7)] },
  {
    name: 'queryMsgByUniqueKey',
    args: (data: QueryData) => ['queryMsgByUniqueKey', ...topic, '-i', uniqueId(data, 2)],
  },
  {
    name: 'queryMsgByUniqueKey of an id that was sent twice',
    args: (data: QueryData) => ['queryMsgByUniqueKey', ...topic, '-i', uniqueId(data, 5), '-a'],
  },
  {
    name: 'queryMsgByOffset',
    args: () => ['queryMsgByOffset', ...topic, '-b', BROKER, '-i', '1', '-o', '1'],
  },
].map((one) => ({ ...one, compare: (stdout: string) => maskMessageTimes(stdout).replace(ITSELF, ''), shows: true }));

const byKey: readonly QueryCase[] = ['order-0', 'common', 'Aa', 'BB', '订单-1', '键', 'many'].map((key) => ({
  name: `queryMsgByKey ${key}`,
  args: () => ['queryMsgByKey', ...topic, '-k', key],
}));

const printed: readonly QueryCase[] = [
  { name: 'printMsg', args: () => ['printMsg', ...topic] },
  { name: 'printMsg -d false -s', args: () => ['printMsg', ...topic, '-d', 'false', '-s', 'TagA || 标签'] },
  { name: 'printMsg of a tag that is not there', args: () => ['printMsg', ...topic, '-s', 'TagNone'] },
  { name: 'printMsg -b', args: ({ gap }: QueryData) => ['printMsg', ...topic, '-b', String(gap[1])] },
  {
    name: 'printMsg -b -e',
    args: ({ gap }: QueryData) => ['printMsg', ...topic, '-b', String(gap[0]), '-e', String(gap[1])],
  },
  { name: 'printMsg before everything', args: () => ['printMsg', ...topic, '-b', '1', '-e', '2'] },
  { name: 'printMsgByQueue', args: () => ['printMsgByQueue', ...queue(0)] },
  { name: 'printMsgByQueue -p', args: () => ['printMsgByQueue', ...queue(1), '-p', 'true'] },
  {
    name: 'printMsgByQueue -p -d -f over several pulls',
    args: () => ['printMsgByQueue', ...queue(2), '-p', 'true', '-d', 'true', '-f', 'true'],
  },
  {
    name: 'printMsgByQueue -s -f',
    args: () => ['printMsgByQueue', ...queue(2), '-s', 'TagB||TagC', '-f', 'true'],
  },
  {
    name: 'printMsgByQueue -c GBK -e',
    args: ({ gap }: QueryData) => {
      return ['printMsgByQueue', ...queue(3), '-p', 'true', '-d', 'true', '-c', 'GBK', '-e', String(gap[0])];
    },
  },
].map((one) => ({ ...one, compare: maskMessageTimes }));

const queues: readonly QueryCase[] = [
  { name: 'queryCq', args: () => ['queryCq', ...topic, '-q', '2', '-i', '0'] },
  { name: 'queryCq to the end', args: () => ['queryCq', ...topic, '-q', '2', '-i', '38', '-c', '50'] },
  {
    name: 'queryCq of a group',
    args: ({ brokerAddr }) => [
      'queryCq',
      ...topic,
      '-q',
      '0',
      '-i',
      '1',
      '-c',
      '1',
      '-b',
      brokerAddr,
      '-g',
      'GID_tagged',
    ],
    compare: maskSubVersion,
  },
  {
    name: 'queryCq of a group that is not there',
    args: () => ['queryCq', ...topic, '-q', '0', '-i', '0', '-c', '1', '-g', 'GID_none'],
  },
];

const cleaned: readonly QueryCase[] = ['cleanExpiredCQ', 'cleanUnusedTopic', 'deleteExpiredCommitLog'].flatMap(
  (command) => [
    { name: `${command} -b`, args: ({ brokerAddr }: QueryData) => [command, '-b', brokerAddr] },
    { name: `${command} -c`, args: () => [command, '-c', 'DefaultCluster'] },
    { name: command, args: () => [command] },
    {
      name: `${command} of an unknown cluster`,
      args: () => [command, '-c', 'NoCluster'],
      fails: { real: /^$/, code: 4 },
    },
  ],
);

const failed: readonly QueryCase[] = [
  {
    name: 'queryMsgById of a unique id',
    args: (data) => ['queryMsgById', '-i', uniqueId(data, 0)],
    fails: { real: no208, code: 4 },
  },
  {
    name: 'queryMsgById of no id, behind one that is there',
    args: (data) => ['queryMsgById', '-i', `${id(data, 0)},hello`],
    compare: maskMessageTimes,
    shows: true,
    fails: { real: no208, code: 4 },
  },
  {
    name: 'queryMsgById of a message that is not there',
    args: (data) => ['queryMsgById', '-i', id(data, 0).slice(0, 16) + NOTHING_THERE],
    fails: { real: /CODE: 1 {2}DESC: can not find message by the offset, 67108864/, code: 4 },
  },
  {
    name: 'queryMsgByKey of two words, which is no key',
    args: () => ['queryMsgByKey', ...topic, '-k', 'order-0 '.repeat(2)],
    fails: { real: no208, code: 4 },
  },
  {
    name: 'queryMsgByKey of an unknown topic',
    args: () => ['queryMsgByKey', '-t', 'NoSuchTopic', '-k', 'order-0'],
    fails: { real: noRoute('NoSuchTopic'), code: 4 },
  },
  {
    name: 'queryMsgByUniqueKey of an unknown id',
    args: (data) => ['queryMsgByUniqueKey', ...topic, '-i', uniqueId(data, 0).replace(/.{4}$/, 'FFFF')],
    fails: { real: no208, code: 4 },
  },
  {
    name: 'queryMsgByOffset behind the end',
    args: () => ['queryMsgByOffset', ...topic, '-b', BROKER, '-i', '0', '-o', '99999'],
    fails: { real: /^$/, code: 4 },
  },
  {
    name: 'queryMsgByOffset of an unknown broker',
    args: () => ['queryMsgByOffset', ...topic, '-b', 'broker-z', '-i', '0', '-o', '1'],
    fails: { real: /The broker\[broker-z] not exist/, code: 4 },
  },
  {
    name: 'queryCq behind the end',
    args: () => ['queryCq', ...topic, '-q', '0', '-i', '99999'],
    fails: { real: /NullPointerException/, code: 4 },
  },
  {
    name: 'queryCq of an unknown queue',
    args: () => ['queryCq', ...topic, '-q', '99', '-i', '0'],
    fails: { real: /CODE: 1 {2}DESC: 99@QueryTopic is not exist!/, code: 1 },
  },
  {
    name: 'printMsg of an unknown topic',
    args: () => ['printMsg', '-t', 'NoSuchTopic'],
    fails: { real: noRoute('NoSuchTopic'), code: 4 },
  },
  {
    name: 'printMsg of a time that is none',
    args: () => ['printMsg', ...topic, '-b', 'yesterday'],
    fails: { real: /NullPointerException/, code: 2 },
  },
];

export const QUERY_CASES: readonly QueryCase[] = [...shown, ...byKey, ...printed, ...queues, ...failed, ...cleaned];
