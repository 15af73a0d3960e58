import {
  type LocalCluster,
  type MessageExt,
  type MessageQueue,
  PocketError,
  Producer,
  PullConsumer,
  PushConsumer,
  type SendResult,
  startLocalCluster,
} from 'pocketmq';

/** Sends an order, typed from end to end. */
export async function sendOrder(cluster: LocalCluster, order: { id: number }): Promise<SendResult> {
  await using producer = new Producer({ group: 'orders', namesrvAddr: cluster.namesrvAddr });
  await producer.start();
  return producer.send({ topic: 'new-orders', body: JSON.stringify(order), keys: `order-${order.id}` });
}

export async function readOrders(cluster: LocalCluster): Promise<unknown[]> {
  await using consumer = new PullConsumer({ group: 'invoices', namesrvAddrs: [cluster.namesrvAddr] });
  await consumer.start();
  const queues: MessageQueue[] = await consumer.fetchSubscribeMessageQueues('new-orders');
  const pulled = await Promise.all(queues.map((queue) => consumer.pull(queue, '*', 0, 32)));
  return pulled.flatMap(({ messages }) => messages.map((message) => JSON.parse(message.body.toString())));
}

export function follow(cluster: LocalCluster, handle: (message: MessageExt) => Promise<void>): PushConsumer {
  return new PushConsumer({
    group: 'invoices',
    namesrvAddr: cluster.namesrvAddr,
    subscriptions: { 'new-orders': '*' },
    listener: async ([message]) => {
      if (message === undefined) return;
      await handle(message);
    },
  });
}

/** What went wrong, in words of our own. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof PocketError)) return String(error);
  switch (error.code) {
    case 'CONNECT':
    case 'TIMEOUT':
      return `try again later: ${error.message}`;
    case 'RESPONSE':
      return `refused with code ${error.responseCode}`;
    default:
      return error.message;
  }
}

await using cluster = await startLocalCluster({ brokers: 2, brokerSettings: { autoCreateTopicEnable: true } });
console.log(await sendOrder(cluster, { id: 1 }), await readOrders(cluster));
