/** mqadmin transaction list, and sendMessage in a transaction, against a namesrv and a broker in this process. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { runCommand, type Seen } from './run-command.ts';

let cluster: LocalCluster;
beforeAll(async () => {
  cluster = await startLocalCluster();
});
afterAll(() => cluster?.stop());

const run = (...argv: string[]): Promise<Seen> => runCommand([...argv, '-n', cluster.namesrvAddr]);
const send = (key: string, transaction: string): Promise<Seen> =>
  run('sendMessage', '-t', 'Tx', '-p', key, '-k', key, '--transaction', transaction, '--producer-group', 'GID_shop');
const consumed = async (): Promise<string> => (await run('consumeMessage', '-t', 'Tx')).stdout;

describe('sendMessage --transaction', () => {
  it('commits, rolls back, or leaves the transaction open', async () => {
    expect(await send('committed', 'commit')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await send('rolled-back', 'rollback')).toMatchObject({ exitCode: 0 });
    const open = await send('open', 'unknown');
    expect(open.stdout).toMatch(/^#Broker Name .*\nbroker-a +\d +SEND_OK {17}[0-9A-F]{32}\n$/);
    const text = await consumed();
    expect([text.includes('KEYS=committed'), text.includes('rolled-back'), text.includes('open')]).toEqual([
      ...[true, false, false],
    ]);
  });

  it('knows no other end', async () => {
    expect(await send('k', 'maybe')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--transaction is one of commit, rollback, unknown, not "maybe".'),
    });
  });
});

describe('transaction list', () => {
  it('shows what nobody has ended, within 80 columns', async () => {
    const { stdout, exitCode } = await run('transaction', 'list', '--older-than', '0s');
    expect(exitCode).toBe(0);
    const [title, heading, row, ...more] = stdout.split('\n');
    expect(title).toBe(`${cluster.brokerAddr}: 1 half message hangs`);
    expect(heading).toMatch(/^#Age +#Checks +#Producer group +#Topic +#Message id$/);
    expect(row).toMatch(/^\d+s +0 +GID_shop +Tx +[0-9A-F]{32}$/);
    expect([more, Math.max(...stdout.split('\n').map(({ length }) => length)) <= 80]).toEqual([[''], true]);
  });

  it('leaves out younger ones and those of other groups', async () => {
    const none = `${cluster.brokerAddr}: no half message hangs\n`;
    expect((await run('transaction', 'list', '--older-than', '1d')).stdout).toBe(none);
    expect((await run('transaction', 'list', '--older-than', '0s', '-g', 'GID_other')).stdout).toBe(none);
    const limited = await run('transaction', 'list', '--older-than', '0s', '--limit', '1', '-b', cluster.brokerAddr);
    expect(limited.stdout).toContain('1 half message hangs');
  });

  it('gives the same as data', async () => {
    const { stdout } = await run('transaction', 'list', '--older-than', '0s', '--output', 'json');
    expect(JSON.parse(stdout)).toMatchObject([
      {
        addr: cluster.brokerAddr,
        halfMessages: [{ producerGroup: 'GID_shop', topic: 'Tx', checkTimes: 0, age: expect.any(Number) }],
      },
    ]);
  });

  it.each([
    [['--older-than', 'soon'], 2, /--older-than is a time as 30s, 5m, 2h or 1d, not "soon"\./],
    [['--limit', '0'], 2, /--limit must be at least 1, not 0\./],
    [['-c', 'NoCluster'], 4, /the cluster NoCluster does not exist/],
    [['-b', '127.0.0.1:1'], 3, /127\.0\.0\.1:1/],
  ])('says what is wrong with %j', async (argv, exitCode, text) => {
    const seen = await run('transaction', 'list', ...argv);
    expect(seen.exitCode).toBe(exitCode);
    expect(seen.stderr).toMatch(text);
  });
});
