/**
 * The examples on the packed package, in folders of their own and without a registry: the package must need nothing else.
 * The Jest example needs one: test/interop/examples.interop.test.ts. Needs `npm run build`.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PushConsumer } from '../../src/core/client/consumer/push-consumer.ts';
import { startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { Stranger } from '../support/stranger.ts';

let stranger: Stranger;
let program: string;

beforeAll(async () => {
  stranger = await Stranger.pack();
  program = await stranger.install('node');
}, 60_000);

afterAll(() => stranger?.remove());

it('the package alone is installed: no dependencies, no sources, no tests', () => {
  expect(readdirSync(join(program, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['pocketmq']);
  const files = readdirSync(join(program, 'node_modules/pocketmq'));
  expect(files).toEqual(
    expect.arrayContaining(['bin', 'conf', 'dist', 'docs', 'LICENSE', 'README.md', 'package.json']),
  );
  for (const name of ['src', 'test', 'examples', 'node_modules']) expect(files).not.toContain(name);
});

describe('a program', () => {
  it.each([
    ['example.mjs', 'sent: SEND_OK at 0\npulled: FOUND hello\n'],
    ['example.cjs', 'consumed: hello (order-1 customer-7)\n'],
  ])('%s does its work, ends by itself and leaves nothing', async (file, stdout) => {
    const ran = await stranger.run(program, process.execPath, file);
    expect(ran).toEqual({ stdout, stderr: '', exitCode: 0 });
    expect(readdirSync(stranger.temporary)).toEqual([]);
  });

  it('that imports and requires the package has every class once', async () => {
    writeFileSync(
      join(program, 'both.mjs'),
      `import { createRequire } from 'node:module';
       import * as imported from 'pocketmq';
       const required = createRequire(import.meta.url)('pocketmq');
       console.log(Object.keys(imported).filter((name) => imported[name] === required[name]).join());
       try { new imported.Producer({ group: '' }); } catch (error) { console.log(error instanceof required.PocketError); }`,
    );
    const strategies = 'allocateByConfig,allocateByMachineRoom,allocateConsistentHash,allocateMachineRoomNearby';
    const classes = 'Admin,LitePullConsumer,PocketError,Producer,PullConsumer,PushConsumer,TransactionProducer';
    const sending = 'createReplyMessage,selectQueueByHash,selectQueueByMachineRoom,selectQueueByRandom,splitBatch';
    const names = `${classes},${strategies},${sending},startLocalCluster`;
    expect(await stranger.run(program, process.execPath, 'both.mjs')).toEqual({
      stdout: `${names}\ntrue\n`,
      stderr: '',
      exitCode: 0,
    });
  });

  it('that ends without stopping its cluster leaves no temporary directory', async () => {
    writeFileSync(
      join(program, 'hasty.mjs'),
      `import { startLocalCluster } from 'pocketmq';
       const [one] = await Promise.all([startLocalCluster(), startLocalCluster()]);
       await one.stop();
       process.exit(3);`,
    );
    expect(await stranger.run(program, process.execPath, 'hasty.mjs')).toEqual({ stdout: '', stderr: '', exitCode: 3 });
    expect(readdirSync(stranger.temporary)).toEqual([]);
  });

  it('has the commands, too', async () => {
    const list = await stranger.run(program, 'mqadmin');
    expect(list).toMatchObject({ stderr: '', exitCode: 0 });
    expect(list.stdout).toContain('updateTopic');
    const up = await stranger.run(program, 'pocketmq', 'up', '--port', '0', '--output', 'yaml');
    const down = await stranger.run(program, 'mqadmin', 'down');
    expect(up).toMatchObject({ stderr: '', exitCode: 0 });
    expect(up.stdout).toMatch(/^namesrvAddr: 127\.0\.0\.1:\d+$/m);
    expect(down).toMatchObject({ stderr: '', exitCode: 0 });
  });
});

describe('what queues are for', () => {
  it('a burst is taken at once and drained at the rate of the database, each order once', async () => {
    const project = await stranger.install('peak-shaving');
    const ran = await stranger.run(project, process.execPath, 'peak-shaving.js', '6000', '5000');
    expect(ran).toMatchObject({ stderr: '', exitCode: 0 });
    const [, takenIn, writtenIn] =
      /^6,000 orders taken in ([\d.]+) s, written in ([\d.]+) s; 0 written twice$/m.exec(ran.stdout) ?? [];
    // 6,000 rows at 5,000 a second, less the 50 ms that may be made up for.
    expect(Number(writtenIn)).toBeGreaterThan(1.1);
    expect(Number(takenIn)).toBeLessThan(Number(writtenIn));
    expect(readdirSync(stranger.temporary)).toEqual([]);
  });

  it('an order service does not wait for its followers, and each of them gets everything', async () => {
    const project = await stranger.install('order-service');
    const ran = await stranger.run(project, process.execPath, 'order-service.js', '40');
    expect(ran).toMatchObject({ stderr: '', exitCode: 0 });
    const [orders, statistics, stock, mail, ...rest] = ran.stdout
      .split('\n')
      .map((line) => line.slice(line.indexOf('s') + 3));
    expect(orders).toMatch(/^the order service has taken 40 orders and is done; [1-3]?\d mails are out$/);
    expect(statistics).toBe('the statistics, new, have caught up: {"Created":40,"Paid":40,"Shipped":40}');
    expect(stock).toBe('the stock has seen all 3 steps of every order, 0 out of sequence');
    expect([mail, ...rest]).toEqual(['the last mail is out; 0 were refused once and came again', '']);
  }, 60_000);

  it('log lines reach the topic, none lost when the collector is killed', async () => {
    const project = await stranger.install('log-collection');
    await using cluster = await startLocalCluster();
    const script = `export NAMESRV_ADDR=${cluster.namesrvAddr}
      trap 'kill -9 $collector; exit 1' TERM
      seq 1 50000 > a.log
      node log-collector.js a.log & collector=$!
      until [ -s log-collector.json ]; do sleep 0.02; done
      kill -9 $collector
      printf half >> a.log
      node log-collector.js a.log b.log & collector=$!
      until grep -q '"offset":288894[,}]' log-collector.json; do sleep 0.02; done
      printf ' a line\\n' >> a.log
      echo 'another file' > b.log
      until grep -q '"offset":288906' log-collector.json && grep -q '"offset":13' log-collector.json; do sleep 0.02; done
      kill $collector
      wait $collector`;
    const ran = await stranger.run(project, 'sh', '-c', script);
    expect(ran).toMatchObject({ stdout: expect.stringMatching(/^\d+ lines sent\n$/), exitCode: 0 });
    expect(ran.stderr).toContain("b.log: ENOENT: no such file or directory, open 'b.log'\n");
    const wanted = new Set([...Array.from({ length: 50_000 }, (_, i) => String(i + 1)), 'half a line', 'another file']);
    const found = await linesOf(cluster.namesrvAddr, 'app-logs', wanted.size);
    expect(found).toEqual(wanted);
  }, 60_000);
});

describe('a test', () => {
  it('of Vitest is the one the README shows', () => {
    const example = readFileSync(new URL('../../examples/vitest/orders.test.js', import.meta.url), 'utf8');
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`\n## In your tests\n`);
    expect(readme).toContain(`\n\`\`\`js\n${example}\`\`\`\n`);
  });

  it('of Vitest starts a cluster, sends and receives', async () => {
    const project = await stranger.install('vitest');
    stranger.link(project, 'vitest', '.bin/vitest');
    const ran = await stranger.run(project, 'npm', 'test');
    expect(ran).toMatchObject({ stderr: '', exitCode: 0 });
    expect(ran.stdout).toContain('Tests  1 passed (1)');
    expect(readdirSync(stranger.temporary).filter((name) => name.startsWith('pocketmq'))).toEqual([]);
  }, 60_000);
});

describe('a TypeScript project', () => {
  let project: string;

  beforeAll(async () => {
    project = await stranger.install('typescript');
    stranger.link(project, 'typescript', '@types/node', 'undici-types', '.bin/tsc');
  }, 60_000);

  // Once with the declarations themselves checked; that takes longest.
  it.each([
    ['tsconfig.json', 'false'],
    ['tsconfig.bundler.json', 'true'],
  ])(
    'with %s has types for all it uses',
    async (config, skipLibCheck) => {
      const ran = await stranger.run(project, 'tsc', '-p', config, '--skipLibCheck', skipLibCheck);
      expect(ran).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    },
    60_000,
  );

  it('is told of a mistake', async () => {
    const path = join(project, 'src/orders.ts');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace("topic: 'new-orders', body: JSON", 'topic: 5, body: JSON'));
    const { stdout, exitCode } = await stranger.run(project, 'tsc', '-p', 'tsconfig.json', '--skipLibCheck');
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(
      /^src\/orders\.ts\(\d+,\d+\): error TS2322: Type 'number' is not assignable to type 'string'/,
    );
  }, 60_000);
});

/** The bodies of a topic, once that many different ones have come: what a killed sender repeats comes twice. */
async function linesOf(namesrvAddr: string, topic: string, count: number): Promise<Set<string>> {
  const lines = new Set<string>();
  await new Promise<void>((resolve, reject) => {
    const consumer = new PushConsumer({
      group: 'line_reader',
      namesrvAddr,
      subscriptions: { [topic]: '*' },
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      consumeMessageBatchMaxSize: 32,
      listener: (messages) => {
        for (const { body } of messages) lines.add(body.toString());
        if (lines.size >= count) consumer.stop().then(resolve, reject);
      },
    });
    consumer.start().catch(reject);
  });
  return lines;
}
