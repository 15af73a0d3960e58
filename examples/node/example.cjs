// The same package with require(), and a consumer that is given its messages.
const { Producer, PushConsumer, startLocalCluster } = require('pocketmq');

async function main() {
  const cluster = await startLocalCluster();
  const { namesrvAddr } = cluster;
  const producer = new Producer({ group: 'example_producer', namesrvAddr });
  await producer.start();
  await producer.send({ topic: 'orders', body: 'hello', keys: ['order-1', 'customer-7'] });

  const consumer = await new Promise((resolve, reject) => {
    const made = new PushConsumer({
      group: 'example_consumer',
      namesrvAddr,
      subscriptions: { orders: '*' },
      listener: ([message]) => {
        console.log(`consumed: ${message.body} (${message.properties.KEYS})`);
        resolve(made);
      },
    });
    made.start().catch(reject);
  });

  await consumer.stop();
  await producer.stop();
  await cluster.stop();
}

main();
