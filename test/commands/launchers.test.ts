/**
 * bin/mqnamesrv, mqbroker, mqshutdown and tools.sh under dash, with the lines and exit codes of RocketMQ's scripts. Needs
 * `npm run build`.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stopProcesses } from '../../src/core/cluster/daemon.ts';
import { pickBrokerPort, pickPort } from '../../src/core/cluster/free-ports.ts';
import { Shell, usualPorts } from '../support/shell.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'bin');
const DASH = 'dash';
const O_NONBLOCK = 0o4000;
const NOTHING_SET = { NAMESRV_ADDR: undefined, JAVA_OPT: undefined, JAVA_OPT_EXT: undefined, ROCKETMQ_HOME: undefined };

/** A folder as unfriendly as a home directory can be. */
let dir: string;
let shells: Shell[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pocketmq 启动 '));
  shells = [];
});

afterEach(async () => {
  await stopProcesses(join(dir, 'data'), 'all', { timeoutMs: 10_000, kill: true });
  for (const shell of shells) await shell.kill();
  rmSync(dir, { recursive: true, force: true });
});

const environment = (more: Record<string, string> = {}) => ({
  ...process.env,
  ...NOTHING_SET,
  HOME: dir,
  POCKETMQ_DATA_DIR: join(dir, 'data'),
  ...more,
});

function shellIn(cwd: string): Shell {
  const shell = new Shell({ cwd, env: environment() });
  shells.push(shell);
  return shell;
}

/** Runs one script to its end. */
function dash(script: string, args: readonly string[], more: Record<string, string> = {}) {
  const env = environment(more);
  const { stdout, stderr, status } = spawnSync(DASH, [script, ...args], { env, cwd: dir, encoding: 'utf8' });
  return { stdout, stderr, exitCode: status };
}

interface Ports {
  readonly namesrv: number;
  readonly broker: number;
}

/** The usual ones where the shell has a network of its own, else free ones by `-c` files. */
async function choosePorts(): Promise<Ports> {
  if (usualPorts) return { namesrv: 9876, broker: 10911 };
  const ports = {
    namesrv: await pickPort('0.0.0.0', Math.random),
    broker: await pickBrokerPort('0.0.0.0', Math.random),
  };
  writeFileSync(join(dir, 'ns.conf'), `listenPort=${ports.namesrv}\n`);
  writeFileSync(join(dir, 'broker.conf'), `listenPort=${ports.broker}\n`);
  return ports;
}

/** A line of the page, with other ports where it must be. */
function line(text: string, { namesrv }: Ports): string {
  if (usualPorts) return text;
  return text
    .replace('mqnamesrv &', `mqnamesrv -c '${join(dir, 'ns.conf')}' &`)
    .replace(/(mqbroker -n \S+) &/, `$1 -c '${join(dir, 'broker.conf')}' &`)
    .replaceAll('9876', String(namesrv));
}

const SEND_RESULT =
  /^SendResult \[sendStatus=SEND_OK, msgId=[0-9A-F]{32}, offsetMsgId=[0-9A-F]{32}, messageQueue=MessageQueue \[topic=TopicTest, brokerName=.+, queueId=[0-3]\], queueOffset=\d+\]$/;
const RECEIVED =
  /^ConsumeMessageThread_please_rename_unique_group_name_4_(1?\d|20) Receive New Messages: \[MessageExt \[brokerName=.+, queueId=\d, storeSize=\d+, .*body=\[72, 101, 108, .*\], transactionId='null'\}\]\] $/;

describe("RocketMQ's quickstart page", () => {
  it('word for word', { timeout: 60_000 }, async () => {
    const ports = await choosePorts();
    const shell = shellIn(root);
    const run = (text: string) => shell.run(line(text, ports));
    await run('nohup sh bin/mqnamesrv &');
    await shell.saw(/The Name Server boot success\. serializeType=JSON\n/);
    await run('nohup sh bin/mqbroker -n localhost:9876 &');
    await shell.saw(
      new RegExp(
        `The broker\\[.+, .+:${ports.broker}\\] boot success\\. serializeType=JSON and name server is localhost:`,
      ),
    );
    expect(shell.stderr.match(/warning: this .* is open to the network without access control/g)).toHaveLength(2);
    // A terminal that closes: nohup keeps both alive.
    await run('kill -HUP $(jobs -p)');
    await run('export NAMESRV_ADDR=localhost:9876');
    if (process.platform === 'linux') {
      // The servers share this pipe with whatever else the shell runs, and none of them may make it non-blocking.
      const flags = /flags:\s+(\d+)/.exec((await run('cat /proc/$$/fdinfo/1')).stdout)?.[1] ?? '';
      expect(Number.parseInt(flags, 8) & O_NONBLOCK).toBe(0);
    }
    const sent = await run('sh bin/tools.sh org.apache.rocketmq.example.quickstart.Producer');
    const results = sent.stdout.trimEnd().split('\n');
    expect([sent.exitCode, results.length]).toEqual([0, 1000]);
    expect(results.filter((result) => !SEND_RESULT.test(result))).toEqual([]);
    await run(`sh bin/tools.sh org.apache.rocketmq.example.quickstart.Consumer > '${join(dir, 'consumer')}' &`);
    await run(`until [ "$(wc -l < '${join(dir, 'consumer')}')" -ge 1001 ]; do :; done`);
    await run('kill -INT $!');
    expect((await run('wait $!')).exitCode).toBe(130);
    const received = (await run(`cat '${join(dir, 'consumer')}'`)).stdout.trimEnd().split('\n');
    expect(received[0]).toBe('Consumer Started.');
    expect(received.slice(1).filter((text) => !RECEIVED.test(`${text.trimEnd()} `))).toEqual([]);
    expect(received).toHaveLength(1001);
    for (const role of ['broker', 'namesrv']) {
      const { stdout, exitCode } = await run(`sh bin/mqshutdown ${role}`);
      expect(stdout).toMatch(
        new RegExp(`^The mq${role}\\((\\d+)\\) is running\\.\\.\\.\nSend shutdown request to mq${role}\\(\\1\\) OK\n$`),
      );
      expect(exitCode).toBe(0);
    }
    await run('wait');
    expect(await run('sh bin/mqshutdown broker')).toEqual({ stdout: 'No mqbroker running.\n', exitCode: 255 });
    expect(await run('sh bin/mqshutdown namesrv')).toEqual({ stdout: 'No mqnamesrv running.\n', exitCode: 255 });
  });

  it('from a packed package, through links, inside bin/, with 2m-noslave', { timeout: 60_000 }, async () => {
    const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', dir], {
      cwd: root,
      encoding: 'utf8',
    });
    mkdirSync(join(dir, 'unpacked'));
    execFileSync('tar', ['-xzf', join(dir, packed.trim()), '-C', join(dir, 'unpacked')]);
    symlinkSync(join(dir, 'unpacked', 'package'), join(dir, 'rocketmq'));
    symlinkSync('rocketmq/bin/mqshutdown', join(dir, 'stop'));
    const ports = await choosePorts();
    const shell = shellIn(join(dir, 'rocketmq', 'bin'));
    await shell.run(line('nohup sh ./mqnamesrv &', ports));
    await shell.saw(/The Name Server boot success/);
    const broker = `sh mqbroker --port ${ports.broker} -c ../conf/2m-noslave/broker-a.properties -n localhost:9876`;
    await shell.run(`nohup ${broker.replace('9876', String(ports.namesrv))} &`);
    await shell.saw(new RegExp(`The broker\\[broker-a, .+:${ports.broker}\\] boot success`));
    expect((await shell.run(`sh '${join(dir, 'stop')}' broker`)).exitCode).toBe(0);
    expect((await shell.run(`sh '${join(dir, 'stop')}' namesrv`)).exitCode).toBe(0);
    await shell.run('wait');
  });
});

describe('answers of the launchers', () => {
  const mqnamesrv = join(bin, 'mqnamesrv');
  const mqbroker = join(bin, 'mqbroker');
  const mqshutdown = join(bin, 'mqshutdown');

  it('usage on stdout: 0 for -h, 1 for a line that cannot be read', () => {
    const usage =
      /^usage: mqnamesrv \[-c <arg>\] \[-h\] \[-n <arg>\] \[-p\]\n -c,--configFile <arg> {4}Name server config/;
    expect(dash(mqnamesrv, ['-h'])).toMatchObject({ stdout: expect.stringMatching(usage), exitCode: 0 });
    expect(dash(mqnamesrv, ['-Z'])).toMatchObject({ stdout: expect.stringMatching(usage), exitCode: 1 });
    const broker = dash(mqbroker, ['-c']);
    expect(broker.stdout).toMatch(/^usage: mqbroker \[-c <arg>\] \[-h\] \[-m\] \[-n <arg>\] \[-p\]\n/);
    expect(broker).toMatchObject({ stderr: 'Option -c needs a value.\n', exitCode: 1 });
  });

  it('an illegal address list: 253', () => {
    expect(dash(mqbroker, ['-n', 'nowhere'])).toEqual({
      stdout: 'The Name Server Address[nowhere] illegal, please set it as follows, "127.0.0.1:9876;192.168.0.1:9876"\n',
      stderr: '',
      exitCode: 253,
    });
  });

  it("a slave with a master's id: 253, and as in Java no line end", () => {
    const file = join(dir, 'slave.conf');
    writeFileSync(file, 'brokerRole=SLAVE\n');
    const refusal = { stdout: "Slave's brokerId must be > 0", stderr: '', exitCode: 253 };
    expect(dash(mqbroker, ['-c', file])).toEqual(refusal);
    expect(dash(mqbroker, ['-p', '-c', file])).toEqual(refusal);
  });

  it.each(['2m-2s-sync/broker-a', '2m-2s-sync/broker-b-s', '2m-2s-async/broker-a-s'])(
    'a promise that is not kept (%s): 255 and one sentence',
    (name) => {
      const seen = dash(mqbroker, ['-c', join(root, 'conf', `${name}.properties`)]);
      expect(seen).toMatchObject({ stdout: '', exitCode: 255 });
      expect(seen.stderr).toMatch(
        /^brokerRole=(SYNC_MASTER|SLAVE) is not supported by this version of PocketMQ; .*\.\n$/,
      );
    },
  );

  it('an unknown word: the usage of mqshutdown and 0', () => {
    expect(dash(mqshutdown, ['everything'])).toEqual({
      stdout: 'Useage: mqshutdown broker | namesrv\n',
      stderr: '',
      exitCode: 0,
    });
  });

  it('an unknown class: one sentence and 1', () => {
    const seen = dash(join(bin, 'tools.sh'), ['org.example.Main']);
    expect(seen).toMatchObject({ stdout: '', exitCode: 1 });
    expect(seen.stderr).toMatch(/^Could not find main class org\.example\.Main: .*\.\n$/);
  });

  it('the memory of a JVM is taken as the limit, the rest said to be ignored', () => {
    const memory = { JAVA_OPT_EXT: '-server -Xms1g -Xmx96m', NODE: join(dir, 'node') };
    writeFileSync(join(dir, 'node'), '#!/bin/sh\nprintf "%s\\n" "$@" "$ROCKETMQ_HOME"\n', { mode: 0o755 });
    expect(dash(mqbroker, ['-c', 'a b'], memory)).toEqual({
      stdout: `--max-old-space-size=96\n${join(bin, 'run.cjs')}\nmqbroker\n-c\na b\n${root.replace(/\/$/, '')}\n`,
      stderr: 'JAVA_OPT_EXT and JAVA_OPT: there is no JVM, ignored: -server -Xms1g\n',
      exitCode: 0,
    });
  });
});

describe('the lists of settings', () => {
  it('mqbroker -p has the 186 of 4.9.7, -m the 35 important ones, in the form of its logger', () => {
    const form = /^\d{4}-\d\d-\d\d \d\d\\:\d\d\\:\d\d INFO main - \w+=.*$/;
    const { stdout, exitCode } = dash(join(bin, 'mqbroker'), [
      '-p',
      '-c',
      join(root, 'conf/2m-2s-sync/broker-a.properties'),
    ]);
    const lines = stdout.trimEnd().split('\n');
    expect([exitCode, lines.length]).toEqual([0, 186]);
    expect(lines.filter((text) => !form.test(text))).toEqual([]);
    const items = lines.map((text) => text.replace(/^.* - /, ''));
    expect(items).toEqual(expect.arrayContaining(['brokerRole=SYNC_MASTER', 'fileReservedTime=48', 'namesrvAddr=']));
    const names = items.map((item) => item.replace(/=.*/, ''));
    expect(names.slice(names.indexOf('useTLS'), names.indexOf('useTLS') + 4)).toEqual([
      'useTLS',
      'writeBufferHighWaterMark',
      'writeBufferLowWaterMark',
      'storePathRootDir',
    ]);
    expect(dash(join(bin, 'mqbroker'), ['-m']).stdout.trimEnd().split('\n')).toHaveLength(35);
  });

  it('mqnamesrv -p has the 20 of 4.9.7', () => {
    const file = join(dir, 'namesrv.conf');
    writeFileSync(file, 'listenPort=12345\n');
    const lines = dash(join(bin, 'mqnamesrv'), ['-p', '-c', file]).stdout.trimEnd().split('\n');
    expect(lines.shift()).toBe(`load config properties file OK, ${file}`);
    expect(lines).toHaveLength(20);
    expect(lines[6]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} \[main\] INFO RocketmqNamesrvConsole - listenPort=12345$/);
  });
});
