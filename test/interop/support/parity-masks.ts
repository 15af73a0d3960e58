/**
 * What may differ between two runs of the same command: values that are times, rates or ids. Each has the form it must
 * have; keys and places that differ for a reason of ours are named with it.
 */
import type { ColumnMask } from './mask.ts';

const TPS = /^\d+\.\d\d\(\d+,\d+ms\)$/;

export const CLUSTER_LIST_MASK: readonly ColumnMask[] = [
  { column: '#InTPS(LOAD)', form: TPS, place: { right: 19, gap: 1, after: 16 } },
  { column: '#OutTPS(LOAD)', form: TPS, place: { right: 19, gap: 1 } },
  { column: '#PCWait(ms)', form: /^\d+$/, place: { right: 10, gap: 1 } },
  { column: '#Hour', form: /^\d+\.\d\d$/, place: { right: 5, gap: 1 } },
  { column: '#SPACE', form: /^(?:[01]|-1)\.\d{4}$/, place: { right: 6, gap: 1 } },
];

export const TOPIC_STATUS_MASK: readonly ColumnMask[] = [
  {
    column: '#Last Updated',
    form: /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})?$/,
    place: 'rest',
  },
];

/** Made by the client: address, process, class loader, time and counter; longer where the address is one of IPv6. */
const UNIQUE_ID = '[0-9A-F]{32}(?:[0-9A-F]{24})?';
const NUMBER = '\\d+';
const MILLISECONDS = '\\d{13}';
/** 4.9.1 does not round. */
const RATIO = '(?:0\\.\\d+(?:E-\\d+)?|1\\.0)';
const RATE = '(?:\\d+\\.\\d+(?:E-\\d+)?)?';
const RATES = `${RATE} ${RATE} ${RATE}`;
/** The bounds of putMessageDistributeTime; before the first minute is over Java says null. */
const BOUNDS = [
  ...['<=0ms', '0~10ms', '10~50ms', '50~100ms', '100~200ms', '200~500ms', '500ms~1s'],
  ...['1~2s', '2~3s', '3~4s', '4~5s', '5~10s', '10s~'],
];
const DISTRIBUTION = BOUNDS.map((bound) => `\\[${bound}\\]:\\d+ `).join('');
const PATH = '/\\S+';

export const SEND_MESSAGE_MASK: readonly ColumnMask[] = [
  { column: '#MsgId', form: new RegExp(`^${UNIQUE_ID}$`), place: 'rest' },
];

/** The totals of clusterList -m grow with every run of consumeMessage. */
export const TODAY_MASK: readonly ColumnMask[] = ['#InTotalToday', '#OutTotalToday'].map((column) => ({
  column,
  form: /^\d+$/,
  place: { right: 14, gap: 1 },
}));

/** A message line of consumeMessage: its id, its two times, and the port it came from. */
export const CONSUME_MESSAGE_MASK: readonly RegExp[] = [
  new RegExp(
    `MSGID: (?<id>${UNIQUE_ID}) MessageExt \\[[^\\]]*, bornTimestamp=(?<bornTimestamp>${MILLISECONDS}), ` +
      `bornHost=/127\\.0\\.0\\.1:(?<port>\\d{4,5}), storeTimestamp=(?<storeTimestamp>${MILLISECONDS}), .*` +
      `[ {]UNIQ_KEY=(?<UNIQ_KEY>${UNIQUE_ID}), .*`,
  ),
];

/** In front of a row of brokerStatus -c, padded to 24. */
const ADDRESS = '(?:\\d[\\d.]+:\\d+ +(?<=^.{25}))?';

/** A row of brokerStatus, with or without the broker's address in front. */
function statusRow(key: string, form: string): RegExp {
  return new RegExp(`${ADDRESS}${key.padEnd(32)}: (?<${key}>${form})`);
}

/** Times, rates and fill levels. */
export const BROKER_STATUS_MASK: readonly RegExp[] = [
  statusRow('bootTimestamp', MILLISECONDS),
  new RegExp(`${ADDRESS}commitLogDirCapacity {12}: Total : [\\d.]+ [GTP]iB, Free : (?<free>[\\d.]+ [MGTP]iB)\\.`),
  statusRow('commitLogDiskRatio', RATIO),
  new RegExp(`${ADDRESS}commitLogDiskRatio_(?<folder>${PATH})/commitlog: (?<ratio>${RATIO})`),
  statusRow('consumeQueueDiskRatio', RATIO),
  statusRow('dispatchBehindBytes', NUMBER),
  // Java says -1 as long as the log is shorter than twice the largest message.
  statusRow('earliestMessageTimeStamp', `(?:-1|${MILLISECONDS})`),
  ...['getFoundTps', 'getMissTps', 'getTotalTps', 'getTransferedTps', 'getTransferredTps', 'putTps'].map((key) =>
    statusRow(key, RATES),
  ),
  ...['getMessageEntireTimeMax', 'putMessageEntireTimeMax'].map((key) => statusRow(key, NUMBER)),
  ...['putLatency99', 'putLatency999'].map((key) => statusRow(key, '\\d+\\.\\d\\d')),
  statusRow('putMessageDistributeTime', `(?:null|${DISTRIBUTION})`),
  statusRow('pageCacheLockTimeMills', NUMBER),
  statusRow('remainHowManyDataToFlush', '(?:\\d+ B|\\d+\\.\\d [KMG]iB)'),
  statusRow('runtime', '\\[ \\d+ days, \\d+ hours, \\d+ minutes, \\d+ seconds \\]'),
  statusRow('sendThreadPoolQueueHeadWaitTimeMills', NUMBER),
];

/** What the tools of 5.x print in their own form: topicStatus and clusterList. */
export const TOPIC_STATUS_5X_MASK: readonly RegExp[] = [
  /.* {2,}(?<lastUpdated>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})/,
  /Topic Put TPS: (?<putTps>\d+(?:\.\d+)?)/,
];
export const CLUSTER_LIST_5X_MASK: readonly RegExp[] = [
  new RegExp(
    'DefaultCluster .* V4_9_7 +(?<in>[\\d.]+\\(\\d+,\\d+ms\\)) +(?<out>[\\d.]+\\(\\d+,\\d+ms\\|N,Nms\\)) .*\\) +' +
      '(?<wait>\\d+) {2}(?<hour>\\d+\\.\\d\\d *) {2}(?<space>[01]\\.\\d{4}) +false',
  ),
];

/** What the commands before have made grow, where the same cluster is asked by a second tool. */
export const GROWN_STATUS_MASK: readonly RegExp[] = [
  ...['commitLogMaxOffset', 'msgGetTotalTodayNow', 'msgPutTotalTodayNow'].map((key) => statusRow(key, NUMBER)),
  ...['putMessageSizeTotal', 'putMessageTimesTotal'].map((key) => statusRow(key, NUMBER)),
  statusRow('putMessageAverageSize', '\\d+\\.\\d+'),
];

/** Keys of docs/COMPAT.md, "Runtime info keys (28)", that our broker leaves out. */
const UNMEASURED = [
  ...['EndTransactionQueueSize', 'EndTransactionThreadPoolQueueCapacity', 'dispatchMaxBuffer'],
  ...['queryThreadPoolQueueCapacity', 'queryThreadPoolQueueHeadWaitTimeMills', 'queryThreadPoolQueueSize'],
  'sendThreadPoolQueueCapacity',
];

/** Without the rows of keys that our broker leaves out because there is nothing to measure. */
export function withoutUnmeasured(stdout: string): string {
  return withoutRows(stdout, new RegExp(`^${ADDRESS}(?:${UNMEASURED.map((key) => key.padEnd(32)).join('|')}): \\d+$`));
}

function configRow(key: string, form: string): RegExp {
  return new RegExp(`${key.padEnd(50)}=  (?<${key}>${form})`);
}

export const BROKER_CONFIG_MASK: readonly RegExp[] = [
  // Java's is the machine's first address, ours the one that brokerIP1 names.
  configRow('brokerIP2', '\\d+\\.\\d+\\.\\d+\\.\\d+'),
  configRow('storePathRootDir', PATH),
];

export const NAMESRV_CONFIG_MASK: readonly RegExp[] = [
  configRow('configStorePath', `${PATH}\\.properties`),
  configRow('kvConfigPath', `${PATH}/kvConfig\\.json`),
];

/** Rows that stand on one side only: where the tests' Java servers live, and our namesrv's two keys. */
export function withoutOneSided(stdout: string): string {
  const paths = ['rocketmqHome', 'storePathCommitLog'].map((key) => `${key.padEnd(50)}=  ${PATH}`).join('|');
  const ours = 'brokerChannelExpiredTime {26}=  120000|scanNotActiveBrokerInterval {23}=  10000';
  return withoutRows(stdout, new RegExp(`^(?:${paths}|${ours})$`));
}

function withoutRows(stdout: string, row: RegExp): string {
  return stdout
    .split('\n')
    .filter((line) => !row.test(line))
    .join('\n');
}
