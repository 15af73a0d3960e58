/** Commands about topics; those that delete come last of all, in parity-cases.ts. */
import { maskColumns, sortRows } from './mask.ts';
import { bothFail, CLUSTER, failed, type ParityCase, TOPIC, untilUnknownCluster } from './parity-case.ts';
import { TOPIC_STATUS_MASK } from './parity-masks.ts';

export const TOPIC_CASES: readonly ParityCase[] = [
  {
    name: 'updateTopic -b',
    args: ({ brokerAddr }) => ['updateTopic', '-b', brokerAddr, '-t', TOPIC, '-r', '4', '-w', '4'],
  },
  { name: 'updateTopic -c', args: () => ['updateTopic', '-c', CLUSTER, '-t', 'ParityCluster'] },
  {
    name: 'updateTopic with all options',
    args: () => [
      ...['updateTopic', '-c', CLUSTER, '-t', 'ParityUnit'],
      ...['-r', '3', '-w', '2', '-p', '4', '-u', 'true', '-s', 'true'],
    ],
  },
  {
    name: 'updateTopic -o on a broker',
    args: ({ brokerAddr }) => [
      'updateTopic',
      '-b',
      brokerAddr,
      '-t',
      'ParityOrder',
      '-r',
      '4',
      '-w',
      '4',
      '-o',
      'true',
    ],
    // The real one complains that there was no order configuration before, although it succeeds.
    stderr: { real: /CODE: 22/ },
  },
  {
    name: 'updateTopic -o on a cluster',
    args: () => ['updateTopic', '-c', CLUSTER, '-t', 'ParityOrder', '-r', '4', '-w', '4', '-o', 'true'],
  },
  {
    name: 'updateTopic on an unknown cluster',
    args: () => ['updateTopic', '-c', 'NoCluster', '-t', 'ParityNone'],
    deliberate: untilUnknownCluster,
    code: 4,
    stderr: { ours: failed('UpdateTopicSubCommand') },
  },
  {
    name: 'updateTopic with a refused name',
    args: ({ brokerAddr }) => ['updateTopic', '-b', brokerAddr, '-t', 'no*name'],
    code: 1,
    stderr: bothFail('UpdateTopicSubCommand'),
  },
  { name: 'topicRoute', args: () => ['topicRoute', '-t', TOPIC] },
  { name: 'topicRoute -l', args: () => ['topicRoute', '-t', TOPIC, '-l'] },
  { name: 'topicRoute of a unit topic', args: () => ['topicRoute', '-t', 'ParityUnit'] },
  {
    name: 'topicRoute of an unknown topic',
    args: () => ['topicRoute', '-t', 'NoSuchTopic'],
    code: 4,
    stderr: bothFail('TopicRouteSubCommand'),
  },
  { name: 'topicList', args: () => ['topicList'], compare: (stdout) => sortRows(stdout) },
  { name: 'topicList -c', args: () => ['topicList', '-c'], compare: (stdout) => sortRows(stdout, 1) },
  {
    name: 'topicStatus',
    args: () => ['topicStatus', '-t', TOPIC],
    compare: (stdout) => maskColumns(stdout, TOPIC_STATUS_MASK),
  },
  {
    name: 'topicStatus of an empty topic',
    args: () => ['topicStatus', '-t', 'ParityUnit'],
    compare: (stdout) => maskColumns(stdout, TOPIC_STATUS_MASK),
  },
  {
    name: 'topicStatus of an unknown topic',
    args: () => ['topicStatus', '-t', 'NoSuchTopic'],
    code: 4,
    stderr: bothFail('TopicStatusSubCommand'),
  },
  { name: 'allocateMQ', args: () => ['allocateMQ', '-t', TOPIC, '-i', '10.0.0.1,10.0.0.2,10.0.0.3'] },
  { name: 'allocateMQ of a client named twice', args: () => ['allocateMQ', '-t', TOPIC, '-i', 'b,a,b,'] },
  {
    name: 'allocateMQ of an empty name',
    args: () => ['allocateMQ', '-t', TOPIC, '-i', 'a,,b'],
    code: 2,
    stderr: bothFail('AllocateMQSubCommand'),
  },
  {
    name: 'allocateMQ of an unknown topic',
    args: () => ['allocateMQ', '-t', 'NoSuchTopic', '-i', 'a,b'],
    code: 4,
    stderr: bothFail('AllocateMQSubCommand'),
  },
  { name: 'topicClusterList', args: () => ['topicClusterList', '-t', TOPIC] },
  {
    name: 'topicClusterList of an unknown topic',
    args: () => ['topicClusterList', '-t', 'NoSuchTopic'],
    code: 4,
    stderr: bothFail('TopicClusterSubCommand'),
  },
  {
    name: 'updateTopicPerm -b',
    args: ({ brokerAddr }) => ['updateTopicPerm', '-b', brokerAddr, '-t', 'ParityCluster', '-p', '4'],
  },
  {
    name: 'updateTopicPerm to what it is',
    args: ({ brokerAddr }) => ['updateTopicPerm', '-b', brokerAddr, '-t', 'ParityCluster', '-p', '4'],
  },
  { name: 'updateTopicPerm -c', args: () => ['updateTopicPerm', '-c', CLUSTER, '-t', 'ParityCluster', '-p', '2'] },
  { name: 'topicRoute after updateTopicPerm', args: () => ['topicRoute', '-t', 'ParityCluster'] },
  { name: 'updateTopicPerm back', args: () => ['updateTopicPerm', '-c', CLUSTER, '-t', 'ParityCluster', '-p', '6'] },
  {
    name: 'updateTopicPerm of a broker that has no such topic',
    args: () => ['updateTopicPerm', '-b', '127.0.0.1:1', '-t', 'ParityCluster', '-p', '4'],
    code: 4,
  },
  {
    name: 'updateTopicPerm of an unknown topic',
    args: () => ['updateTopicPerm', '-c', CLUSTER, '-t', 'NoSuchTopic', '-p', '4'],
    code: 4,
    stderr: bothFail('UpdateTopicPermSubCommand'),
  },
  {
    name: 'updateNamesrvConfig orderMessageEnable',
    args: () => ['updateNamesrvConfig', '-k', 'orderMessageEnable', '-v', 'true'],
  },
  { name: 'topicRoute with an order configuration', args: () => ['topicRoute', '-t', 'ParityOrder'] },
  {
    name: 'updateNamesrvConfig back',
    args: () => ['updateNamesrvConfig', '-k', 'orderMessageEnable', '-v', 'false'],
  },
  { name: 'updateOrderConf get', args: () => ['updateOrderConf', '-t', 'ParityOrder', '-m', 'get'] },
  {
    name: 'updateOrderConf put',
    args: () => ['updateOrderConf', '-t', 'ParityOrder2', '-m', 'put', '-v', 'broker-a:4;broker-b:2'],
  },
  { name: 'updateOrderConf get of what was put', args: () => ['updateOrderConf', '-t', 'ParityOrder2', '-m', 'get'] },
  { name: 'updateOrderConf delete', args: () => ['updateOrderConf', '-t', 'ParityOrder2', '-m', 'delete'] },
  {
    name: 'updateOrderConf get of an absent one',
    args: () => ['updateOrderConf', '-t', 'ParityOrder2', '-m', 'get'],
    code: 4,
    stderr: bothFail('UpdateOrderConfCommand'),
  },
  {
    name: 'deleteKvConfig of the order',
    args: () => ['deleteKvConfig', '-s', 'ORDER_TOPIC_CONFIG', '-k', 'ParityOrder'],
  },
];
