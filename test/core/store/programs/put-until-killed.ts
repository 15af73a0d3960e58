/**
 * Opens the store in argv[2] and puts messages `m0`, `m1`, ... into queues 0 to 3 until it is killed; each acknowledged
 * number goes to stdout at once. With a number in argv[3] each put is a batch of so many messages of the same text. Run by
 * kill.test.ts.
 */
import { systemClock } from '../../../../src/core/common/clock.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { encodeInnerMessages } from '../../../../src/core/message/batch-codec.ts';
import { MessageStore, type PutListener } from '../../../../src/core/store/message-store.ts';

const host = Buffer.from('7f00000100002a9f', 'hex');
const rootDir = process.argv[2] ?? '';
const batchSize = Number(process.argv[3] ?? 0);
const nothing = Buffer.alloc(0);
const mappedFileSizeCommitLog = 256 * 1024;
const store = new MessageStore({
  rootDir,
  storeHost: host,
  clock: systemClock,
  logger: silentLogger,
  mappedFileSizeCommitLog,
});
await store.start();

function putNext(number: number): void {
  const text = Buffer.from(`m${number}`);
  const part = { flag: 0, body: text, properties: nothing };
  const body = batchSize > 0 ? encodeInnerMessages(Array(batchSize).fill(part)) : text;
  const draft = {
    topic: 'T',
    queueId: number % 4,
    flag: 0,
    sysFlag: 0,
    bornTimestamp: 0,
    bornHost: host,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body,
    bodyStart: 0,
    bodyEnd: body.length,
    properties: nothing,
    propertiesStart: 0,
    propertiesEnd: 0,
    tagsCode: 0,
  };
  const listener: PutListener = {
    onPut(status) {
      if (status !== 'PUT_OK') process.exit(1);
      // Synchronous for a pipe, and unlike writeSync it waits when the reader is slow.
      process.stdout.write(`${number}\n`);
      putNext(number + 20);
    },
  };
  if (batchSize > 0) store.putMessageBatch(draft, listener);
  else store.putMessage(draft, listener);
}

for (let i = 0; i < 20; i++) putNext(i);
