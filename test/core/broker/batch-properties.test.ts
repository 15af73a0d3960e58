import { describe, expect, it } from 'vitest';
import { batchProperties } from '../../../src/core/broker/batch-properties.ts';

const text = (sent: string | undefined): string => String(batchProperties(sent, 'DefaultCluster').properties);
const CLUSTER = 'CLUSTER\x01DefaultCluster';

describe('batchProperties', () => {
  it.each([
    ['WAIT\x01true', `${CLUSTER}\x02WAIT\x01true`],
    ['WAIT\x01true\x02UNIQ_KEY\x01OUT', `UNIQ_KEY\x01OUT\x02${CLUSTER}\x02WAIT\x01true`],
    [
      'WAIT\x01true\x02UNIQ_KEY\x01OUT\x02TAGS\x01X\x02user\x01v\x02INSTANCE_ID\x01ns\x02CLUSTER\x01mine',
      `UNIQ_KEY\x01OUT\x02${CLUSTER}\x02WAIT\x01true\x02user\x01v\x02TAGS\x01X\x02INSTANCE_ID\x01ns`,
    ],
    ['TRAN_MSG\x01true', `TRAN_MSG\x01true\x02${CLUSTER}`],
    ['WAIT\x01true\x02WAIT\x01false\x02', `${CLUSTER}\x02WAIT\x01false`],
    ['\x01v\x02n\x01', CLUSTER],
    ['', CLUSTER],
    [undefined, CLUSTER],
  ])('of %j is what a 4.9.7 broker stores', (sent, stored) => {
    expect(text(sent)).toBe(stored);
  });

  it.each([
    [undefined, 0],
    ['DELAY\x010', 0],
    ['DELAY\x01-3', -3],
    ['DELAY\x01+5', 5],
  ])('reads the delay of %j', (sent, delayLevel) => {
    expect(batchProperties(sent, 'c').delayLevel).toBe(delayLevel);
  });

  it.each(['x', '1.0', ' 1', '2147483648', '1e1'])('refuses the delay %j, on which Java has an exception', (delay) => {
    expect(() => batchProperties(`DELAY\x01${delay}`, 'c')).toThrow(`the DELAY of the batch is no number: "${delay}"`);
  });

  it('takes as much as a record can hold', () => {
    const most = 32_767 - 'a\x01\x02CLUSTER\x01c'.length;
    expect(batchProperties(`a\x01${'v'.repeat(most)}`, 'c').properties.length).toBe(32_767);
    expect(() => batchProperties(`a\x01${'v'.repeat(most + 1)}`, 'c')).toThrow('exceeded');
    expect(() => batchProperties(`a\x01${'é'.repeat(most / 2 + 1)}`, 'c')).toThrow('exceeded');
  });
});
