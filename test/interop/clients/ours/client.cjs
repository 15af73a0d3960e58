/**
 * Our push consumer as a process of its own, from the built package, with the output of test/interop/java's PushConsume:
 *
 *   consume namesrv topic group [name=value ...]
 *       MSG queueId queueOffset msgId key body      for every message, from the first offset
 *       STOPPED messages=n                          after a clean shutdown, when standard input ends
 *     tags=EXPRESSION, sql=EXPRESSION, orderly=true, model=BROADCASTING, instance=NAME, max=N (maxReconsumeTimes),
 *     offsets=FOLDER (localOffsetStoreDir); messages whose key begins with `bad` fail, those with `once` the first time
 *
 * Exit code 1 when it cannot start.
 */
'use strict';
const { PushConsumer } = require('../../../../dist/index.cjs');

const [, , , namesrvAddr, topic, group, ...words] = process.argv;
const wanted = Object.fromEntries(words.map((word) => word.split(/=(.*)/s).slice(0, 2)));
const ordered = wanted.orderly === 'true';
const tried = new Set();
let received = 0;

const failure = ordered ? 'SUSPEND_CURRENT_QUEUE_A_MOMENT' : 'RECONSUME_LATER';
const success = ordered ? 'SUCCESS' : 'CONSUME_SUCCESS';

function consume(messages) {
  let status = success;
  for (const { queueId, queueOffset, msgId, properties, body } of messages) {
    const keys = properties.KEYS ?? 'null';
    process.stdout.write(`MSG ${queueId} ${queueOffset} ${msgId} ${keys} ${body.toString().trimEnd()}\n`);
    received++;
    if (keys.startsWith('bad') || (keys.startsWith('once') && !tried.has(keys))) status = failure;
    tried.add(keys);
  }
  return status;
}

const consumer = new PushConsumer({
  group,
  namesrvAddr,
  subscriptions: {
    [topic]: wanted.sql === undefined ? (wanted.tags ?? '*') : { type: 'SQL92', expression: wanted.sql },
  },
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  ordered,
  listener: consume,
  ...(wanted.model === undefined ? {} : { messageModel: wanted.model }),
  ...(wanted.instance === undefined ? {} : { instanceName: wanted.instance }),
  ...(wanted.max === undefined ? {} : { maxReconsumeTimes: Number(wanted.max) }),
  ...(wanted.offsets === undefined ? {} : { localOffsetStoreDir: wanted.offsets }),
});

process.stdin.resume();
const inputEnded = new Promise((resolve) => process.stdin.once('end', resolve));

async function main() {
  await consumer.start();
  await inputEnded;
  await consumer.stop();
  process.stdout.write(`STOPPED messages=${received}\n`);
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
