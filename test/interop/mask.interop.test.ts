/** The masks used by the interop tests hide the values of the columns they name and nothing else. */
import { describe, expect, it } from 'vitest';
import { maskColumns, maskMessageTimes, sortRows } from './support/mask.ts';
import { CLUSTER_LIST_MASK, TOPIC_STATUS_MASK } from './support/parity-masks.ts';
import { QUERY_CASES } from './support/query-cases.ts';

const CLUSTER_LIST =
  '#Cluster Name     #Broker Name            #BID  #Addr                  #Version                #InTPS(LOAD)       #OutTPS(LOAD) #PCWait(ms) #Hour #SPACE\n' +
  'DefaultCluster    broker-a                0     127.0.0.1:30911        V4_9_7                   0.80(0,0ms)         0.80(0,0ms)          0 498717.89 0.1600\n';

const TOPIC_STATUS =
  '#Broker Name                      #QID  #Min Offset           #Max Offset             #Last Updated\n' +
  'broker-a                          0     0                     23                      2026-11-22 21:52:29,110\n' +
  'broker-a                          1     0                     0                       \n';

const mutate = (text: string, from: string, to: string): string => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

describe('clusterList', () => {
  const expected = maskColumns(CLUSTER_LIST, CLUSTER_LIST_MASK);

  it.each([
    ['another rate', ' 0.80(0,0ms)         0.80(0,0ms)', '12.34(1,2ms)         5.00(0,0ms)'],
    ['hours that fit their column', ' 498717.89 0.1600', '  0.25 0.0000'],
    ['another wait', '          0 498717.89', '        123 498717.89'],
  ])('hides %s', (_, from, to) => {
    expect(maskColumns(mutate(CLUSTER_LIST, from, to), CLUSTER_LIST_MASK)).toBe(expected);
  });

  it.each([
    ['the cluster', 'DefaultCluster  ', 'OtherCluster    '],
    ['the broker', 'broker-a  ', 'broker-b  '],
    ['the address', '30911', '30912'],
    ['the version', 'V4_9_7', 'V4_9_1'],
    ['the broker id', 'broker-a                0 ', 'broker-a                1 '],
    ['the heading', '#PCWait(ms)', '#PCWait(us)'],
    ['a blank between columns', 'broker-a                0', 'broker-a               0'],
    ['a blank before a masked value', '   0.80(0,0ms)  ', '    0.80(0,0ms)  '],
    ['the number of decimals', '498717.89', '498717.9'],
    ['the form of the load', '(0,0ms)', '(0ms)'],
    ['a blank at the end', '0.1600\n', '0.1600 \n'],
    ['a missing line end', '0.1600\n', '0.1600'],
    ['a row more', '0.1600\n', '0.1600\nDefaultCluster\n'],
  ])('shows a difference in %s', (_, from, to) => {
    const changed = mutate(CLUSTER_LIST, from, to);
    let result: string;
    try {
      result = maskColumns(changed, CLUSTER_LIST_MASK);
    } catch {
      return;
    }
    expect(result).not.toBe(expected);
  });
});

describe('topicStatus', () => {
  const expected = maskColumns(TOPIC_STATUS, TOPIC_STATUS_MASK);

  it('hides another time', () => {
    const changed = mutate(TOPIC_STATUS, '21:52:29,110', '01:02:03,004');
    expect(maskColumns(changed, TOPIC_STATUS_MASK)).toBe(expected);
  });

  it.each([
    ['an offset', '23  ', '24  '],
    ['a blank before the time', '  2026', ' 2026'],
    ['the form of the time', ',110', '.110'],
    ['the padding of a row without time', '0                       \n', '0\n'],
  ])('shows a difference in %s', (_, from, to) => {
    const changed = mutate(TOPIC_STATUS, from, to);
    let result: string;
    try {
      result = maskColumns(changed, TOPIC_STATUS_MASK);
    } catch {
      return;
    }
    expect(result).not.toBe(expected);
  });
});

describe('a message', () => {
  const DETAIL =
    'Reconsume Times:     0\n' +
    'Born Timestamp:      2026-11-22 21:49:57,980\n' +
    'Store Timestamp:     2026-11-22 21:49:58,009\n' +
    'Born Host:           127.0.0.1:36972\n' +
    'Store Host:          127.0.0.1:30911\n' +
    'Properties:          {KEYS=a, bornTimestamp=1795384198531}\n';
  const LINE =
    'MSGID: C000 MessageExt [brokerName=broker-a, queueId=3, sysFlag=0, bornTimestamp=1795384198531, ' +
    'bornHost=/127.0.0.1:36972, storeTimestamp=1795384198533, storeHost=/127.0.0.1:30911, msgId=7F00, ' +
    'commitLogOffset=12897, toString()=Message{body=[102, 97]}] BODY: Born Host: x\n';

  it.each([
    ['another time of birth', DETAIL, '57,980', '01,002'],
    ['another time of storing', DETAIL, '58,009', '59,000'],
    ['another port', DETAIL, '36972', '40001'],
    ['another time of birth in a line', LINE, '1795384198531', '1795384200000'],
    ['another time of storing in a line', LINE, '1795384198533', '1795384200001'],
    ['another port in a line', LINE, '36972', '5999'],
  ])('hides %s', (_, text, from, to) => {
    expect(maskMessageTimes(mutate(text, from, to))).toBe(maskMessageTimes(text));
  });

  it.each([
    ['the form of a time', DETAIL, '57,980', '57.980'],
    ['a blank before a time', DETAIL, ':      2026', ':     2026'],
    ['a blank behind a time', DETAIL, ',009\n', ',009 \n'],
    ['the host it was sent from', DETAIL, '127.0.0.1:36972', '127.0.0.2:36972'],
    ['the host that stored it', DETAIL, '30911', '30912'],
    ['a label', DETAIL, 'Born Host: ', 'Born host: '],
    ['a property', DETAIL, '1795384198531', '1795384198532'],
    ['a line', DETAIL, 'Reconsume Times:     0\n', ''],
    ['the form of a time in a line', LINE, '1795384198531', '179538419853'],
    ['the slash before a host', LINE, 'bornHost=/', 'bornHost='],
    ['the order of the fields', LINE, 'bornTimestamp=1795384198531, bornHost', 'bornHost'],
    ['the host that stored it, in a line', LINE, '30911', '30912'],
    ['an offset', LINE, '12897', '12898'],
    ['a byte of the body', LINE, '102, 97', '102, 98'],
    ['the text of the body', LINE, 'BODY: Born', 'BODY: born'],
    ['the line end', LINE, 'x\n', 'x'],
  ])('shows a difference in %s', (_, text, from, to) => {
    expect(maskMessageTimes(mutate(text, from, to))).not.toBe(maskMessageTimes(text));
  });

  it.each(QUERY_CASES.filter(({ compare }) => compare !== undefined))('$name hides nothing else', ({ compare }) => {
    const text = `${DETAIL}\n\nMessageTrack [consumerGroup=G, trackType=CONSUMED, exceptionDesc=null]${LINE}`;
    for (let at = 0; at < text.length; at++) {
      const changed = `${text.slice(0, at)}#${text.slice(at + 1)}`;
      expect(compare?.(changed), `at ${at}: ${text.slice(at - 20, at + 20)}`).not.toBe(compare?.(text));
    }
  });
});

describe('sortRows', () => {
  it('changes the order and nothing else', () => {
    expect(sortRows('b\na\n')).toBe('a\nb\n');
    expect(sortRows('#z\nb\na\n', 1)).toBe('#z\na\nb\n');
    expect(sortRows('b\na\na\n')).not.toBe(sortRows('b\na\n'));
    expect(() => sortRows('b\na')).toThrow('line end');
  });
});
