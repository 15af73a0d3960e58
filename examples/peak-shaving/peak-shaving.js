// A burst of orders goes in as fast as it comes; a consumer takes them out at the rate that its database bears.
// node peak-shaving.js [ORDERS] [ROWS_PER_SECOND]; with NAMESRV_ADDR set on that cluster, else on one of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { Producer, PushConsumer, startLocalCluster } from 'pocketmq';

const BATCH = 100;
const LANES = 16;
const orders = Number(process.argv[2] ?? 1_000_000);
const rowsPerSecond = Number(process.argv[3] ?? 50_000);
if (!(Number.isInteger(orders) && orders > 0 && rowsPerSecond > 0)) {
  console.error('usage: node peak-shaving.js [ORDERS] [ROWS_PER_SECOND], whole numbers above 0');
  process.exit(2);
}

const cluster = process.env.NAMESRV_ADDR ? undefined : await startLocalCluster();
const namesrvAddr = process.env.NAMESRV_ADDR ?? cluster.namesrvAddr;
const topic = `flash-sale-${Date.now()}`;
const written = new Uint8Array(orders);
let taken = 0;
let rows = 0;
let twice = 0;

// The database: a write takes as long as its rows need; 50 ms may be made up for.
let freeAt = 0;
async function database(numbers) {
  const now = performance.now();
  freeAt = Math.max(freeAt, now - 50) + (numbers.length * 1000) / rowsPerSecond;
  if (freeAt > now) await sleep(freeAt - now);
  for (const number of numbers) if (++written[number] > 1) twice++;
  rows += numbers.length;
}

const producer = new Producer({ group: 'shop', namesrvAddr });
await producer.start();
const consumer = new PushConsumer({
  group: 'order_writer',
  namesrvAddr,
  subscriptions: { [topic]: '*' },
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  // One write at a time, of up to 500 rows. What waits stays in the broker: 1,000 messages of a queue are held here at most.
  consumeThreadMax: 1,
  consumeMessageBatchMaxSize: 500,
  pullBatchSize: 500,
  listener: (messages) => database(messages.map(({ body }) => Number(body.toString()))),
});

// The burst: 16 batches are on their way at a time.
let next = 0;
async function sellBatch() {
  const first = next;
  next = Math.min(first + BATCH, orders);
  const numbers = Array.from({ length: next - first }, (_, i) => first + i);
  await producer.sendBatch(numbers.map((number) => ({ topic, body: String(number), keys: `order-${number}` })));
  taken += numbers.length;
}
async function sell() {
  while (next < orders) await sellBatch();
}

const begun = performance.now();
const seconds = () => (performance.now() - begun) / 1000;
const cell = (number, width = 11) => Math.round(number).toLocaleString('en').padStart(width);
let last = { at: 0, taken: 0, rows: 0 };
function printLine() {
  const at = seconds();
  const perSecond = (count) => cell(count / (at - last.at));
  console.log(`${cell(at, 6)}${perSecond(taken - last.taken)}${perSecond(rows - last.rows)}${cell(taken - rows)}`);
  last = { at, taken, rows };
}

console.log('second    taken/s  written/s    waiting');
const ticking = setInterval(printLine, 1000);
await sellBatch(); // makes the topic
await consumer.start();
await Promise.all(Array.from({ length: LANES }, sell));
const takenIn = seconds();
while (rows - twice < orders) await sleep(20);
clearInterval(ticking);
printLine();
console.log(
  `${cell(orders, 0)} orders taken in ${takenIn.toFixed(1)} s, written in ${seconds().toFixed(1)} s; ${twice} written twice`,
);

await consumer.stop();
await producer.stop();
await cluster?.stop();
