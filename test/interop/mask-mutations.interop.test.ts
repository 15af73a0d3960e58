/**
 * The masks of the command comparison hide the values of the keys and columns they name and nothing else. Every character
 * of what the real mqadmin once printed is changed, taken away and doubled: only where a named value stands, and only by
 * something of that value's form, may the masked text stay the same.
 */
import { describe, expect, it } from 'vitest';
import { recorded } from '../cli/fixtures/recorded.ts';
import { maskColumns, maskLines, sortRows } from './support/mask.ts';
import {
  BROKER_CONFIG_MASK,
  BROKER_STATUS_MASK,
  CLUSTER_LIST_MASK,
  CONSUME_MESSAGE_MASK,
  GROWN_STATUS_MASK,
  NAMESRV_CONFIG_MASK,
  SEND_MESSAGE_MASK,
  TODAY_MASK,
  TOPIC_STATUS_MASK,
  withoutOneSided,
  withoutUnmeasured,
} from './support/parity-masks.ts';

interface Sample {
  readonly what: string;
  readonly text: string;
  readonly mask: (text: string) => string;
  /** Where values may be hidden: found in the text by other means than the masks'. */
  readonly values: readonly RegExp[];
}

/** The value of a row `key : value` or `key =  value`, an address in front or not. */
const rowValue = (key: string): RegExp => new RegExp(`(?<=(?:^|\\n|\\d +)${key} *(?:: |=  ))[^\\n]*`, 'g');

const GROWN = ['commitLogMaxOffset', 'msgGetTotalTodayNow', 'msgPutTotalTodayNow'];
const SIZES = ['putMessageSizeTotal', 'putMessageTimesTotal', 'putMessageAverageSize'];
const STATUS_KEYS = [
  ...[
    'bootTimestamp',
    'commitLogDiskRatio',
    'consumeQueueDiskRatio',
    'dispatchBehindBytes',
    'earliestMessageTimeStamp',
  ],
  ...['getFoundTps', 'getMissTps', 'getTotalTps', 'getTransferedTps', 'putTps', 'getMessageEntireTimeMax'],
  ...['putMessageEntireTimeMax', 'putLatency99', 'putLatency999', 'putMessageDistributeTime', 'pageCacheLockTimeMills'],
  ...['remainHowManyDataToFlush', 'runtime', 'sendThreadPoolQueueHeadWaitTimeMills'],
];
/** Rows that our broker leaves out, and so of whichever broker. */
const LEFT_OUT = [
  ...['EndTransactionQueueSize', 'EndTransactionThreadPoolQueueCapacity', 'dispatchMaxBuffer'],
  ...['queryThreadPoolQueueCapacity', 'queryThreadPoolQueueHeadWaitTimeMills', 'queryThreadPoolQueueSize'],
  'sendThreadPoolQueueCapacity',
];
const STATUS_VALUES = [
  ...[...STATUS_KEYS, ...LEFT_OUT].map(rowValue),
  new RegExp(`(?<=^|\\n)[\\d.]+:\\d+(?= +(?:${LEFT_OUT.join('|')}) *:)`, 'g'),
  /(?<=, Free : )[^\n]*(?=\.)/g,
  /(?<=commitLogDiskRatio_)\S*(?=\/commitlog)/g,
  /(?<=commitLogDiskRatio_\S*: )[^\n]*/g,
];

/** Recorded paths are abbreviated. */
const withPaths = (text: string): string => text.replaceAll(/\b(?:HOME|STORE)\b/g, '/somewhere/else');

const rowsOf = (start: string, text: string): string =>
  text
    .split('\n')
    .filter((line) => new RegExp(`^(?:${start}|$)`).test(line))
    .join('\n');

const SAMPLES: readonly Sample[] = [
  {
    what: 'clusterList',
    text: recorded('clusterList', 1).stdout,
    mask: (text) => maskColumns(text, CLUSTER_LIST_MASK),
    values: [/[\d.]+\(\d+,\d+ms\)/g, /(?<=ms\) +)\d+ +\d+\.\d\d \d\.\d{4}(?=\n)/g],
  },
  {
    what: 'clusterList -m on the same cluster',
    text: recorded('clusterList', 2).stdout,
    mask: (text) => maskColumns(text, TODAY_MASK),
    values: [/\d+ +\d+(?=\n)/g],
  },
  {
    what: 'topicStatus',
    text: recorded('topicStatus', 1).stdout,
    mask: (text) => maskColumns(text, TOPIC_STATUS_MASK),
    values: [/\d{4}-\d\d-\d\d \S+/g],
  },
  {
    what: 'brokerStatus',
    text: withPaths(recorded('brokerStatus', 1).stdout),
    mask: (text) => maskLines(withoutUnmeasured(text), BROKER_STATUS_MASK),
    values: STATUS_VALUES,
  },
  {
    what: 'brokerStatus -c on the same cluster',
    // One broker's, and not all of them: every character costs a run of the mask.
    text: rowsOf(
      '127.0.0.1:30911 +(?:End|commit|dispatch|msg|putMessage[ST])',
      withPaths(recorded('brokerStatus', 2).stdout),
    ),
    mask: (text) => maskLines(withoutUnmeasured(text), [...BROKER_STATUS_MASK, ...GROWN_STATUS_MASK]),
    values: [...STATUS_VALUES, ...[...GROWN, ...SIZES].map(rowValue)],
  },
  {
    what: 'getBrokerConfig',
    // Enough of its two hundred rows.
    text: rowsOf('(?:=|[a-m]*IP|store|rocketmq|flush)', withPaths(recorded('getBrokerConfig', 1).stdout)),
    mask: (text) => sortRows(withoutOneSided(maskLines(text, BROKER_CONFIG_MASK)), 1),
    values: ['brokerIP2', 'storePathRootDir', 'storePathCommitLog', 'rocketmqHome'].map(rowValue),
  },
  {
    what: 'getNamesrvConfig',
    text: withPaths(recorded('getNamesrvConfig', 1).stdout),
    mask: (text) => sortRows(withoutOneSided(maskLines(text, NAMESRV_CONFIG_MASK)), 1),
    values: ['configStorePath', 'kvConfigPath', 'rocketmqHome'].map(rowValue),
  },
  {
    what: 'sendMessage',
    text: recorded('sendMessage', 1).stdout,
    mask: (text) => maskColumns(text, SEND_MESSAGE_MASK),
    values: [/[0-9A-F]{32}/g],
  },
  {
    what: 'consumeMessage',
    text: recorded('consumeMessage', 1).stdout,
    mask: (text) => maskLines(text, CONSUME_MESSAGE_MASK),
    values: [
      /(?<=(?:MSGID: |UNIQ_KEY=))\w+/g,
      /(?<=(?:born|store)Timestamp=)\d+/g,
      /(?<=bornHost=\/127\.0\.0\.1:)\d+/g,
    ],
  },
];

describe.each(SAMPLES)('the mask of $what', ({ text, mask, values }) => {
  const expected = mask(text);
  const hides = (changed: string): boolean => {
    try {
      return mask(changed) === expected;
    } catch {
      return false;
    }
  };
  const spans = values.flatMap((value) =>
    [...text.matchAll(value)].map((match) => ({ from: match.index, to: match.index + match[0].length })),
  );

  it('hides values', () => {
    expect(spans.length).toBeGreaterThan(0);
    expect(expected).not.toBe(text);
  });

  it('shows every character that stands elsewhere', () => {
    const shownToo: string[] = [];
    for (let at = 0; at < text.length; at += 1) {
      if (spans.some(({ from, to }) => at >= from && at < to)) continue;
      const [before, here, after] = [text.slice(0, at), text[at] ?? '', text.slice(at + 1)];
      const other = /\d/.test(here) ? String((Number(here) + 1) % 10) : here === 'x' ? 'y' : 'x';
      for (const changed of [`${before}${other}${after}`, `${before}~${after}`, `${before}${after}`]) {
        if (hides(changed)) shownToo.push(`${before.slice(-40)}[${here}]${after.slice(0, 20)}`);
      }
    }
    expect(shownToo).toEqual([]);
  });

  it('shows a blank that was not there', () => {
    const hidden = [...text].map((_, at) => at).filter((at) => hides(`${text.slice(0, at)} ${text.slice(at)}`));
    expect(hidden.map((at) => text.slice(at - 30, at + 10))).toEqual([]);
  });
});
