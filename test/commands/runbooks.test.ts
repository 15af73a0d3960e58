/**
 * The runbooks on offsets and backlogs on a cluster in this process. retry.interop.test.ts has them with Java's clients on both
 * brokers, and the one on dead letters.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { PushConsumer } from '../../src/core/client/consumer/push-consumer.ts';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { until } from '../core/client/scripted-cluster.ts';
import { workThroughOffsets } from '../support/offset-runbook.ts';
import { runCommand } from './run-command.ts';

const dir = mkdtempSync(join(tmpdir(), 'pocketmq-runbooks-'));
let cluster: LocalCluster;
const running = new Set<PushConsumer>();

beforeAll(async () => {
  cluster = await startLocalCluster({ dataDir: join(dir, 'data'), brokerSettings: { brokerName: 'broker-a' } });
});
afterAll(async () => {
  for (const consumer of running) await consumer.stop();
  await cluster?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function consumer(group: string, topic: string, got: () => void | Promise<void>): Promise<PushConsumer> {
  const one = new PushConsumer({
    group,
    namesrvAddrs: [cluster.namesrvAddr],
    subscriptions: { [topic]: '*' },
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    listener: got,
  });
  running.add(one);
  await one.start();
  return one;
}

async function leave(one: PushConsumer): Promise<void> {
  await one.stop();
  running.delete(one);
}

it('reset, skip, clone, inspect, delete', async () => {
  const { namesrvAddr, brokerAddr, clusterName } = cluster;
  await workThroughOffsets({
    ...{ namesrvAddr, brokerAddr, clusterName, undoFile: join(dir, 'undo.json') },
    run: (...args) => runCommand([...args, '-n', namesrvAddr]),
    async consume(group, topic, count) {
      let got = 0;
      const one = await consumer(group, topic, () => void got++);
      await until('all messages', () => got === count);
      await leave(one);
    },
    async join(group, topic) {
      // What it gets it does not get done, so that its offsets can be looked at.
      let finish = (): void => {};
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const one = await consumer(group, topic, () => finished);
      return {
        clientId: one.clientId,
        leave() {
          finish();
          return leave(one);
        },
      };
    },
  });
});
