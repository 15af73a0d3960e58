/**
 * Changed settings over a restart: every key of a broker that acts after a restart, the values that are refused, and the
 * files changes are saved in.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokerConfigOf, namesrvConfigOf } from '../../../src/core/cluster/server-config.ts';
import { type RunningServer, runBroker, runNamesrv } from '../../../src/core/cluster/server-process.ts';
import { systemClock } from '../../../src/core/common/clock.ts';
import type { ConfigSchema } from '../../../src/core/common/config-key.ts';
import { type BrokerConfig, brokerConfigSchema } from '../../../src/core/common/config-schema.ts';
import { formatConfigLines, parseProperties } from '../../../src/core/common/java-properties.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { getBrokerConfig } from '../../../src/core/protocol/requests/get-broker-config.ts';
import { getMaxOffset } from '../../../src/core/protocol/requests/get-max-offset.ts';
import { sendMessageV2, toSendMessageV2Header } from '../../../src/core/protocol/requests/send-message-v2.ts';
import { updateBrokerConfig } from '../../../src/core/protocol/requests/update-broker-config.ts';
import { updateNamesrvConfig } from '../../../src/core/protocol/requests/update-namesrv-config.ts';
import { viewBrokerStatsData } from '../../../src/core/protocol/requests/view-broker-stats-data.ts';
import { RemotingClient } from '../../../src/core/remoting/remoting-client.ts';
import { createRequest, type RemotingCommand } from '../../../src/core/remoting/remoting-command.ts';
import { plainSend } from '../broker/test-broker.ts';

const SMALL_FILES = { mappedFileSizeCommitLog: '1048576', mappedFileSizeConsumeQueue: '20000' };

let dir: string;
let dataDir: string;
let running: { stop(): Promise<void> }[];
let client: RemotingClient;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pocketmq 配置 '));
  dataDir = join(dir, 'data');
  running = [];
  client = new RemotingClient({ clock: systemClock, logger: silentLogger });
});

afterEach(async () => {
  await stopAll();
  await client.stop();
  rmSync(dir, { recursive: true, force: true });
});

interface Started {
  readonly namesrvAddr: string;
  readonly brokerAddr: string;
  readonly brokerName: string | undefined;
}

/** A namesrv and a broker without a name of its own, as `mqadmin namesrv` and `mqadmin broker` start them. */
async function start(settings: Record<string, string> = {}): Promise<Started> {
  const common = { dataDir, port: 0, logger: silentLogger };
  const namesrv = await runNamesrv(common);
  running.unshift(namesrv);
  const broker = await runBroker({ ...common, settings, namesrvAddr: namesrv.addr });
  running.unshift(broker);
  return { namesrvAddr: namesrv.addr, brokerAddr: broker.addr, brokerName: broker.name };
}

const stopAll = async (): Promise<void> => {
  for (const one of running.splice(0)) await one.stop();
};

const update = (
  addr: string,
  values: Partial<Record<keyof BrokerConfig, unknown>> | string,
): Promise<RemotingCommand> => {
  const text = typeof values === 'string' ? values : formatConfigLines(values as Record<string, string>);
  return client.invoke(addr, createRequest(updateBrokerConfig, {}, Buffer.from(text)), 5000);
};

async function listing(addr: string): Promise<Record<string, string>> {
  const { body } = await client.invoke(addr, createRequest(getBrokerConfig, {}), 5000);
  return Object.fromEntries([...parseProperties(String(body))].map(([key, { value }]) => [key, value]));
}

const send = (addr: string): Promise<RemotingCommand> =>
  client.invoke(addr, createRequest(sendMessageV2, toSendMessageV2Header(plainSend), Buffer.from('hello')), 5000);

const maxOffset = async (addr: string): Promise<number> => {
  const answer = await client.invoke(addr, createRequest(getMaxOffset, { topic: 'TopicTest', queueId: 0 }), 5000);
  return Number(answer.extFields?.offset);
};

/** Code of the answer when the puts of a queue are asked for, to which a message has just gone. */
async function queuePuts(addr: string): Promise<number> {
  await send(addr);
  const asked = { statsName: 'QUEUE_PUT_NUMS', statsKey: 'TopicTest@0' };
  return (await client.invoke(addr, createRequest(viewBrokerStatsData, asked), 5000)).code;
}

interface Row {
  /** Settings of both starts: a small store unless the row is about its size. */
  settings?: Record<string, string>;
  change: (cluster: Started) => Promise<Partial<Record<keyof BrokerConfig, unknown>>>;
  /** Between the two starts. */
  between?: () => void;
  /** The difference between the two runs. */
  check: (first: Started, second: Started) => Promise<void> | void;
}

const storeOf = (name: string): string => join(dir, name);

/** Spoils the body of the message and leaves the store as a crash would. */
function spoil(): void {
  const store = join(dataDir, 'store');
  const path = join(store, 'commitlog', readdirSync(join(store, 'commitlog'))[0] ?? '');
  writeSync(openSync(path, 'r+'), 'J', readFileSync(path).indexOf('hello'));
  writeFileSync(join(store, 'abort'), '');
  rmSync(join(store, 'checkpoint'), { force: true });
}

const crcRow = (check: boolean): Row => ({
  change: async ({ brokerAddr }) => {
    await send(brokerAddr);
    return { checkCRCOnRecover: check };
  },
  between: spoil,
  check: async (_first, second) => {
    expect(await maxOffset(second.brokerAddr)).toBe(check ? 0 : 1);
  },
});

const indexSizeRow = (key: 'maxHashSlotNum' | 'maxIndexNum', value: number): Row => ({
  change: async () => ({ [key]: value, storePathRootDir: storeOf(key) }),
  check: async (_, second) => {
    await send(second.brokerAddr);
    const folder = join(storeOf(key), 'index');
    const sizes = { maxHashSlotNum: 5_000_000, maxIndexNum: 20_000_000, [key]: value };
    const expected = 40 + 4 * sizes.maxHashSlotNum + 20 * sizes.maxIndexNum;
    expect(readdirSync(folder).map((name) => statSync(join(folder, name)).size)).toEqual([expected]);
  },
});

const rows: [key: keyof BrokerConfig, row: Row][] = [
  [
    'brokerName',
    {
      change: async () => ({ brokerName: 'renamed' }),
      check: (_, second) => expect(second.brokerName).toBe('renamed'),
    },
  ],
  [
    'brokerClusterName',
    {
      change: async () => ({ brokerClusterName: 'Other' }),
      check: async (_, second) => expect((await listing(second.brokerAddr)).brokerClusterName).toBe('Other'),
    },
  ],
  [
    'storePathRootDir',
    {
      change: async () => ({ storePathRootDir: storeOf('new store') }),
      check: () => expect(existsSync(join(storeOf('new store'), 'lock'))).toBe(true),
    },
  ],
  [
    'storePathCommitLog',
    {
      change: async () => ({ storePathCommitLog: storeOf('log') }),
      check: async (_, second) => {
        await send(second.brokerAddr);
        expect(readdirSync(storeOf('log'))).toContain('00000000000000000000');
      },
    },
  ],
  [
    'mappedFileSizeCommitLog',
    {
      settings: {},
      change: async () => ({ mappedFileSizeCommitLog: 2_097_152, storePathRootDir: storeOf('b') }),
      check: () => expect(statSync(join(storeOf('b'), 'commitlog', '00000000000000000000')).size).toBe(2_097_152),
    },
  ],
  [
    'mappedFileSizeConsumeQueue',
    {
      settings: {},
      change: async () => ({ mappedFileSizeConsumeQueue: 40_000, storePathRootDir: storeOf('c') }),
      check: async (_, second) => {
        await send(second.brokerAddr);
        await stopAll();
        const file = join(storeOf('c'), 'consumequeue', 'TopicTest', '0', '00000000000000000000');
        expect(statSync(file).size).toBe(40_000);
      },
    },
  ],
  [
    'messageIndexEnable',
    {
      change: async ({ brokerAddr }) => {
        await send(brokerAddr);
        return { messageIndexEnable: false };
      },
      between: () => rmSync(join(dataDir, 'store', 'index'), { recursive: true }),
      check: async (_, second) => {
        await send(second.brokerAddr);
        expect(existsSync(join(dataDir, 'store', 'index'))).toBe(false);
      },
    },
  ],
  ['maxHashSlotNum', indexSizeRow('maxHashSlotNum', 1000)],
  ['maxIndexNum', indexSizeRow('maxIndexNum', 1000)],
  ['checkCRCOnRecover', crcRow(false)],
  ['checkCRCOnRecover', crcRow(true)],
  [
    'enableDetailStat',
    {
      change: async ({ brokerAddr }) => {
        expect(await queuePuts(brokerAddr)).toBe(0);
        return { enableDetailStat: false };
      },
      check: async (_, second) => expect(await queuePuts(second.brokerAddr)).toBe(1),
    },
  ],
  [
    'messageDelayLevel',
    {
      change: async ({ brokerAddr }) => {
        const answer = await update(brokerAddr, { messageDelayLevel: '1s soon' });
        expect(answer).toMatchObject({
          code: 1,
          remark: "messageDelayLevel: 'soon' is no delay such as 10s, 5m, 2h or 1d",
        });
        return { messageDelayLevel: '2s 1d' };
      },
      // Delayed messages are not served: what is left to see is that the next start takes it.
      check: () => expect(brokerConfigOf({ dataDir, settings: SMALL_FILES }).config.messageDelayLevel).toBe('2s 1d'),
    },
  ],
];

const schema: ConfigSchema = brokerConfigSchema;
const keysThat = (acts: string): string[] => Object.keys(schema).filter((key) => schema[key]?.acts === acts);

describe('keys of a broker that act after a restart', () => {
  it('have a test each', () => {
    expect([...new Set(rows.map(([key]) => key))].sort()).toEqual(keysThat('restart').sort());
  });

  it.each(rows)('%s', async (key, { settings = SMALL_FILES, change, between, check }) => {
    const first = await start(settings);
    const before = (await listing(first.brokerAddr))[key];
    const values = await change(first);
    expect(await update(first.brokerAddr, values)).toMatchObject({ code: 0 });
    // The listing has it at once, the running broker does not.
    expect((await listing(first.brokerAddr))[key]).toBe(String(values[key]));
    expect(first.brokerName).not.toBe('renamed');
    if (key !== 'checkCRCOnRecover') expect(String(values[key])).not.toBe(before);
    await stopAll();
    between?.();
    await check(first, await start(settings));
  });
});

describe('values that are refused', () => {
  const refused: [key: keyof BrokerConfig, value: string, remark: RegExp][] = [
    ['brokerRole', 'SLAVE', /^brokerRole=SLAVE is not supported by this version of PocketMQ; /],
    ['brokerRole', 'SYNC_MASTER', /^brokerRole=SYNC_MASTER is not supported/],
    ['aclEnable', 'true', /^aclEnable=true is not supported/],
    ['enableDLegerCommitLog', 'true', /^enableDLegerCommitLog=true is not supported/],
    ['useTLS', 'true', /^useTLS=true is not supported/],
    ['brokerId', '3', /^brokerId=3 is not possible: a master's id is 0$/],
    ['listenPort', '2', /^listenPort=2 is no port a broker can have$/],
    ['brokerName', ' ', /^brokerName is empty$/],
    ['storePathCommitLog', '/a,/b', /^storePathCommitLog=\/a,\/b names several directories, which this version/],
    ['brokerIP1', 'no address', /^'no address:\d+' is no address of the form ip:port$/],
    ['brokerIP1', '192.0.2.2', /^brokerIP1=192.0.2.2 cannot be reached while the broker listens on 127.0.0.1/],
    ['namesrvAddr', 'nowhere', /^The Name Server Address\[nowhere] illegal, /],
    [
      'mappedFileSizeCommitLog',
      '4096',
      /^mappedFileSizeCommitLog=4096 is not possible: the files of the store are made for/,
    ],
    ['mappedFileSizeConsumeQueue', '-1', /^mappedFileSizeConsumeQueue=-1 is no size a file can have$/],
    [
      'maxIndexNum',
      '100',
      /^maxIndexNum=100 is not possible: the files of the store are made for 20000000; name another/,
    ],
  ];

  it('are there for every key of which one value alone can be kept', () => {
    expect(refused.map(([key]) => key)).toEqual(expect.arrayContaining(keysThat('fixed')));
  });

  it('change nothing, and say what the start says', async () => {
    const { brokerAddr } = await start(SMALL_FILES);
    const before = await listing(brokerAddr);
    for (const [key, value, remark] of refused) {
      // Another key beside it is not taken either.
      const answer = await update(brokerAddr, { regionId: 'elsewhere', [key]: value });
      expect(answer).toMatchObject({ code: 1, remark: expect.stringMatching(remark) });
    }
    expect(await listing(brokerAddr)).toEqual(before);
    expect(existsSync(join(dataDir, 'store', 'config', 'broker.properties'))).toBe(false);
    const start1 = (): unknown => brokerConfigOf({ dataDir, settings: { brokerRole: 'SLAVE', brokerId: '1' } });
    expect(start1).toThrow(refused[0]?.[2]);
  });

  it('a port that is taken', async () => {
    const { brokerAddr, namesrvAddr } = await start(SMALL_FILES);
    const taken = namesrvAddr.slice(namesrvAddr.lastIndexOf(':') + 1);
    const answer = await update(brokerAddr, { listenPort: taken });
    expect(answer).toMatchObject({ code: 1, remark: `port ${taken} is in use` });
    expect((await send(brokerAddr)).code).toBe(0);
  });

  it('a text that is none', async () => {
    const { brokerAddr } = await start(SMALL_FILES);
    expect(await update(brokerAddr, 'a=\\u12')).toMatchObject({ code: 1, remark: 'string2Properties error' });
  });

  it('what cannot be parsed is ignored with success, as in Java', async () => {
    const { brokerAddr } = await start(SMALL_FILES);
    const before = await listing(brokerAddr);
    const text = 'maxMessageSize=much\ntraceOn=perhaps\nbrokerRole=BOSS\nnoSuchKey=1\n';
    expect(await update(brokerAddr, text)).toMatchObject({ code: 0, remark: undefined });
    expect(await listing(brokerAddr)).toEqual(before);
  });
});

describe('the configuration file', () => {
  const texts = { regionId: ' 中 文 ', dLegerGroup: 'C:\\store\\new\\u0', haMasterAddress: '=#:!' };
  const write = (...lines: string[]): string => {
    const path = join(dir, 'broker.conf');
    writeFileSync(path, lines.join('\n'));
    return path;
  };
  const run = async (configFile?: string): Promise<RunningServer> => {
    const server = await runBroker({ dataDir, port: 0, configFile, settings: SMALL_FILES, logger: silentLogger });
    running.push(server);
    return server;
  };

  it('of -c is rewritten whole, with the one before beside it, and reads back', async () => {
    const original = '# mine\nbrokerName=broker-x\nrmqAddressServerDomain = x\nfileReservedTime=48\n';
    const path = write(original);
    const { addr } = await run(path);
    expect(await update(addr, { ...texts, fileReservedTime: 49 })).toMatchObject({ code: 0 });
    expect(readFileSync(`${path}.bak`, 'utf8')).toBe(original);
    const saved = parseProperties(readFileSync(path, 'utf8'));
    const value = (key: string): string | undefined => saved.get(key)?.value;
    expect(value('brokerName')).toBe('broker-x');
    expect(value('rmqAddressServerDomain')).toBe('x');
    expect(value('fileReservedTime')).toBe('49');
    expect(value('flushIntervalCommitLog')).toBe('500');
    for (const [key, text] of Object.entries(texts)) expect(value(key)).toBe(text);
    // Found on this machine or typed, not configured: another start finds its own.
    for (const key of ['listenPort', 'namesrvAddr', 'storePathRootDir', 'brokerIP1'])
      expect(saved.has(key)).toBe(false);
    await running.pop()?.stop();
    const again = await run(path);
    expect(again.notices.join()).toContain('settings this version does not act on: haMasterAddress, dLegerGroup');
    expect(await listing(again.addr)).toMatchObject({ ...texts, fileReservedTime: '49', rmqAddressServerDomain: 'x' });
  });

  it('of a broker started without one holds the changes, and the next start reads it', async () => {
    const { addr } = await run();
    expect(await update(addr, { ...texts, defaultTopicQueueNums: 5 })).toMatchObject({
      code: 0,
    });
    const path = join(dataDir, 'store', 'config', 'broker.properties');
    expect([...parseProperties(readFileSync(path, 'utf8')).keys()].sort()).toEqual(
      [...Object.keys(texts), 'defaultTopicQueueNums'].sort(),
    );
    await running.pop()?.stop();
    const again = await run();
    expect(await listing(again.addr)).toMatchObject({ ...texts, defaultTopicQueueNums: '5' });
    // A crash between the two renames of a save.
    await running.pop()?.stop();
    writeFileSync(`${path}.bak`, readFileSync(path));
    rmSync(path);
    expect(brokerConfigOf({ dataDir }).config.regionId).toBe(texts.regionId);
  });

  it('a changed name leaves the store where it is', async () => {
    const path = write('brokerName=broker-x');
    const { addr } = await run(path);
    await send(addr);
    expect(await update(addr, { brokerName: 'broker-y' })).toMatchObject({ code: 0 });
    await running.pop()?.stop();
    const again = await run(path);
    expect([again.name, await maxOffset(again.addr)]).toEqual(['broker-y', 1]);
  });

  it('a change that cannot be saved is refused', async () => {
    const folder = join(dataDir, 'store', 'config', 'broker.properties.tmp', 'in the way');
    const { addr } = await run();
    const before = await listing(addr);
    mkdirSync(folder, { recursive: true });
    const answer = await update(addr, { regionId: 'north' });
    expect(answer).toMatchObject({ code: 1, remark: expect.stringContaining('broker.properties cannot be written') });
    expect(await listing(addr)).toEqual(before);
  });

  it('a broker that advertises loopback is not sent to a name server of others', async () => {
    const { addr } = await run();
    const answer = await update(addr, { namesrvAddr: '192.0.2.1:9876' });
    expect(answer).toMatchObject({
      code: 1,
      remark: expect.stringContaining('does not register with the name server'),
    });
  });

  it('of a namesrv', async () => {
    const server = await runNamesrv({ dataDir, port: 0, logger: silentLogger });
    running.push(server);
    const set = (values: Record<string, string>): Promise<RemotingCommand> => {
      const body = Buffer.from(formatConfigLines(values));
      return client.invoke(server.addr, createRequest(updateNamesrvConfig, {}, body), 5000);
    };
    for (const key of ['kvConfigPath', 'configStorePath']) {
      const refusal = await set({ [key]: '/x', orderMessageEnable: 'true' });
      expect(refusal).toMatchObject({ code: 16, remark: 'Can not update config path' });
    }
    expect(await set({ productEnvName: texts.regionId, listenPort: '9999' })).toMatchObject({ code: 0 });
    const { config } = namesrvConfigOf({ dataDir });
    expect(config).toMatchObject({ productEnvName: texts.regionId, listenPort: 9999, orderMessageEnable: false });
  });
});
