import { afterEach, beforeEach, expect, it } from 'vitest';
import { MQAdminExt } from '../../../../src/core/client/admin/mq-admin-ext.ts';
import { encodeClusterInfo } from '../../../../src/core/protocol/bodies/cluster-info.ts';
import { deleteTopicInBroker } from '../../../../src/core/protocol/requests/delete-topic-in-broker.ts';
import { getBrokerClusterInfo } from '../../../../src/core/protocol/requests/get-broker-cluster-info.ts';
import { updateAndCreateTopic } from '../../../../src/core/protocol/requests/update-and-create-topic.ts';
import { ScriptedCluster, until } from '../scripted-cluster.ts';

let cluster: ScriptedCluster;
let admin: MQAdminExt;

beforeEach(async () => {
  cluster = await ScriptedCluster.start();
  admin = new MQAdminExt({ namesrvAddr: cluster.namesrvAddr, timeoutMs: 1000 });
});
afterEach(async () => {
  await admin.stop();
  await cluster.stop();
});

/** A broker that answers changes of topics with that code. */
const answering = (name: string, code: number) =>
  cluster.startBroker(name, (table) => {
    table.register(updateAndCreateTopic, () => ({ code, remark: 'scripted' }));
    table.register(deleteTopicInBroker, () => ({ code, remark: 'scripted' }));
  });

it('rejects with PARTLY when one of two brokers refuses, naming it', async () => {
  await answering('a', 0);
  const { addr } = await answering('b', 1);
  const refused = {
    code: 'PARTLY',
    detail: addr,
    message: expect.stringContaining(`1 of 2 servers did not do it: ${addr}`),
  };
  await expect(admin.createTopic('T')).rejects.toMatchObject(refused);
  await expect(admin.deleteTopic('T')).rejects.toMatchObject(refused);
});

it('rejects with the refusal when every broker refuses', async () => {
  await answering('a', 1);
  await answering('b', 1);
  await expect(admin.createTopic('T')).rejects.toMatchObject({ code: 'RESPONSE', responseCode: 1, detail: 'scripted' });
  await expect(admin.deleteTopic('T')).rejects.toMatchObject({ code: 'RESPONSE', responseCode: 1 });
});

it('passes on what brokers and name servers refuse', async () => {
  await answering('a', 0);
  // The scripted name server does not delete topics.
  await expect(admin.deleteTopic('T')).rejects.toMatchObject({ code: 'RESPONSE', responseCode: 3 });
  const { addr } = await answering('b', 1);
  cluster.addTopic('T', 1);
  await expect(admin.updateTopicPerm('T', 4)).rejects.toMatchObject({ code: 'PARTLY', detail: addr });
});

it('has made a topic only when the name servers hand out its route', async () => {
  await answering('a', 0);
  let made = false;
  const making = admin.createTopic('T', 2).then(() => {
    made = true;
  });
  await until('the first look', () => cluster.seen.includes('105 T'));
  expect(made).toBe(false);
  cluster.addTopic('T', 2);
  await making;
});

it('wants to be told which of several clusters is meant, and says when there is none', async () => {
  const clusterAddrTable: Record<string, string[]> = {};
  const namesrvAddr = await cluster.startNamesrv((table) => {
    table.register(getBrokerClusterInfo, () => ({
      code: 0,
      body: encodeClusterInfo({ brokerAddrTable: {}, clusterAddrTable }),
    }));
  });
  const other = new MQAdminExt({ namesrvAddr });
  await expect(other.deleteTopic('T')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'no broker is registered with the name server',
  });
  clusterAddrTable.East = ['a'];
  clusterAddrTable.West = ['b'];
  await expect(other.deleteTopic('T')).rejects.toMatchObject({
    code: 'ILLEGAL_ARGUMENT',
    message: 'there are several clusters, East, West: name one, or a broker',
  });
  await other.stop();
});
