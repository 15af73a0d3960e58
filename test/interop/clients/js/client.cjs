/**
 * The JavaScript client (npm `ali-ons`) as a program for the interop tests, with the output of test/interop/java's
 * SendMessages and PushConsume.
 *
 *   send namesrv topic group count first sync
 *       number msgId offsetMsgId brokerName queueId queueOffset     for each acknowledgement; msgId '-': it makes none
 *       SENT n                                                      after the last send
 *   consume namesrv topic group
 *       MSG queueId queueOffset msgId key body                      for every message, from the first offset
 *       STOPPED messages=n                                          after a clean shutdown, when standard input ends
 *
 * Several name servers are separated by ';'. Exit code 1 when a send failed. NODE_PATH names the folder with the package.
 */
const { Consumer, Message, Producer } = require('ali-ons');

const CONSUME_FROM_FIRST_OFFSET = 'CONSUME_FROM_FIRST_OFFSET';
const logger = { debug() {}, info() {}, warn() {}, error: (...args) => console.error(...args) };

function options(namesrv, more) {
  return { nameSrv: namesrv.split(';'), logger, ...more };
}

/** A client that is not used here; the package insists on one. */
async function noHttp() {
  throw new Error('no HTTP in this program');
}

function line(text) {
  process.stdout.write(`${text}\n`);
}

async function send([namesrv, topic, group, count, first, how]) {
  if (how !== 'sync') throw new Error(`unknown way to send: ${how}`);
  const producer = new Producer(options(namesrv, { httpclient: { request: noHttp }, producerGroup: group }));
  producer.on('error', (error) => console.error(error));
  await producer.ready();
  for (let number = Number(first); number < Number(first) + Number(count); number += 1) {
    const message = new Message(topic, 'TagJs', `m${number}`);
    message.keys = [`k${number}`];
    const { sendStatus, msgId, messageQueue, queueOffset } = await producer.send(message);
    if (sendStatus !== 'SEND_OK') throw new Error(`message ${number}: ${sendStatus}`);
    line(`${number} - ${msgId} ${messageQueue.brokerName} ${messageQueue.queueId} ${queueOffset}`);
  }
  line(`SENT ${count}`);
  await producer.close();
}

async function consume([namesrv, topic, group]) {
  const consumer = new Consumer(
    options(namesrv, {
      httpclient: { request: noHttp },
      consumerGroup: group,
      consumeFromWhere: CONSUME_FROM_FIRST_OFFSET,
    }),
  );
  consumer.on('error', (error) => console.error(error));
  let received = 0;
  consumer.subscribe(topic, '*', async (message) => {
    received += 1;
    line(`MSG ${message.queueId} ${message.queueOffset} ${message.msgId} ${message.keys} ${message.body}`);
  });
  await consumer.ready();
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  await consumer.close();
  line(`STOPPED messages=${received}`);
}

const [program, ...args] = process.argv.slice(2);
(program === 'send' ? send(args) : consume(args)).then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
