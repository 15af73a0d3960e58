import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registerProcess } from '../../../src/core/cluster/cluster-ini.ts';
import { everyAddress } from '../../../src/core/cluster/own-address.ts';
import { brokerConfigOf, namesrvConfigOf } from '../../../src/core/cluster/server-config.ts';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pocketmq-config-'));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function file(...lines: string[]): string {
  const path = join(dataDir, 'server.conf');
  writeFileSync(path, lines.join('\n'));
  return path;
}

describe('where a server listens and what it advertises', () => {
  test('loopback by default', () => {
    const { config, host } = brokerConfigOf({ dataDir });
    expect(host).toBe('127.0.0.1');
    expect(config.brokerIP1).toBe('127.0.0.1');
    expect(namesrvConfigOf({ dataDir }).host).toBe('127.0.0.1');
  });

  test('bind is listened on and advertised', () => {
    const { config, host } = brokerConfigOf({ dataDir, bind: '127.0.0.2' });
    expect([host, config.brokerIP1]).toEqual(['127.0.0.2', '127.0.0.2']);
  });

  test.each(['::1', '[::1]'])('the IPv6 loopback %s is listened on by the broker that advertises it', (brokerIP1) => {
    const { config, host } = brokerConfigOf({ dataDir, configFile: file(`brokerIP1=${brokerIP1}`) });
    expect([host, config.brokerIP1]).toEqual(['::1', brokerIP1]);
  });

  test('a configured outside address is advertised and all addresses are listened on', () => {
    const configFile = file('brokerIP1=192.0.2.7');
    expect(brokerConfigOf({ dataDir, configFile })).toMatchObject({
      host: everyAddress(),
      config: { brokerIP1: '192.0.2.7' },
    });
    const bound = brokerConfigOf({ dataDir, configFile, bind: '127.0.0.1' });
    expect([bound.host, bound.config.brokerIP1]).toEqual(['127.0.0.1', '192.0.2.7']);
  });
});

describe('precedence', () => {
  test('default, then file, then command line', () => {
    const configFile = file('listenPort=20911', 'brokerClusterName=FromFile', 'defaultTopicQueueNums=3');
    const { config } = brokerConfigOf({ dataDir, configFile, port: 0, settings: { brokerClusterName: 'Typed' } });
    expect(config.listenPort).toBe(0);
    expect(config.brokerClusterName).toBe('Typed');
    expect(config.defaultTopicQueueNums).toBe(3);
    expect(config.brokerPermission).toBe(6);
    expect(brokerConfigOf({ dataDir }).config.listenPort).toBe(10_911);
    expect(namesrvConfigOf({ dataDir }).config.listenPort).toBe(9876);
  });

  test('namesrvs: -n, file, NAMESRV_ADDR, the data directory, none', async () => {
    expect(brokerConfigOf({ dataDir }).config.namesrvAddr).toBeUndefined();
    await registerProcess(dataDir, { role: 'namesrv', pid: process.pid, addr: '127.0.0.1:4', startedAt: 0 });
    expect(brokerConfigOf({ dataDir, environment: { namesrvAddr: ' ' } }).config.namesrvAddr).toBe('127.0.0.1:4');
    const environment = { namesrvAddr: 'c:3;' };
    expect(brokerConfigOf({ dataDir, environment }).config.namesrvAddr).toBe('c:3');
    const configFile = file('namesrvAddr=b:2; b2:2');
    expect(brokerConfigOf({ dataDir, environment, configFile }).config.namesrvAddr).toBe('b:2;b2:2');
    const typed = brokerConfigOf({ dataDir, environment, configFile, namesrvAddr: 'a:1;[::1]:1' });
    expect(typed.config.namesrvAddr).toBe('a:1;[::1]:1');
  });

  test.each(['a', 'a:b', 'a:1;b', 'a:1,b:2', ':1'])('%s is no list of namesrvs', (namesrvAddr) => {
    expect(() => brokerConfigOf({ dataDir, namesrvAddr })).toThrow(
      `The Name Server Address[${namesrvAddr}] illegal, please set it as follows, "127.0.0.1:9876;192.168.0.1:9876"`,
    );
  });
});

describe('files', () => {
  test('everything lies in the data directory', () => {
    const ns = namesrvConfigOf({ dataDir }).config;
    expect(ns.kvConfigPath).toBe(join(dataDir, 'namesrv', 'kvConfig.json'));
    expect(ns.configStorePath).toBe(join(dataDir, 'namesrv', 'namesrv.properties'));
    expect(brokerConfigOf({ dataDir }).config.storePathRootDir).toBe(join(dataDir, 'store'));
    const named = brokerConfigOf({ dataDir, configFile: file('brokerName=broker-b') });
    expect(named.config.storePathRootDir).toBe(join(dataDir, 'stores', 'broker-b-0'));
  });

  test('unless the configuration names a path', () => {
    const configFile = file('storePathRootDir=/elsewhere/store', 'kvConfigPath=/elsewhere/kv.json', 'brokerName=b');
    expect(brokerConfigOf({ dataDir, configFile }).config.storePathRootDir).toBe('/elsewhere/store');
    const ns = namesrvConfigOf({ dataDir, configFile }).config;
    expect(ns.kvConfigPath).toBe('/elsewhere/kv.json');
    expect(ns.configStorePath).toBe(configFile);
    // As it was typed, as in Java.
    const typed = relative(process.cwd(), configFile);
    expect(namesrvConfigOf({ dataDir, configFile: typed })).toMatchObject({
      config: { configStorePath: typed },
      file: { path: configFile },
    });
  });

  test('a missing file, a folder, a bad line and a bad value are named', () => {
    const missing = join(dataDir, 'none.conf');
    expect(() => brokerConfigOf({ dataDir, configFile: missing })).toThrow(
      `the configuration file ${missing} cannot be read`,
    );
    mkdirSync(join(dataDir, 'folder.conf'));
    expect(() => namesrvConfigOf({ dataDir, configFile: join(dataDir, 'folder.conf') })).toThrow('cannot be read');
    const badEscape = file('a=1', 'storePathRootDir=\\users');
    expect(() => brokerConfigOf({ dataDir, configFile: badEscape })).toThrow(`${badEscape} line 2: `);
    const badValue = file('a=1', '', 'listenPort=x');
    expect(() => brokerConfigOf({ dataDir, configFile: badValue })).toThrow(`${badValue} line 3: listenPort=x is not`);
  });
});

test.each([
  [1, 'broker'],
  [65_535, 'broker'],
  [99_999, 'broker'],
  [-1, 'name server'],
  [65_536, 'name server'],
])('listenPort=%i is refused for a %s, with its line', (port, role) => {
  const configFile = file('# here', `listenPort=${port}`);
  const read = role === 'broker' ? brokerConfigOf : namesrvConfigOf;
  expect(() => read({ dataDir, configFile })).toThrow(
    `${configFile} line 2: listenPort=${port} is no port a ${role} can have`,
  );
  expect(() => read({ dataDir, configFile })).toThrow(expect.objectContaining({ code: 'CONFIG' }));
  expect(() => read({ dataDir, port })).toThrow(expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }));
  expect(read({ dataDir, configFile, listing: true }).config.listenPort).toBe(port);
});

test('the replication port is the one above, whatever the file says', () => {
  const configFile = file('listenPort=20911', 'haListenPort=7');
  expect(brokerConfigOf({ dataDir, configFile, listing: true }).config.haListenPort).toBe(20_912);
});

test('a slave needs an id of its own, as BrokerStartup says', () => {
  const configFile = file('brokerRole=SLAVE');
  for (const listing of [true, false]) {
    expect(() => brokerConfigOf({ dataDir, configFile, listing })).toThrow("Slave's brokerId must be > 0");
  }
});

test('a path as people write it on Windows is one path', () => {
  const configFile = file('storePathRootDir=D:\\new store\\中', 'brokerName=b');
  expect(brokerConfigOf({ dataDir, configFile }).config).toMatchObject({
    storePathRootDir: 'D:\\new store\\中',
    brokerName: 'b',
  });
});

test('a promise of safety that is not kept refuses the start', () => {
  const configFile = file('brokerRole=SYNC_MASTER');
  expect(() => brokerConfigOf({ dataDir, configFile })).toThrow(/^brokerRole=SYNC_MASTER is not supported/);
});

test("a master's id is 0 whatever the file says", () => {
  expect(brokerConfigOf({ dataDir, configFile: file('brokerId=3') }).config.brokerId).toBe(0);
});

test('settings without effect are named once', () => {
  const configFile = file('sendMessageThreadPoolNums=64', 'noSuchKey=1', 'another=2', 'listenPort=10921');
  const { notices, extras } = brokerConfigOf({ dataDir, configFile });
  expect(notices).toEqual([
    'settings this version does not act on: sendMessageThreadPoolNums',
    'unknown settings: noSuchKey, another',
  ]);
  expect(extras).toEqual({ noSuchKey: '1', another: '2' });
});

test('a list of names is short and does nothing to a terminal', () => {
  const keys = Array.from({ length: 25 }, (_, i) => `key${i}`);
  const configFile = file('\x1b[31mred=1', ...keys.map((key) => `${key}=1`));
  const { notices } = brokerConfigOf({ dataDir, configFile });
  expect(notices).toEqual([`unknown settings: ?[31mred, ${keys.slice(0, 19).join(', ')} and 6 more`]);
});
