/**
 * The well-behaved client as a process of its own, so that its latencies do not hold the load generator's work.
 *
 *   node --import tsx test/hostile/well-behaved-program.ts NAMESRV_ADDR TOPIC
 *
 * Prints `started`; each line on stdin ends a phase, and its latencies are printed as one line of JSON; the end of stdin
 * ends the client: the last line says what it counted.
 */
import { createInterface } from 'node:readline';
import { PullConsumer } from '../../src/core/client/consumer/pull-consumer.ts';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { WellBehaved } from './well-behaved.ts';

const [namesrvAddr = '', topic = ''] = process.argv.slice(2);
/** A machine may be so busy that nothing moves for seconds; a server that stands still for longer does not serve. */
const PATIENCE_MS = 20_000;

// One attempt for each message: a repeated one might be there twice.
const sending = { retryTimesWhenSendFailed: 0, sendMsgTimeout: PATIENCE_MS };
const producer = new Producer({ group: 'well_behaved_out', namesrvAddr, ...sending });
const consumer = new PullConsumer({ group: 'well_behaved_in', namesrvAddr, consumerPullTimeoutMillis: PATIENCE_MS });
await Promise.all([producer.start(), consumer.start()]);
const client = new WellBehaved({ producer, consumer, topic, pauseMs: 10 });
await client.start();
console.log('started');

for await (const phase of createInterface({ input: process.stdin })) {
  const latencies = client.takeLatencies();
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  console.log(JSON.stringify({ phase, sends: latencies.length, p50: at(0.5), p99: at(0.99), max: at(1) }));
}
console.log(JSON.stringify({ phase: 'end', ...(await client.finish()) }));
await Promise.all([producer.stop(), consumer.stop()]);
