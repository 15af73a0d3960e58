// An order service that does not wait for anybody: it says what happened, and each follower hears it at its own pace.
// node order-service.js [ORDERS]; with NAMESRV_ADDR set on that cluster, else on one of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Producer, PushConsumer, startLocalCluster } from 'pocketmq';

const STEPS = ['Created', 'Paid', 'Shipped'];
const orders = Number(process.argv[2] ?? 200);
if (!(Number.isInteger(orders) && orders > 0)) {
  console.error('usage: node order-service.js [ORDERS], a whole number above 0');
  process.exit(2);
}

const cluster = process.env.NAMESRV_ADDR ? undefined : await startLocalCluster();
const namesrvAddr = process.env.NAMESRV_ADDR ?? cluster.namesrvAddr;
const run = Date.now();
const topic = `order-events-${run}`;
const admin = new Admin({ namesrvAddr });
await admin.createTopic(topic, 4);
const queues = (await admin.topicRoute(topic)).queueDatas.flatMap(({ brokerName, writeQueueNums }) =>
  Array.from({ length: writeQueueNums }, (_, queueId) => ({ topic, brokerName, queueId })),
);

const begun = performance.now();
const say = (text) => console.log(`${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s  ${text}`);

// A group of its own for each follower: each gets every event it subscribes to, whatever the others do.
function follow(name, tags, listener, more = {}) {
  const group = `${name}-${run}`;
  const consumeFromWhere = 'CONSUME_FROM_FIRST_OFFSET';
  return new PushConsumer({
    group,
    namesrvAddr,
    subscriptions: { [topic]: tags },
    consumeFromWhere,
    listener,
    ...more,
  });
}

// The stock keeps the steps of each order in their sequence: an order's events are all in one queue, a queue is consumed in order.
const stockSteps = new Map();
let outOfSequence = 0;
const stock = follow(
  'stock',
  '*',
  ([{ body }]) => {
    const { order, step } = JSON.parse(body.toString());
    const seen = stockSteps.get(order) ?? 0;
    if (STEPS[seen] !== step) outOfSequence++;
    stockSteps.set(order, seen + 1);
  },
  { ordered: true },
);

// The mail server takes 20 ms for a mail, one at a time, and refuses every 50th once: that one comes again later.
const mailed = new Set();
let refused = 0;
const mail = follow(
  'mail',
  'Shipped',
  async ([{ body, reconsumeTimes }]) => {
    await sleep(20);
    const { order } = JSON.parse(body.toString());
    if (order % 50 === 49 && reconsumeTimes === 0) {
      refused++;
      return 'RECONSUME_LATER';
    }
    mailed.add(order);
  },
  { consumeThreadMax: 1 },
);

// The statistics did not exist when the orders came in; they read everything from the beginning.
const counted = { Created: 0, Paid: 0, Shipped: 0 };
const statistics = follow('statistics', '*', ([{ properties }]) => {
  counted[properties.TAGS]++;
});

const orderService = new Producer({ group: 'order_service', namesrvAddr });
await Promise.all([orderService.start(), stock.start(), mail.start()]);

for (const step of STEPS) {
  for (let order = 0; order < orders; order++) {
    const event = { topic, tags: step, keys: `order-${order}`, body: JSON.stringify({ order, step }) };
    await orderService.send(event, { queue: queues[order % queues.length] });
  }
}
say(`the order service has taken ${orders} orders and is done; ${mailed.size} mails are out`);
await orderService.stop();

await statistics.start();
const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
while (total(counted) < STEPS.length * orders) await sleep(10);
say(`the statistics, new, have caught up: ${JSON.stringify(counted)}`);
while ([...stockSteps.values()].filter((seen) => seen === STEPS.length).length < orders) await sleep(10);
say(`the stock has seen all ${STEPS.length} steps of every order, ${outOfSequence} out of sequence`);
while (mailed.size < orders) await sleep(10);
say(`the last mail is out; ${refused} were refused once and came again`);

await Promise.all([stock.stop(), mail.stop(), statistics.stop()]);
await admin.stop();
await cluster?.stop();
