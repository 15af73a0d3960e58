import { Producer, PushConsumer, startLocalCluster } from 'pocketmq';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

let cluster;
beforeAll(async () => {
  cluster = await startLocalCluster();
});
afterAll(() => cluster?.stop());

it('an order reaches the invoices', async () => {
  const { namesrvAddr } = cluster;
  const received = [];
  const producer = new Producer({ group: 'orders', namesrvAddr });
  const consumer = new PushConsumer({
    group: 'invoices',
    namesrvAddr,
    subscriptions: { 'new-orders': '*' },
    listener: (messages) => {
      received.push(...messages.map(({ body }) => body.toString()));
    },
  });
  await producer.start();
  await producer.send({ topic: 'new-orders', body: 'order 1' });
  await consumer.start();
  await vi.waitFor(() => expect(received).toEqual(['order 1']), 5000);
  await consumer.stop();
  await producer.stop();
});
