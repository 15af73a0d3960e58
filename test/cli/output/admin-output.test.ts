/**
 * The renderers of the configuration and daily admin commands against what mqadmin printed, to the byte.
 */

import { describe, expect, it } from 'vitest';
import { renderBrokerStatus } from '../../../src/cli/output/broker-status.ts';
import { renderBrokerConfigs, renderNamesrvConfigs } from '../../../src/cli/output/config-listing.ts';
import { renderUpdateTopicPerm } from '../../../src/cli/output/update-topic-perm.ts';
import { renderWritePerm } from '../../../src/cli/output/write-perm.ts';
import { javaStringHashOrder } from '../../../src/core/client/java-hash-order.ts';
import { PocketError } from '../../../src/core/common/errors.ts';
import { recorded } from '../fixtures/recorded.ts';

const ADDR = '127.0.0.1:30911';
const SLAVE = '127.0.0.1:30921';
const NAMESRV = '127.0.0.1:29876';
const down = new PocketError('CONNECT', 'connect to 127.0.0.1:29999 failed');

/** The `key = value` lines of a recorded text, one table for each heading. */
function tablesIn(stdout: string): Record<string, string>[] {
  const parts = stdout.split(/^=====.*=====\n/m).slice(1);
  return parts.map((part) =>
    Object.fromEntries([...part.matchAll(/^(\w+) *= {2}(.*)$/gm)].map(([, key = '', value = '']) => [key, value])),
  );
}

describe('getBrokerConfig', () => {
  it('of one broker', () => {
    const [value = {}] = tablesIn(recorded('getBrokerConfig', 1).stdout);
    expect(Object.keys(value).length).toBeGreaterThan(170);
    expect(renderBrokerConfigs([{ addr: ADDR, role: 'one', value }])).toBe(recorded('getBrokerConfig', 1).stdout);
  });

  it('of a cluster', () => {
    const [master = {}, slave = {}] = tablesIn(recorded('getBrokerConfig', 2).stdout);
    const text = renderBrokerConfigs([
      { addr: ADDR, role: 'master', value: master },
      { addr: SLAVE, role: 'slave', masterAddr: ADDR, value: slave },
    ]);
    expect(text).toBe(recorded('getBrokerConfig', 2).stdout);
  });

  it('of a broker that does not listen: its heading', () => {
    const text = renderBrokerConfigs([{ addr: '127.0.0.1:39999', role: 'one', error: down }]);
    expect(text).toBe(recorded('getBrokerConfig', 4).stdout);
  });
});

describe('the order of the keys', () => {
  /** Two keys of one place in the table stand in the order they came in, which a listing does not tell. */
  const placeOf = (key: string): number => {
    let hash = 0;
    for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
    return (hash ^ (hash >>> 16)) & 255;
  };

  it("is that of Java's hash table", () => {
    const [value = {}] = tablesIn(recorded('getBrokerConfig', 1).stdout);
    const ours = javaStringHashOrder(Object.keys(value).sort());
    expect(ours.map(placeOf)).toEqual(Object.keys(value).map(placeOf));
  });
});

it('getNamesrvConfig', () => {
  const [value = {}] = tablesIn(recorded('getNamesrvConfig', 1).stdout);
  expect(Object.keys(value)).toContain('orderMessageEnable');
  expect(renderNamesrvConfigs([{ addr: NAMESRV, value }])).toBe(recorded('getNamesrvConfig', 1).stdout);
  expect(renderNamesrvConfigs([{ addr: NAMESRV, error: down }])).toBe(recorded('getNamesrvConfig', 2).stdout);
});

describe('brokerStatus', () => {
  it('of one broker', () => {
    const { stdout } = recorded('brokerStatus', 1);
    const lines = [...stdout.matchAll(/^(\S+) *: (.*)$/gm)].map(([, key = '', text = '']) => [key, text]);
    expect(renderBrokerStatus([{ addr: ADDR, value: Object.fromEntries(lines) }], 'broker')).toBe(stdout);
  });

  it('of a cluster with a slave that does not answer', () => {
    const { stdout } = recorded('brokerStatus', 6);
    const lines = [...stdout.matchAll(/^\S+ +(\S+) *: (.*)$/gm)].map(([, key = '', text = '']) => [key, text]);
    const results = [
      { addr: ADDR, value: Object.fromEntries(lines) },
      { addr: SLAVE, error: down },
    ];
    expect(renderBrokerStatus(results, 'cluster')).toBe(stdout);
  });
});

it('wipeWritePerm and addWritePerm', () => {
  const ok = { addr: NAMESRV, value: 30 };
  expect(renderWritePerm([ok], 'wipe', 'broker-a')).toBe(recorded('wipeWritePerm', 1).stdout);
  expect(renderWritePerm([{ addr: '127.0.0.1:29999', error: down }], 'wipe', 'broker-z')).toBe(
    recorded('wipeWritePerm', 4).stdout,
  );
  expect(renderWritePerm([ok, { addr: '127.0.0.1:29999', error: down }], 'add', 'broker-a')).toBe(
    recorded('addWritePerm', 3).stdout,
  );
});

describe('updateTopicPerm', () => {
  const config = {
    ...{ topicName: 'OpsTopic', readQueueNums: 8, writeQueueNums: 8, perm: 4, topicSysFlag: 0, order: false },
    topicFilterType: 'SINGLE_TAG' as const,
  };

  it('on a broker and on a cluster', () => {
    const one = { kind: 'broker', oldPerm: 6, perm: 4, brokers: [{ addr: ADDR, value: config }] } as const;
    expect(renderUpdateTopicPerm({ ...one, brokers: [...one.brokers] })).toBe(recorded('updateTopicPerm', 1).stdout);
    const all = { kind: 'cluster', oldPerm: 6, perm: 2, brokers: [{ addr: ADDR, value: config }] } as const;
    expect(renderUpdateTopicPerm({ ...all, brokers: [...all.brokers] })).toBe(recorded('updateTopicPerm', 3).stdout);
  });

  it('without a change', () => {
    expect(renderUpdateTopicPerm({ kind: 'same' })).toBe(recorded('updateTopicPerm', 2).stdout);
    expect(renderUpdateTopicPerm({ kind: 'noMaster', brokerAddr: SLAVE })).toBe(recorded('updateTopicPerm', 4).stdout);
  });
});
