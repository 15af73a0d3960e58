const { Admin, PocketError, Producer, PushConsumer, startLocalCluster } = require('pocketmq');

let cluster;

beforeAll(async () => {
  cluster = await startLocalCluster({ brokers: 2 });
});

afterAll(() => cluster?.stop());

test('an order reaches the invoices', async () => {
  const { namesrvAddr } = cluster;
  const producer = new Producer({ group: 'orders', namesrvAddr });
  await producer.start();
  await producer.send({ topic: 'new-orders', body: 'order 1' });
  let consumer;
  const received = await new Promise((resolve, reject) => {
    consumer = new PushConsumer({
      group: 'invoices',
      namesrvAddr,
      subscriptions: { 'new-orders': '*' },
      listener: ([message]) => resolve(message.body.toString()),
    });
    consumer.start().catch(reject);
  });
  expect(received).toBe('order 1');
  await consumer.stop();
  await producer.stop();
});

test('a topic that does not exist has no route', async () => {
  const admin = new Admin({ namesrvAddr: cluster.namesrvAddr });
  const failure = await admin.topicRoute('nowhere').catch((error) => error);
  expect(failure).toBeInstanceOf(PocketError);
  expect(failure.code).toBe('NOT_FOUND');
  await admin.stop();
});
