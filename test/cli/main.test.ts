import { describe, expect, it } from 'vitest';
import { commandClasses } from '../commands/command-classes.ts';
import { runCommand } from '../commands/run-command.ts';
import { helpTexts, recorded } from './fixtures/recorded.ts';

/** The words of a recorded line behind `mqadmin`. */
const wordsOf = (line: string): string[] =>
  line
    .replace(/^.*?mqadmin ?/, '')
    .split(' ')
    .filter((word) => word !== '');

describe('the tool as a whole', () => {
  it("lists the commands there are in mqadmin's order and words", async () => {
    const { stdout, stderr, exitCode } = await runCommand([]);
    const [original = '', own = ''] = stdout.split('\nThe local cluster:\n');
    const known = recorded('_global', 1).stdout.split('\n');
    const lines = original.trimEnd().split('\n');
    const ours = Object.values(commandClasses).filter(({ listPosition }) => listPosition !== undefined);
    expect(lines).toHaveLength(1 + ours.length);
    expect(lines).toEqual(known.filter((line) => lines.includes(line)));
    expect(own.split('\n').map((line) => line.split(' ')[3])).toEqual(
      expect.arrayContaining(['broker', 'namesrv', 'quickstart', 'shutdown']),
    );
    expect(own).toMatch(/\n\nSee 'mqadmin help <command>' for more information on a specific command.\n$/);
    expect([stderr, exitCode]).toEqual(['', 0]);
  });

  it.each([2, 6])('prints help as recorded in case %i', async (number) => {
    const { line, stdout } = recorded('_global', number);
    const seen = await runCommand(wordsOf(line));
    expect(seen).toMatchObject({ stdout, exitCode: 0 });
    expect(seen.stderr).toMatch(/^\nPocketMQ also takes:\n/);
  });

  it.each([3, 4, 5, 11])('says on stdout that a command does not exist, case %i', async (number) => {
    const { line, stdout } = recorded('_global', number);
    expect(await runCommand(wordsOf(line))).toMatchObject({ stdout, exitCode: 2 });
  });

  it('guesses what was meant', async () => {
    expect((await runCommand(['topicLsit'])).stderr).toBe("Did you mean 'topicList'?\n");
    expect((await runCommand(['nosuch'])).stderr).toBe("'mqadmin' alone lists the commands there are.\n");
  });

  it.each([
    [8, '-t (--topic) is required.\n'],
    [9, 'There is no option -Z.\n'],
    [10, 'Only one of -b (--brokerAddr) and -c (--clusterName) may be given.\n'],
    [12, 'Option -t needs a value.\n'],
  ])("answers the usage error of case %i with mqadmin's text, and names the fault", async (number, stderr) => {
    const { line, stdout } = recorded('_global', number);
    expect(await runCommand(wordsOf(line))).toEqual({ stdout, stderr, exitCode: 2 });
  });

  it('prints help for -h also where required options are missing', async () => {
    expect(await runCommand(['topicRoute', '-h'])).toMatchObject({ stdout: helpTexts.topicRoute, exitCode: 0 });
  });

  it('says its version', async () => {
    expect((await runCommand(['--version'])).stdout).toBe(`pocketmq 0.0.0-test node ${process.version}\n`);
  });

  it('prints the options of a command of ours as one list', async () => {
    const { stdout, stderr } = await runCommand(['help', 'shutdown']);
    expect(stdout).toMatch(/^usage: mqadmin shutdown broker \| namesrv \| all \[/);
    expect(stdout).toContain(' -o,--output <arg> ');
    expect(stdout).not.toContain('--namesrvAddr');
    expect(stderr).toBe('');
  });

  it('wants to know what to shut down', async () => {
    const seen = await runCommand(['shutdown']);
    expect(seen.stdout).toMatch(/^usage: mqadmin shutdown /);
    expect(seen).toMatchObject({ stderr: 'Say what to stop: broker, namesrv or all.\n', exitCode: 2 });
  });
});

describe('rules that mqadmin tells on stdout', () => {
  it.each([
    ['consumeMessage', 7],
    ['consumeMessage', 8],
    ['consumeMessage', 9],
    ['consumeMessage', 10],
    ['consumeMessage', 11],
    ['sendMessage', 4],
  ])('%s case %i, without a line end in a pipe', async (command, number) => {
    const { line, stdout } = recorded(command, number);
    const words = wordsOf(line);
    expect(await runCommand(words)).toEqual({ stdout, stderr: '', exitCode: 2 });
    expect(await runCommand(words, { terminal: true })).toMatchObject({ stdout: `${stdout}\n` });
  });
});

describe('values that cannot be used', () => {
  it.each([
    [['clusterList', '-n', '127.0.0.1:29876', '-i', 'x'], '-i must be a whole number, not "x".\n'],
    [['clusterList', '-n', '127.0.0.1:29876', '-i', '0'], '-i is a number of seconds from 1 to 864000, not 0.\n'],
    [['updateTopic', '-b', '127.0.0.1:30911', '-t', 'OpsTopic', '-r', 'x'], '-r must be a whole number, not "x".\n'],
    [
      ['topicList', '-n', 'localhost'],
      'The name server address "localhost" is illegal; it reads host:port, several are joined by ;.\n',
    ],
    [['namesrv', '--port', '70000'], '--port is a number from 0 (any free port) to 65535, not 70000.\n'],
    [
      ['consumeMessage', '-t', 'T', '-s', 'yesterday'],
      '-s is a time in milliseconds or as yyyy-MM-dd#HH:mm:ss:SSS, not "yesterday".\n',
    ],
  ])('%j', async (argv, stderr) => {
    expect(await runCommand(argv)).toEqual({ stdout: '', stderr, exitCode: 2 });
  });
});

describe('no name server', () => {
  const dataDir = ['--data-dir', '/nonexistent/pocketmq'];

  it('known: one sentence that says how to start one', async () => {
    const seen = await runCommand(['topicList', ...dataDir], { terminal: true });
    expect(seen).toEqual({
      stdout: '',
      stderr:
        "no name server is known: give -n host:port, set NAMESRV_ADDR, or start a local cluster with 'mqadmin up'.\n",
      exitCode: 3,
    });
  });

  it("answering: exit code 3, the original's text, and its class name for log scrapers", async () => {
    const env = { NAMESRV_ADDR: '127.0.0.1:1;127.0.0.1:2' };
    const seen = await runCommand(['clusterList'], { env });
    expect(seen.exitCode).toBe(3);
    expect(seen.stderr).toMatch(/^connect to \[127\.0\.0\.1:\d(, 127\.0\.0\.1:\d)\] failed: /);
    expect(seen.stderr).toMatch(/\nSubCommandException: ClusterListSubCommand command failed\n$/);
    expect((await runCommand(['clusterList', '--debug'], { env })).stderr).toContain('\nCaused by: ');
  });
});
