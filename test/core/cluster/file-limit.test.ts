import { expect, it } from 'vitest';
import { connectionsForFileLimit } from '../../../src/core/cluster/file-limit.ts';

it('takes half of the files a process may open', () => {
  const limits = [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max processes             95000                95000                processes ',
    'Max open files            1024                 524288               files     ',
  ].join('\n');
  expect(connectionsForFileLimit(limits)).toBe(512);
  expect(connectionsForFileLimit('Max open files            unlimited   unlimited  files')).toBeUndefined();
  expect(connectionsForFileLimit('')).toBeUndefined();
});
