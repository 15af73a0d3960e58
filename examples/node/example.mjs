// A cluster of this process alone: one message in, one message out, nothing left behind.
import { Admin, Producer, PullConsumer, startLocalCluster } from 'pocketmq';

const cluster = await startLocalCluster();
const { namesrvAddr } = cluster;
const admin = new Admin({ namesrvAddr });
const producer = new Producer({ group: 'example_producer', namesrvAddr });
const consumer = new PullConsumer({ group: 'example_consumer', namesrvAddr });
await producer.start();
await consumer.start();

await admin.createTopic('orders', 1);
const { sendStatus, queueOffset } = await producer.send({ topic: 'orders', body: 'hello', tags: 'greeting' });
console.log(`sent: ${sendStatus} at ${queueOffset}`);

const [queue] = await consumer.fetchSubscribeMessageQueues('orders');
const { status, messages } = await consumer.pull(queue, 'greeting', 0, 32);
console.log(`pulled: ${status} ${messages.map((message) => message.body.toString())}`);

await consumer.stop();
await producer.stop();
await admin.stop();
await cluster.stop();
