/** The commands of two words that look into a stopped store: what a shell sees of them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { flip } from '../core/store/tools-fixture.ts';
import { runCommand, type Seen, type Surroundings } from './run-command.ts';

let dir: string;
let cluster: LocalCluster | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pocketmq store '));
});

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
  rmSync(dir, { recursive: true, force: true });
});

const run = (argv: readonly string[], surroundings: Surroundings = {}): Promise<Seen> =>
  runCommand([...argv, '--data-dir', dir], surroundings);

const LINES = [
  { topic: 'T', queueId: 0, body: 'first', tags: 'A', keys: 'k1', bornTimestamp: 1000, bornHost: '10.0.0.1:5' },
  { topic: 'T', queueId: 1, body: 'zwei' },
  { topic: 'U', queueId: 0, bodyBase64: '/w==' },
];
const text = LINES.map((line) => `${JSON.stringify(line)}\n`).join('');

/** A stopped store with the lines, in the data directory. */
async function imported(store = join(dir, 'store')): Promise<string> {
  const file = join(dir, 'lines.jsonl');
  writeFileSync(file, text);
  expect(await run(['store', 'import', '-s', store, '-f', file])).toEqual({
    stdout: `3 messages of 2 topics are in ${store}.\n`,
    stderr: '',
    exitCode: 0,
  });
  return store;
}

const SOUND = '1 commitlog file, 3 messages, 3 queues, 3 units, 1 index file, 1 entry';

describe('the first word alone', () => {
  it('lists the commands, as does its help, whatever the case', async () => {
    const { stdout, exitCode } = await runCommand(['store']);
    expect(stdout).toMatch(/^The commands are:\n( {3}store [a-z]+ +\S.*\n){5}\n/);
    expect(exitCode).toBe(0);
    for (const line of [
      ['help', 'store'],
      ['STORE', '--help'],
      ['store', '-h'],
    ]) {
      expect(await runCommand(line)).toEqual({ stdout, stderr: '', exitCode: 0 });
    }
  });

  it('with a second that is none is refused', async () => {
    expect(await runCommand(['store', 'verfy'])).toEqual({
      stdout: 'The sub command store verfy not exist.\n',
      stderr: "Did you mean 'store verify'?\n",
      exitCode: 2,
    });
    expect(await runCommand(['help', 'store', 'nothing'])).toMatchObject({
      stdout: 'The sub command store nothing not exist.\n',
      exitCode: 2,
    });
  });

  it('each has its help', async () => {
    const { stdout } = await runCommand(['help', 'store', 'verify']);
    expect(stdout).toMatch(/^usage: mqadmin store verify \[-c <arg>\]/);
    expect(await runCommand(['Store', 'Verify', '-h'])).toEqual({ stdout, stderr: '', exitCode: 0 });
  });
});

describe('which store', () => {
  it('is the only one of the data directory', async () => {
    const store = await imported();
    expect(await run(['store', 'verify'])).toEqual({
      stdout: `${store} is sound: ${SOUND}\n`,
      stderr: '',
      exitCode: 0,
    });
  });

  it('must be named where there are several, or none', async () => {
    expect(await run(['store', 'verify'])).toEqual({
      stdout: '',
      stderr: `there is no store in the data directory ${dir}; --store names one.\n`,
      exitCode: 4,
    });
    const [first, second] = [join(dir, 'stores', 'broker-a-0'), join(dir, 'stores', 'broker-b-0')];
    await imported(first);
    await imported(second);
    expect(await run(['store', 'stats'])).toEqual({
      stdout: '',
      stderr: `there are several stores: ${first}, ${second}; --store names the one meant.\n`,
      exitCode: 2,
    });
    expect(await run(['store', 'verify', '--store', second])).toMatchObject({ exitCode: 0 });
  });

  it("is that of a broker's configuration file, which says how long files are", async () => {
    const file = join(dir, 'broker.conf');
    const store = join(dir, 'elsewhere');
    const log = join(dir, 'log');
    writeFileSync(
      file,
      `storePathRootDir=${store}\nstorePathCommitLog=${log}\nmappedFileSizeCommitLog=65536\nbrokerIP1=10.1.2.3\nlistenPort=20911\n`,
    );
    const lines = join(dir, 'lines.jsonl');
    writeFileSync(lines, text);
    expect(await run(['store', 'import', '-c', file, '-f', lines])).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(log, '00000000000000000000'))).toHaveLength(65_536);
    const seen = await run(['store', 'inspect', '-c', file, '--offset', '0', '-o', 'json']);
    expect(JSON.parse(seen.stdout).message).toMatchObject({ body: 'first', storeHost: '10.1.2.3:20911' });
    expect(await run(['store', 'verify', '-c', file])).toMatchObject({ exitCode: 0 });
  });

  it('is refused while a broker has it', async () => {
    cluster = await startLocalCluster({ dataDir: dir });
    for (const words of [['verify'], ['stats'], ['export'], ['inspect', '--offset', '0']]) {
      const { stdout, stderr, exitCode } = await run(['store', ...words]);
      expect([stdout, exitCode]).toEqual(['', 1]);
      expect(stderr).toMatch(new RegExp(`^the store .* is in use by process ${process.pid}; .*\\.\n$`));
    }
  });
});

describe('store verify', () => {
  it('names file, byte and reason, and ends with 1', async () => {
    const store = await imported();
    const log = join(store, 'commitlog', '00000000000000000000');
    flip({ file: log, offset: 90 });
    const reason = 'the body of 5 bytes does not have the CRC of the record';
    expect(await run(['store', 'verify'])).toEqual({
      stdout: `${log}: byte 88: ${reason}\n${store} is damaged: 1 file: ${SOUND}\n`,
      stderr: `The store ${store} is damaged.\n`,
      exitCode: 1,
    });
    const json = await run(['store', 'verify', '--output', 'json']);
    expect(json.exitCode).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      store,
      sound: false,
      faults: [{ file: log, offset: 88, reason, more: 0 }],
      notes: [],
    });
    expect(parse((await run(['store', 'verify', '--output', 'yaml'])).stdout)).toEqual(JSON.parse(json.stdout));
  });

  it('shows how far it is on a terminal only', async () => {
    await imported();
    expect((await run(['store', 'verify'])).stderr).toBe('');
    const { stdout } = await run(['store', 'verify'], { terminal: true });
    expect(stdout).toContain('is sound');
  });
});

describe('store inspect', () => {
  it('shows a record by its place in a queue', async () => {
    const store = await imported();
    const { stdout, exitCode } = await run(['store', 'inspect', '-t', 'T', '--queueOffset', '0']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      `File:                ${join(store, 'commitlog', '00000000000000000000')}, byte 0\nTopic:               T\n`,
    );
    expect(stdout).toContain('\nKeys:                k1\n');
    expect(stdout).toContain('\nBorn Host:           10.0.0.1:5\n');
    expect(stdout).toMatch(/\nUnit: {16}\S.*, byte 0: offset 0, \d+ bytes, tagsCode 65\nBody: {16}first\n$/);
  });

  it('ends with 4 where there is none, and with 2 for a line it cannot use', async () => {
    await imported();
    expect(await run(['store', 'inspect', '--offset', '5'])).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/^no message begins at 5 of the log \(.*, byte 5\)\.\n$/),
      exitCode: 4,
    });
    for (const words of [[], ['--offset', '0', '-t', 'T'], ['-t', 'T'], ['--offset', '-1']]) {
      expect(await run(['store', 'inspect', ...words])).toMatchObject({ exitCode: 2 });
    }
  });
});

describe('store export and import', () => {
  it('as lines, as one document, into a file', async () => {
    const store = await imported();
    const { stdout, stderr, exitCode } = await run(['store', 'export']);
    expect([stderr, exitCode]).toEqual(['', 0]);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([{ ...LINES[0], properties: { TAGS: 'A', KEYS: 'k1' } }, LINES[1], LINES[2]]);
    const json = await run(['store', 'export', '--output', 'json']);
    expect(JSON.parse(json.stdout)).toEqual({ messages: lines, exported: 3, damaged: 0 });
    const file = join(dir, 'out.jsonl');
    expect(await run(['store', 'export', '-t', 'T', '-f', file])).toEqual({
      stdout: `2 messages are in ${file}.\n`,
      stderr: '',
      exitCode: 0,
    });
    expect(readFileSync(file, 'utf8')).toBe(stdout.split('\n').slice(0, 2).join('\n').concat('\n'));
    expect(await run(['store', 'export', '--to', '999'])).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    expect(await run(['store', 'export', '--from', 'noon'])).toMatchObject({ exitCode: 2 });
    expect(store).toBe(join(dir, 'store'));
  });

  it('a broker serves what was imported', async () => {
    await imported(join(dir, 'stores', 'broker-a-0'));
    cluster = await startLocalCluster({ dataDir: dir });
    const seen = await runCommand(['queryMsgByKey', '-n', cluster.namesrvAddr, '-t', 'T', '-k', 'k1', '-o', 'json']);
    expect(JSON.parse(seen.stdout)).toMatchObject([{ body: 'first', bornTimestamp: 1000, bornHost: '10.0.0.1:5' }]);
    const route = await runCommand(['topicRoute', '-n', cluster.namesrvAddr, '-t', 'T', '-o', 'json']);
    expect(JSON.parse(route.stdout).queueDatas).toMatchObject([{ readQueueNums: 2 }]);
  });

  it('damaged messages are left out and told, exit code 7', async () => {
    const store = await imported();
    const log = join(store, 'commitlog', '00000000000000000000');
    flip({ file: log, offset: 90 });
    const { stdout, stderr, exitCode } = await run(['store', 'export']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toBe("2 messages are exported, 1 damaged parts are left out: 'mqadmin store verify' names them.\n");
    expect(exitCode).toBe(7);
  });

  it('a line that is no message ends the import with its number, exit code 7', async () => {
    const file = join(dir, 'lines.jsonl');
    writeFileSync(file, `${text}{"topic":"T"}\n`);
    mkdirSync(join(dir, 'new'));
    expect(await run(['store', 'import', '-s', join(dir, 'new'), '-f', file])).toEqual({
      stdout: '',
      stderr: '3 messages are imported, then: line 4 is no message: topic and queueId are needed.\n',
      exitCode: 7,
    });
    expect((await run(['store', 'verify', '-s', join(dir, 'new')])).stdout).toContain(SOUND);
    expect(await run(['store', 'import', '-s', join(dir, 'new'), '-f', join(dir, 'none')])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('none'),
    });
  });
});

describe('store stats', () => {
  it('has a line a topic', async () => {
    const store = await imported();
    const { stdout, exitCode } = await run(['store', 'stats']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^#Topic {2}#Queues {2}#Messages {2}#Bytes {2}#Oldest/);
    expect(stdout).toMatch(/\nT {7}2 {8}2 {10}\d+/);
    const { topics, ...rest } = JSON.parse((await run(['store', 'stats', '-o', 'json'])).stdout);
    expect(rest).toMatchObject({ store, crashed: false, minOffset: 0 });
    expect(topics).toMatchObject([
      { topic: 'T', queues: 2, messages: 2 },
      { topic: 'U', queues: 1, messages: 1 },
    ]);
  });
});
