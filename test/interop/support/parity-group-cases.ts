/**
 * Commands about consumer groups. GID_on has a Java member, GID_off has consumed everything and is not online, GID_made was
 * only configured. What changes offsets is set back by a later case, so that both tools find the same.
 */
import { maskLines, sortRows } from './mask.ts';
import { bothFail, CLUSTER, failed, type ParityCase, untilUnknownCluster } from './parity-case.ts';

export const GROUP_TOPIC = 'GroupTopic';
export const ONLINE = 'GID_on';
export const OFFLINE = 'GID_off';
export const CONFIGURED = 'GID_made';

const TIME = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d';
const PLACE = '(?:%RETRY%GID_\\w+|GroupTopic) +';

const PROGRESS = [new RegExp(`${PLACE}broker-a .*[^ ] +(?<lastTime>${TIME})`), /Consume TPS: (?<tps>\d+\.\d\d)/];
const progress = (stdout: string): string => maskLines(stdout, PROGRESS);

const PORT = '127\\.0\\.0\\.1:(?<port>\\d{4,5} {1,2})';
const connections = (stdout: string): string =>
  maskLines(stdout, [
    new RegExp(`.*@member +${PORT} +JAVA +V4_9_7`),
    new RegExp(`\\d{4} +.* +${PORT} +JAVA +V4_9_7`),
    /producer group \(\w+\) instance : clientId=.*@member,remoteIP=\/127\.0\.0\.1:(?<port>\d+), .*=(?<last>\d{13})/,
  ]);

const RUNNING = [
  /[\w.]+ *: (?<value>.*)/,
  /.*ProcessQueueInfo \[commitOffset=(?<offset>\d+), .*locked=(?<locked>\w+), .*lastLockTimestamp=(?<state>.*)\]/,
  /(?:%RETRY%GID_on|GroupTopic) +(?<rates>\d+\.\d\d +\d+\.\d\d +\d+\.\d\d +\d+\.\d\d +\d+\.\d\d +\d+)/,
  /GroupTopic +broker-a +\d +(?<offset>\d+ +)/,
];

const BEHIND = [new RegExp(`${PLACE}GID_\\w+ .*[^ ] +(?<lastTime>${TIME})`)];
/** In the broker's order of groups, which is that of a hash table. */
const behind = (stdout: string): string => sortRows(maskLines(stdout, BEHIND), 1);

const STATS = [/GroupTopic +GID_\w+ +\d+ +(?<rates>\d+\.\d\d +\d+\.\d\d +\d+ +\d+)/];

const group = (...names: string[]): string[] => names.flatMap((name) => ['-g', name]);
const on = [...group(ONLINE), '-t', GROUP_TOPIC];
const off = [...group(OFFLINE), '-t', GROUP_TOPIC];
const SOME_TIME = '2001-01-01#00:00:00:000';

const PROGRESS_CASES: readonly ParityCase[] = [
  { name: 'consumerProgress of a group', args: () => ['consumerProgress', ...group(OFFLINE)], compare: progress },
  {
    name: 'consumerProgress with the hosts of members',
    args: () => ['consumerProgress', ...group(ONLINE), '-s', 'true'],
    compare: progress,
  },
  {
    name: 'consumerProgress with the hosts of a group that is not online',
    args: () => ['consumerProgress', ...group(OFFLINE), '-s', 'true'],
    compare: progress,
  },
  { name: 'consumerProgress of all groups', args: () => ['consumerProgress'] },
  {
    name: 'consumerProgress of an unknown group',
    args: () => ['consumerProgress', ...group('NoSuchGroup')],
    code: 4,
    stderr: bothFail('ConsumerProgressSubCommand'),
  },
  {
    name: 'consumerProgress of a group that has not consumed',
    args: () => ['consumerProgress', ...group(CONFIGURED)],
    deliberate: () =>
      `${'#Topic'.padEnd(64)}  ${'#Broker Name'.padEnd(32)}  #QID  ${'#Broker Offset'.padEnd(20)}  ` +
      `${'#Consumer Offset'.padEnd(20)}  ${'#Diff'.padEnd(20)}  #LastTime\n\nConsume TPS: 0.00\nDiff Total: 0\n`,
    compare: progress,
    stderr: { real: failed('ConsumerProgressSubCommand'), ours: /^No broker has an offset of the group GID_made: / },
  },
];

const CONNECTION_CASES: readonly ParityCase[] = [
  { name: 'consumerConnection', args: () => ['consumerConnection', ...group(ONLINE)], compare: connections },
  {
    name: 'consumerConnection -b',
    args: ({ brokerAddr }) => ['consumerConnection', ...group(ONLINE), '-b', brokerAddr],
    compare: connections,
  },
  ...['NoSuchGroup', OFFLINE].map((name) => ({
    name: `consumerConnection of ${name}`,
    args: () => ['consumerConnection', ...group(name)],
    code: 4,
    stderr: bothFail('ConsumerConnectionSubCommand'),
  })),
  {
    name: 'producerConnection',
    args: () => ['producerConnection', ...group('CLIENT_INNER_PRODUCER'), '-t', GROUP_TOPIC],
    compare: connections,
  },
  ...[
    ['of an unknown group', 'NoSuchGroup', GROUP_TOPIC],
    ['of an unknown topic', 'CLIENT_INNER_PRODUCER', 'NoSuchTopic'],
  ].map(([what, name = '', topic = '']) => ({
    name: `producerConnection ${what}`,
    args: () => ['producerConnection', ...group(name), '-t', topic],
    code: 4,
    stderr: bothFail('ProducerConnectionSubCommand'),
  })),
  { name: 'producer', args: ({ brokerAddr }) => ['producer', '-b', brokerAddr], compare: connections },
];

const CONFIG_CASES: readonly ParityCase[] = [
  { name: 'updateSubGroup -c', args: () => ['updateSubGroup', '-c', CLUSTER, ...group('GID_new')] },
  {
    name: 'updateSubGroup -b with every option',
    args: ({ brokerAddr }) => [
      ...['updateSubGroup', '-b', brokerAddr, ...group('GID_new2'), '-s', 'true', '-m', 'false', '-d', 'true'],
      ...['-q', '2', '-r', '5', '-i', '0', '-w', '1', '-a', 'false'],
    ],
  },
  {
    name: 'updateSubGroup on an unknown cluster',
    args: () => ['updateSubGroup', '-c', 'NoCluster', ...group('GID_new')],
    deliberate: untilUnknownCluster,
    code: 4,
    stderr: { ours: failed('UpdateSubGroupSubCommand') },
  },
  {
    name: 'updateSubGroup on nothing',
    args: () => ['updateSubGroup', ...group('GID_new')],
    code: 2,
    stderr: { ours: /^One of -b and -c is required\.\n$/ },
  },
  { name: 'getConsumerConfig', args: () => ['getConsumerConfig', ...group('GID_new2')] },
  {
    name: 'getConsumerConfig of an unknown group',
    args: () => ['getConsumerConfig', ...group('NoSuchGroup')],
    code: 4,
    stderr: { ours: failed('GetConsumerConfigSubCommand') },
  },
  {
    name: 'deleteSubGroup -b',
    args: ({ brokerAddr }) => ['deleteSubGroup', '-b', brokerAddr, ...group('GID_new2')],
  },
  { name: 'deleteSubGroup -c', args: () => ['deleteSubGroup', '-c', CLUSTER, ...group('GID_new'), '-r', 'true'] },
  {
    name: 'deleteSubGroup on an unknown cluster',
    args: () => ['deleteSubGroup', '-c', 'NoCluster', ...group('GID_new')],
    deliberate: untilUnknownCluster,
    code: 4,
    stderr: { ours: failed('DeleteSubscriptionGroupCommand') },
  },
];

const OFFSET_CASES: readonly ParityCase[] = [
  { name: 'resetOffsetByTime of members', args: () => ['resetOffsetByTime', ...on, '-s', 'now'] },
  { name: 'resetOffsetByTime of C++ members', args: () => ['resetOffsetByTime', ...on, '-s', 'now', '-c'] },
  { name: 'resetOffsetByTime to a time', args: () => ['resetOffsetByTime', ...off, '-s', SOME_TIME] },
  { name: 'resetOffsetByTime, not forward', args: () => ['resetOffsetByTime', ...off, '-s', 'now', '-f', 'false'] },
  { name: 'resetOffsetByTime to ms', args: () => ['resetOffsetByTime', ...off, '-s', '4000000000000'] },
  {
    name: 'consumerProgress after a reset',
    args: () => ['consumerProgress', ...group(OFFLINE)],
    compare: progress,
  },
  { name: 'skipAccumulatedMessage', args: () => ['skipAccumulatedMessage', ...off] },
  { name: 'skipAccumulatedMessage of members', args: () => ['skipAccumulatedMessage', ...on] },
  ...(
    [
      ['resetOffsetByTime', 'ResetOffsetByTimeCommand', ['-s', 'now']],
      ['skipAccumulatedMessage', 'SkipAccumulationSubCommand', []],
    ] as const
  ).flatMap(([name, javaClass, more]): ParityCase[] => [
    {
      name: `${name} of a group without offsets`,
      args: () => [name, ...group(CONFIGURED), '-t', GROUP_TOPIC, ...more],
      code: 4,
      stderr: bothFail(javaClass),
    },
    {
      name: `${name} of an unknown topic`,
      args: () => [name, ...group(OFFLINE), '-t', 'NoSuchTopic', ...more],
      code: 4,
      stderr: bothFail(javaClass),
    },
  ]),
  {
    name: 'resetOffsetByTime to no time',
    args: () => ['resetOffsetByTime', ...off, '-s', 'yesterday'],
    code: 2,
    stderr: { real: failed('ResetOffsetByTimeCommand'), ours: /^-s is a time in milliseconds or as / },
  },
  {
    name: 'cloneGroupOffset',
    args: () => ['cloneGroupOffset', '-s', OFFLINE, '-d', 'GID_clone', '-t', GROUP_TOPIC, '-o', 'true'],
  },
  ...[
    ['of an unknown group', 'NoSuchGroup', GROUP_TOPIC],
    ['of an unknown topic', OFFLINE, 'NoSuchTopic'],
  ].map(([what, source = '', topic = '']) => ({
    name: `cloneGroupOffset ${what}`,
    args: () => ['cloneGroupOffset', '-s', source, '-d', 'GID_clone', '-t', topic],
    code: 4,
    stderr: bothFail('CloneGroupOffsetCommand'),
  })),
];

const FIGURE_CASES: readonly ParityCase[] = [
  {
    name: 'brokerConsumeStats',
    args: ({ brokerAddr }) => ['brokerConsumeStats', '-b', brokerAddr],
    compare: behind,
  },
  {
    name: 'brokerConsumeStats -l',
    args: ({ brokerAddr }) => ['brokerConsumeStats', '-b', brokerAddr, '-l', '1'],
    compare: behind,
  },
  {
    name: 'brokerConsumeStats -o',
    args: ({ brokerAddr }) => ['brokerConsumeStats', '-b', brokerAddr, '-o', 'true', '-t', '5000'],
  },
  { name: 'statsAll -t', args: () => ['statsAll', '-t', GROUP_TOPIC], compare: (stdout) => maskLines(stdout, STATS) },
  { name: 'statsAll of an unknown topic', args: () => ['statsAll', '-t', 'NoSuchTopic'] },
];

/** `clientId`: of the member of GID_on. */
const statusCases = (clientId: string): ParityCase[] => [
  {
    name: 'consumerStatus of a client',
    args: () => ['consumerStatus', ...group(ONLINE), '-i', clientId],
    // Settings of one hash bucket stand in the order in which they came.
    compare: (stdout) => sortRows(maskLines(stdout, RUNNING)),
  },
  {
    name: 'consumerStatus of an unknown client',
    args: () => ['consumerStatus', ...group(ONLINE), '-i', 'nobody'],
    code: 4,
    stderr: bothFail('ConsumerStatusSubCommand'),
  },
  {
    name: 'consumerStatus of an unknown group',
    args: () => ['consumerStatus', ...group('NoSuchGroup')],
    code: 4,
    stderr: bothFail('ConsumerStatusSubCommand'),
  },
];

const HELP_CASES: readonly ParityCase[] = [
  ...['consumerProgress', 'consumerConnection', 'producerConnection', 'producer', 'updateSubGroup', 'deleteSubGroup'],
  ...['getConsumerConfig', 'consumerStatus', 'resetOffsetByTime', 'skipAccumulatedMessage', 'cloneGroupOffset'],
  ...['brokerConsumeStats', 'statsAll'],
].map((name) => ({
  name: `help ${name}`,
  args: () => ['help', name],
  stderr: { ours: /^\nPocketMQ also takes:\n/ },
}));

export const groupCases = (clientId: string): ParityCase[] => [
  ...PROGRESS_CASES,
  ...CONNECTION_CASES,
  ...CONFIG_CASES,
  ...statusCases(clientId),
  ...OFFSET_CASES,
  ...FIGURE_CASES,
  ...HELP_CASES,
];
