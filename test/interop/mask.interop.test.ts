/** The masks used by the interop tests hide the values of the columns they name and nothing else. */
import { describe, expect, it } from 'vitest';
import { maskColumns, sortRows } from './support/mask.ts';
import { CLUSTER_LIST_MASK, TOPIC_STATUS_MASK } from './support/parity-masks.ts';

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

describe('sortRows', () => {
  it('changes the order and nothing else', () => {
    expect(sortRows('b\na\n')).toBe('a\nb\n');
    expect(sortRows('#z\nb\na\n', 1)).toBe('#z\na\nb\n');
    expect(sortRows('b\na\na\n')).not.toBe(sortRows('b\na\n'));
    expect(() => sortRows('b\na')).toThrow('line end');
  });
});
