/** The section "Configuration keys" of docs/COMPAT.md against the lists of keys: a row for each key, with what it does. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { brokerConfigKeys } from '../../src/core/common/broker-config-keys.ts';
import type { ConfigKey, ConfigSchema } from '../../src/core/common/config-key.ts';
import { messageStoreConfigKeys } from '../../src/core/common/message-store-config-keys.ts';
import { namesrvConfigKeys } from '../../src/core/common/namesrv-config-keys.ts';
import { nettyClientConfigKeys, nettyServerConfigKeys } from '../../src/core/common/netty-config-keys.ts';

const [, section = ''] = readFileSync(new URL('../../docs/COMPAT.md', import.meta.url), 'utf8').split(
  '\n## Configuration keys\n',
);
const [text = ''] = section.split('\n## ');

const words = { now: 'at once', restart: 'after a restart', fixed: 'one value', ignored: 'ignored' } as const;
const actsOf = (key: ConfigKey | undefined): string => words[key?.acts ?? 'ignored'];

/** Rows of the table under a heading: key -> its cells. */
function rowsOf(heading: string): Record<string, string[]> {
  const [, behind = ''] = text.split(`\n### ${heading}\n`);
  const [part = ''] = behind.split('\n### ');
  const rows = [...part.matchAll(/^\| (\w+) \| (.*) \|$/gm)].filter(([, key]) => key !== 'key');
  return Object.fromEntries(rows.map(([, key = '', cells = '']) => [key, cells.split(' | ')]));
}

const firstCells = (heading: string): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(rowsOf(heading)).map(([key, [acts]]) => [key, acts]));

const stated = (schema: ConfigSchema): Record<string, string> =>
  Object.fromEntries(Object.entries(schema).map(([key, data]) => [key, actsOf(data)]));

describe('the tables of configuration keys', () => {
  it.each<[heading: string, schema: ConfigSchema]>([
    ['BrokerConfig', brokerConfigKeys],
    ['MessageStoreConfig', messageStoreConfigKeys],
    ['NettyClientConfig', nettyClientConfigKeys],
    ['NamesrvConfig', namesrvConfigKeys],
  ])('%s', (heading, schema) => {
    expect(firstCells(heading)).toEqual(stated(schema));
  });

  it('NettyServerConfig, of a broker and of a namesrv', () => {
    const [broker, namesrv] = [nettyServerConfigKeys(10_911, 'now'), nettyServerConfigKeys(9876, 'restart')];
    const both = Object.entries(stated(broker)).map(([key, acts]) => [key, [acts, stated(namesrv)[key]]]);
    const rows = Object.entries(rowsOf('NettyServerConfig')).map(([key, cells]) => [key, cells.slice(0, 2)]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(both));
  });
});
