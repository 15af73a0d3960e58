/**
 * The commands that look into the store, four ways: the real mqadmin and ours, on a real broker and on ours. Both brokers were
 * given the same messages by the same Java program, on the same ports, and have the same consumer groups: all four print the
 * same bytes but for the times and the port of the sender.
 */
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterPorts, freeClusterPorts, JavaCluster, mqadmin, startProgram } from './support/java-cluster.ts';
import { OurCluster, pocketmq } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import type { Finished, Spawned } from './support/process.ts';
import { QUERY_CASES, QUERY_TOPIC, type QueryCase, type QueryData, storeFixed } from './support/query-cases.ts';

const BODIES = '/tmp/rocketmq/msgbodys';
/** So that Java reads and prints Chinese. */
const UTF8 = { LC_ALL: 'C.UTF-8' };
/** See mqadmin-parity.interop.test.ts. */
const NO_CHECK = { transactionCheckInterval: '3600000' };

/** Place of the message with the compressed body, and how many have TagA. */
const COMPRESSED = 7;
const WITH_TAG_A = 21;

const SILENT = /^$/;

type Tool = (args: readonly string[]) => Promise<Finished>;

describe('the commands that look into the store', () => {
  let peer: Peer;
  let ports: ClusterPorts;
  let cluster: JavaCluster | OurCluster | undefined;
  let groups: Spawned | undefined;
  const outputs = new Map<string, ReadonlyMap<string, Finished>>();
  const stored: QueryData['messages'][] = [];
  /** What the tools wrote of the compressed body. */
  const bodies = new Map<string, string>();
  /** The tool and where it ran -> what it printed. */
  const consumed = new Map<string, Finished>();
  const resent = new Map<string, Finished>();

  /** Both tools over all cases on the running cluster. */
  async function record(on: string, running: JavaCluster | OurCluster): Promise<void> {
    const data = await storeFixed(running, peer);
    stored.push(data.messages);
    const { namesrvAddr } = data;
    groups = await startProgram(peer, 'QueryGroups', [namesrvAddr, QUERY_TOPIC, data.messages.length, WITH_TAG_A]);
    const [, clientId = ''] = await groups.waitForOutput(/^READY (\S+)$/m, 120_000);
    const tools: [string, Tool][] = [
      ['real', (args) => mqadmin(peer, args, UTF8)],
      ['our', (args) => pocketmq(args)],
    ];
    for (const [tool, run] of tools) {
      const results = new Map<string, Finished>();
      const runCase = async ({ name, args, fails }: QueryCase): Promise<void> => {
        const line = [...args(data), '-n', namesrvAddr];
        const result = await run(line);
        // On a busy machine the real one's own time-outs strike.
        const again = tool === 'real' && !(fails?.real ?? SILENT).test(result.stderr);
        results.set(name, again ? await run(line) : result);
      };
      for (const one of QUERY_CASES) if (one.shows) await runCase(one);
      await atOnce(
        QUERY_CASES.filter(({ shows }) => !shows),
        runCase,
      );
      outputs.set(`${tool} mqadmin on ${on}`, results);
      bodies.set(`${tool} mqadmin on ${on}`, takeBody(data.messages[COMPRESSED]?.msgId ?? ''));
    }
    // What changes something comes last.
    for (const [tool, run] of tools) {
      const ids = ['-i', data.messages[0]?.offsetMsgId ?? '', '-n', namesrvAddr];
      consumed.set(`${tool} ${on}`, await run(['queryMsgById', ...ids, '-g', 'GID_all', '-d', clientId]));
      resent.set(`${tool} ${on}`, await run(['queryMsgById', ...ids, '-s', 'true']));
    }
    for (const { msgId } of data.messages) rmSync(`${BODIES}/${msgId}`, { force: true });
    groups.closeStdin();
    await groups.wait(30_000);
    await running.stop();
  }

  beforeAll(async () => {
    peer = await ensurePeer('4.9.7');
    ports = await freeClusterPorts();
    cluster = await JavaCluster.start({ ports, broker: NO_CHECK });
    await record('the real cluster', cluster);
    cluster = await OurCluster.start({ ports, broker: NO_CHECK });
    await record('our cluster', cluster);
    // A hundred runs of the real mqadmin at three to five seconds each, and more on a busy machine.
  }, 1_800_000);

  afterAll(async () => {
    await groups?.stop('SIGKILL');
    await cluster?.stop();
  });

  it('both brokers stored the messages at the same places', () => {
    expect(stored[1]).toEqual(stored[0]);
  });

  const others = ['real mqadmin on our cluster', 'our mqadmin on the real cluster', 'our mqadmin on our cluster'];
  describe.each(others)('%s', (who) => {
    it.each(QUERY_CASES)('$name', ({ name, compare = String, fails }) => {
      const expected = outputs.get('real mqadmin on the real cluster')?.get(name);
      const actual = outputs.get(who)?.get(name);
      expect(expected).toMatchObject({ code: 0, stderr: expect.stringMatching(fails?.real ?? SILENT) });
      const isReal = who.startsWith('real');
      expect(actual?.code, actual?.stderr).toBe(isReal ? 0 : (fails?.code ?? 0));
      if (isReal) expect(actual?.stderr).toMatch(fails?.real ?? SILENT);
      else if (fails === undefined) expect(actual?.stderr).toBe('');
      else expectOneSentence(actual?.stderr ?? '');
      expect(compare(actual?.stdout ?? '')).toBe(compare(expected?.stdout ?? ''));
    });

    it('writes the body, decompressed', () => {
      expect(bodies.get('real mqadmin on the real cluster')).toMatch(/^(abcdefg){2857}a$/);
      expect(bodies.get(who)).toBe(bodies.get('real mqadmin on the real cluster'));
    });
  });

  it('a message is given to a consumer of either cluster, with the same answer', () => {
    const answer = (who: string): string | undefined =>
      consumed.get(who)?.stdout.replace(/(?<=, spentTimeMills=)\d+(?=]$)/, '<ms>');
    const due =
      'ConsumeMessageDirectlyResult [order=false, autoCommit=true, consumeResult=CR_SUCCESS, remark=null, spentTimeMills=<ms>]';
    const tools = ['real the real cluster', 'our the real cluster', 'real our cluster', 'our our cluster'];
    expect(tools.map(answer)).toEqual(tools.map(() => due));
  });

  it.each(['the real cluster', 'our cluster'])('a message is sent again on %s, with the same line', (on) => {
    const line = (who: string): string | undefined =>
      resent
        .get(`${who} ${on}`)
        ?.stdout.replace(/(?<=, offsetMsgId=)[0-9A-F]{32}(?=, )/, '<id>')
        .replace(/(?<=, queueId=)[0-3](?=], queueOffset=)/, '<queue>')
        .replace(/(?<=, queueOffset=)\d+(?=]$)/, '<offset>');
    expect(line('real')).toMatch(
      /^prepare resend msg\. originalMsgId=\w{32}SendResult \[sendStatus=SEND_OK, .*<offset>]$/,
    );
    expect(line('our')).toBe(line('real'));
    expect(resent.get(`our ${on}`)).toMatchObject({ code: 0, stderr: '' });
  });
});

/** Three at a time: the real mqadmin spends most of its seconds waiting. */
async function atOnce<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await task(item);
  };
  await Promise.all([worker(), worker(), worker()]);
}

/** The body file of a message, removed so that the next tool writes it anew. */
function takeBody(msgId: string): string {
  const path = `${BODIES}/${msgId}`;
  const body = readFileSync(path, 'utf8');
  rmSync(path);
  return body;
}

/** One readable line; beside it only the line that scrapers of mqadmin's logs look for may stand. */
function expectOneSentence(stderr: string): void {
  const lines = stderr.trim().split('\n');
  expect(lines.filter((line) => !/^SubCommandException: \w+ command failed$/.test(line))).toHaveLength(1);
}
