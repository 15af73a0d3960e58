// config-keys-4.9.7.txt: key|Java type|default on a machine of 8 processors (`null` = no value)|important, by class.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ConfigFacts, ConfigSchema } from '../../../src/core/common/config-key.ts';
import {
  brokerConfigSchema,
  namesrvConfigSchema,
  readConfig,
  refuseUnkept,
} from '../../../src/core/common/config-schema.ts';
import { PocketError } from '../../../src/core/common/errors.ts';
import { parseProperties, propertiesOf } from '../../../src/core/common/java-properties.ts';

const facts: ConfigFacts = {
  cpus: 8,
  home: '/home/someone',
  hostName: 'a-host',
  localAddress: '192.0.2.2',
  rocketmqHome: '/opt/rocketmq',
};

interface Row {
  key: string;
  javaType: string;
  default: string;
  important: boolean;
}

function rowsOf(...classNames: string[]): Row[] {
  const rows: Row[] = [];
  let current = '';
  for (const line of readFileSync(new URL('config-keys-4.9.7.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')) {
    if (line.startsWith('# ')) current = line.slice(2);
    else if (classNames.includes(current)) {
      const [key = '', javaType = '', value = '', mark] = line.split('|');
      rows.push({ key, javaType, default: value, important: mark === 'important' });
    }
  }
  return rows;
}

const ENUMS = ['BrokerRole', 'FlushDiskType'];

function expectRow(schema: ConfigSchema, row: Row, listenPort: number): void {
  const key = schema[row.key];
  expect(key, row.key).toBeDefined();
  expect(key?.type, row.key).toBe(ENUMS.includes(row.javaType) ? 'enum' : row.javaType.toLowerCase());
  const wanted = row.key === 'listenPort' ? String(listenPort) : row.default;
  expect(String(key?.defaultOf(facts) ?? null), row.key).toBe(wanted);
}

describe('every key of 4.9.7 with type and default', () => {
  const brokerRows = rowsOf('BrokerConfig', 'NettyServerConfig', 'NettyClientConfig', 'MessageStoreConfig');
  const namesrvRows = rowsOf('NamesrvConfig', 'NettyServerConfig');

  test('broker', () => {
    for (const row of brokerRows) expectRow(brokerConfigSchema, row, 10_911);
    const ratios = ['diskSpaceCleanForciblyRatio', 'diskSpaceWarningLevelRatio'];
    const ours = [...ratios, 'timerWheelEnable', 'timerMaxDelaySec', 'timerPrecisionMs'];
    const keys = [...new Set([...brokerRows.map((row) => row.key), ...ours])];
    expect(Object.keys(brokerConfigSchema).sort()).toEqual(keys.sort());
    const ofServer = readConfig(brokerConfigSchema, new Map(), facts).config;
    expect([ofServer.diskSpaceWarningLevelRatio, ofServer.diskSpaceCleanForciblyRatio]).toEqual([90, 85]);
    const ofLaptop = readConfig(brokerConfigSchema, new Map(), { ...facts, loopbackOnly: true }).config;
    expect([ofLaptop.diskSpaceWarningLevelRatio, ofLaptop.diskSpaceCleanForciblyRatio]).toEqual([98, 96]);
  });

  test('namesrv, and the two keys of our own', () => {
    for (const row of namesrvRows) expectRow(namesrvConfigSchema, row, 9876);
    const ours = ['brokerChannelExpiredTime', 'scanNotActiveBrokerInterval'];
    expect(Object.keys(namesrvConfigSchema).sort()).toEqual([...namesrvRows.map((row) => row.key), ...ours].sort());
    const { config } = readConfig(namesrvConfigSchema, new Map(), facts);
    expect(config.scanNotActiveBrokerInterval).toBe(10_000);
    expect(config.brokerChannelExpiredTime).toBe(120_000);
  });

  test('mqbroker -m prints exactly the important ones', () => {
    const schema: ConfigSchema = brokerConfigSchema;
    for (const row of brokerRows) expect(schema[row.key]?.important === true, row.key).toBe(row.important);
  });
});

describe('readConfig', () => {
  const read = (text: string, source?: string) => readConfig(brokerConfigSchema, parseProperties(text), facts, source);

  test('values replace defaults, each with its type', () => {
    const { config } = read(
      'namesrvAddr=a:9876;b:9876\nbrokerId= 3 \nautoCreateTopicEnable=FALSE\nconsumerFallbehindThreshold=17179869185\nbrokerRole=SLAVE',
    );
    expect(config.namesrvAddr).toBe('a:9876;b:9876');
    expect(config.brokerId).toBe(3);
    expect(config.autoCreateTopicEnable).toBe(false);
    expect(config.consumerFallbehindThreshold).toBe(17_179_869_185);
    expect(config.brokerRole).toBe('SLAVE');
    expect(config.haMasterAddress).toBeUndefined();
  });

  test('unknown keys are named and kept as text, ignored ones named', () => {
    // deleteWhen has its default, which asks for nothing.
    const result = read('listenPort=1\nrmqAddressServerDomain=x\nsendMessageThreadPoolNums=64\ndeleteWhen=04\n');
    expect(result.unknownKeys).toEqual(['rmqAddressServerDomain']);
    expect(result.extras).toEqual({ rmqAddressServerDomain: 'x' });
    expect(result.ignoredKeys).toEqual(['sendMessageThreadPoolNums']);
  });

  test('Java takes isEnableBatchPush by its setter name', () => {
    expect(read('enableBatchPush=true').config.isEnableBatchPush).toBe(true);
    expect(read('isEnableBatchPush=true').config.isEnableBatchPush).toBe(true);
  });

  test.each([
    ['listenPort=abc', 'broker.conf line 2: listenPort=abc is not an integer of 32 bits'],
    ['listenPort=2147483648', 'broker.conf line 2: listenPort=2147483648 is not an integer of 32 bits'],
    ['listenPort=', 'broker.conf line 2: listenPort= is not an integer of 32 bits'],
    ['listenPort=1e3', 'broker.conf line 2: listenPort=1e3 is not an integer of 32 bits'],
    ['shortPollingTimeMills=99999999999999999999', 'is not an integer'],
    ['aclEnable=yes', 'broker.conf line 2: aclEnable=yes is not true or false'],
    ['flushDiskType=sync', 'broker.conf line 2: flushDiskType=sync is not ASYNC_FLUSH or SYNC_FLUSH'],
  ])('%s is refused with its line', (line, message) => {
    const bad = (): unknown => read(`# comment\n${line}`, 'broker.conf');
    expect(bad).toThrow(PocketError);
    expect(bad).toThrow(message);
  });

  test('a bad value of the command line has no line', () => {
    const bad = (): unknown =>
      readConfig(namesrvConfigSchema, propertiesOf({ listenPort: 'x', clusterTest: undefined }), facts);
    expect(bad).toThrow(/^listenPort=x is not/);
  });
});

describe('refuseUnkept', () => {
  test.each([
    ['brokerRole', 'SYNC_MASTER'],
    ['brokerRole', 'SLAVE'],
    ['aclEnable', 'true'],
    ['enableDLegerCommitLog', 'true'],
    ['useTLS', 'true'],
  ])('%s=%s is refused by name and value', (key, value) => {
    const { config } = readConfig(brokerConfigSchema, propertiesOf({ [key]: value }), facts);
    expect(() => refuseUnkept(config)).toThrow(PocketError);
    expect(() => refuseUnkept(config)).toThrow(`${key}=${value} is not supported`);
  });

  test('the defaults pass', () => {
    const { config } = readConfig(brokerConfigSchema, new Map(), facts);
    expect(() => refuseUnkept(config)).not.toThrow();
  });
});

describe('the honoured keys are those the code reads', () => {
  /** Settings whose unsafe values are refused, and those that are overwritten at start. */
  const readElsewhere = ['brokerRole', 'aclEnable', 'enableDLegerCommitLog', 'useTLS'];
  const overwritten = ['haListenPort', 'bitMapLengthConsumeQueueExt'];
  const core = new URL('../../../src/core/', import.meta.url);
  const source = ['broker', 'store', 'namesrv', 'cluster']
    .flatMap((folder) => readdirSync(new URL(folder, core), { recursive: true }).map((name) => `${folder}/${name}`))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(new URL(name, core), 'utf8'))
    .join('\n');
  const schema: ConfigSchema = { ...namesrvConfigSchema, ...brokerConfigSchema };
  const isHonoured = (key: string): boolean => schema[key]?.acts !== undefined;

  test('an honoured key is read', () => {
    const honoured = Object.keys(schema).filter((key) => isHonoured(key) && !readElsewhere.includes(key));
    expect(honoured.filter((key) => !new RegExp(`\\b${key}\\b`).test(source))).toEqual([]);
  });

  test('a key that is read is honoured', () => {
    const read = new Set([...source.matchAll(/\bconfig\.(\w+)/g)].map((match) => match[1] ?? ''));
    const known = [...read].filter((key) => schema[key] !== undefined && !overwritten.includes(key));
    expect(known.filter((key) => !isHonoured(key))).toEqual([]);
    expect(known.length).toBeGreaterThan(30);
  });
});
