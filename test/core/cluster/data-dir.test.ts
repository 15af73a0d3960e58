import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { logFileOf, resolveDataDir, storeDirOf } from '../../../src/core/cluster/data-dir.ts';

test('--data-dir, else the environment, else .pocketmq at home; blank counts as not given', () => {
  expect(resolveDataDir({ flag: '/a', environment: '/b', home: '/h' })).toBe(resolve('/a'));
  expect(resolveDataDir({ flag: ' ', environment: '/b', home: '/h' })).toBe(resolve('/b'));
  expect(resolveDataDir({ flag: undefined, environment: '', home: '/h' })).toBe(join('/h', '.pocketmq'));
  expect(resolveDataDir({ flag: 'relative', home: '/h' })).toBe(resolve('relative'));
});

test('a broker with a configured name has a store of its own', () => {
  expect(storeDirOf('/d')).toBe(join('/d', 'store'));
  expect(storeDirOf('/d', { brokerName: 'broker-a', brokerId: 0 })).toBe(join('/d', 'stores', 'broker-a-0'));
});

test.each([
  ['经纪人', '经纪人'],
  ['a b', 'a b'],
  ['../../etc', '%2E%2E%2F..%2Fetc'],
  ['..', '%2E%2E'],
  ['a/b\\c:d', 'a%2Fb%5Cc%3Ad'],
  ['a%2Fb', 'a%252Fb'],
  ['ends with.', 'ends with%2E'],
])('the name %s stays inside its folder', (name, folder) => {
  expect(storeDirOf('/d', { brokerName: name, brokerId: 0 })).toBe(join('/d', 'stores', `${folder}-0`));
  expect(logFileOf('/d', name)).toBe(join('/d', 'logs', `${folder}.log`));
});
