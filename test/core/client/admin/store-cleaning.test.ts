import { afterEach, beforeEach, expect, it } from 'vitest';
import { Admin } from '../../../../src/core/client/admin/admin.ts';
import { type Cleaning, cleanStore } from '../../../../src/core/client/admin/store-cleaning.ts';
import { systemClock } from '../../../../src/core/common/clock.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { cleanExpiredConsumequeue } from '../../../../src/core/protocol/requests/clean-expired-consumequeue.ts';
import { cleanUnusedTopic } from '../../../../src/core/protocol/requests/clean-unused-topic.ts';
import { deleteExpiredCommitlog } from '../../../../src/core/protocol/requests/delete-expired-commitlog.ts';
import { deadAddr, ScriptedCluster } from '../scripted-cluster.ts';

let cluster: ScriptedCluster;
let admin: Admin;
const asked: string[] = [];
beforeEach(async () => {
  asked.length = 0;
  cluster = await ScriptedCluster.start();
  admin = new Admin({ namesrvAddrs: [cluster.namesrvAddr], timeoutMs: 1000, clock: systemClock, logger: silentLogger });
  for (const name of ['broker-a', 'broker-b']) {
    await cluster.startBroker(name, (table) => {
      for (const schema of [cleanExpiredConsumequeue, cleanUnusedTopic, deleteExpiredCommitlog]) {
        table.register(schema, () => {
          asked.push(`${schema.code} ${name}`);
          return { code: 0 };
        });
      }
    });
  }
});
afterEach(async () => {
  await admin.stop();
  await cluster.stop();
});

const addrs = (): string[] => cluster.brokers.map(({ addr }) => addr);

it.each<[Cleaning, number]>([
  ['cleanExpiredConsumequeue', 306],
  ['cleanUnusedTopic', 316],
  ['deleteExpiredCommitlog', 329],
])('%s asks with code %i: one broker, a cluster, every cluster', async (what, code) => {
  const [brokerAddr = ''] = addrs();
  expect(await cleanStore(admin, what, { brokerAddr })).toEqual([{ addr: brokerAddr, value: undefined }]);
  expect(asked).toEqual([`${code} broker-a`]);
  for (const target of [{ clusterName: 'C' }, {}]) {
    const results = await cleanStore(admin, what, target);
    expect(results.map(({ addr }) => addr).sort()).toEqual(addrs().sort());
  }
  expect(asked.sort()).toEqual([...Array(3).fill(`${code} broker-a`), ...Array(2).fill(`${code} broker-b`)]);
});

it('an unknown cluster, and a broker that is down', async () => {
  const unknown = cleanStore(admin, 'cleanUnusedTopic', { clusterName: 'None' });
  await expect(unknown).rejects.toMatchObject({ code: 'NOT_FOUND', detail: 'None' });
  const down = await deadAddr();
  cluster.addBroker('broker-c', down);
  const results = await cleanStore(admin, 'cleanUnusedTopic', {});
  expect(results.find(({ addr }) => addr === down)?.error).toMatchObject({ code: 'CONNECT' });
  expect(asked).toHaveLength(2);
});
