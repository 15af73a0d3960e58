import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dataDirOf, findNamesrvAddrs, parseNamesrvAddrs } from '../../src/cli/find-namesrv.ts';
import type { GlobalFlags } from '../../src/cli/flags.ts';
import { registerProcess } from '../../src/core/cluster/cluster-ini.ts';

const dir = mkdtempSync(join(tmpdir(), 'pocketmq-test-'));
afterAll(() => rmSync(dir, { recursive: true }));

const flags = (given: Partial<GlobalFlags> = {}): GlobalFlags => ({
  output: 'text',
  'data-dir': dir,
  color: false,
  'no-color': false,
  debug: false,
  ...given,
});

describe('a list of name servers', () => {
  it('is joined by semicolons', () => {
    expect(parseNamesrvAddrs('a:9876;b:1')).toEqual(['a:9876', 'b:1']);
    expect(parseNamesrvAddrs(' a:9876 ; [::1]:9876;')).toEqual(['a:9876', '[::1]:9876']);
  });

  it.each(['a', 'a:', 'a:x', 'a:0', 'a:65536', 'a:1;b', ';'])('%s is none', (text) => {
    expect(() => parseNamesrvAddrs(text)).toThrow(/name server address/);
  });
});

describe('the name servers of a command', () => {
  const env = { NAMESRV_ADDR: 'env:1' };

  it('are those of -n, else of NAMESRV_ADDR', async () => {
    expect(await findNamesrvAddrs(flags({ namesrvAddr: 'a:1;b:2' }), env)).toEqual(['a:1', 'b:2']);
    expect(await findNamesrvAddrs(flags(), env)).toEqual(['env:1']);
    expect(await findNamesrvAddrs(flags({ namesrvAddr: ' ' }), {}).catch((error) => error)).toMatchObject({
      code: 'NO_NAMESRV',
    });
  });

  it('are else those of the data directory', async () => {
    await expect(findNamesrvAddrs(flags(), {})).rejects.toMatchObject({ code: 'NO_NAMESRV' });
    await registerProcess(dir, { role: 'namesrv', addr: '127.0.0.1:9876', pid: process.pid, startedAt: 0 });
    expect(await findNamesrvAddrs(flags(), {})).toEqual(['127.0.0.1:9876']);
    expect(await findNamesrvAddrs(flags({ 'data-dir': undefined }), { POCKETMQ_DATA_DIR: dir })).toEqual([
      '127.0.0.1:9876',
    ]);
  });

  it('belong to the data directory that is named first', async () => {
    expect(await dataDirOf(flags(), { POCKETMQ_DATA_DIR: '/elsewhere' })).toBe(dir);
    expect(await dataDirOf(flags({ 'data-dir': undefined }), { POCKETMQ_DATA_DIR: '/elsewhere' })).toBe('/elsewhere');
    expect(await dataDirOf(flags({ 'data-dir': undefined }), {})).toMatch(/[/\\]\.pocketmq$/);
  });
});
