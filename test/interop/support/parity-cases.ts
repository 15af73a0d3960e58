/**
 * The commands whose output is compared, in an order in which they can run: what one changes a later one sets back, so
 * that the same list runs twice on one cluster and prints the same. `SET_UP` runs once before.
 */
import { sortRows } from './mask.ts';
import { bothFail, CLUSTER, failed, type ParityCase, TOPIC, untilUnknownCluster } from './parity-case.ts';
import { MESSAGE_CASES } from './parity-message-cases.ts';
import { BROKER_CASES, NAMESRV_CASES } from './parity-server-cases.ts';
import { TOPIC_CASES } from './parity-topic-cases.ts';

/** A topic with two messages in each of its four queues, in queues that do not depend on a client's choice. */
export const SET_UP: readonly ParityCase['args'][] = [
  ({ brokerAddr }) => ['updateTopic', '-b', brokerAddr, '-t', TOPIC, '-r', '4', '-w', '4'],
  ({ brokerAddr }) => ['updateTopic', '-b', brokerAddr, '-t', 'SendTopic', '-r', '2', '-w', '2'],
  ...[0, 1, 2, 3, 0, 1, 2, 3].map((queue, number) => () => [
    ...['sendMessage', '-t', TOPIC, '-b', 'broker-a', '-i', String(queue)],
    ...['-p', `body ${number} ü`, '-k', `key-${number}`, '-c', 'TagA'],
  ]),
];

const DELETE_CASES: readonly ParityCase[] = [
  ...['ParityCluster', 'ParityUnit', 'ParityOrder', 'ParityAuto'].map((topic) => ({
    name: `deleteTopic of ${topic}`,
    args: () => ['deleteTopic', '-c', CLUSTER, '-t', topic],
  })),
  { name: 'deleteTopic of an absent topic', args: () => ['deleteTopic', '-c', CLUSTER, '-t', 'NoSuchTopic'] },
  {
    name: 'deleteTopic on an unknown cluster',
    args: () => ['deleteTopic', '-c', 'NoCluster', '-t', 'NoSuchTopic'],
    deliberate: untilUnknownCluster,
    code: 4,
    stderr: { ours: failed('DeleteTopicSubCommand') },
  },
  {
    name: 'deleteTopic of a system topic',
    args: () => ['deleteTopic', '-c', CLUSTER, '-t', 'SCHEDULE_TOPIC_XXXX'],
    code: 1,
    stderr: bothFail('DeleteTopicSubCommand'),
  },
  { name: 'topicList after deleteTopic', args: () => ['topicList'], compare: (stdout) => sortRows(stdout) },
];

const HELP_CASES: readonly ParityCase[] = [
  ...[
    'updateTopic',
    'deleteTopic',
    'updateBrokerConfig',
    'updateTopicPerm',
    'topicRoute',
    'topicStatus',
    'topicClusterList',
  ],
  ...['brokerStatus', 'clusterList', 'topicList', 'updateKvConfig', 'deleteKvConfig', 'wipeWritePerm', 'addWritePerm'],
  ...['getNamesrvConfig', 'updateNamesrvConfig', 'getBrokerConfig', 'sendMessage', 'consumeMessage'],
  ...['updateOrderConf', 'queryMsgTraceById'],
].map((name) => ({
  name: `help ${name}`,
  args: () => ['help', name],
  // Options that only ours has stand on stderr.
  stderr: { ours: /^\nPocketMQ also takes:\n/ },
}));

export const PARITY_CASES: readonly ParityCase[] = [
  ...TOPIC_CASES,
  ...MESSAGE_CASES,
  ...BROKER_CASES,
  ...NAMESRV_CASES,
  ...DELETE_CASES,
  ...HELP_CASES,
];
