/**
 * Opens the store in argv[2] and puts messages `m0`, `m1`, ... into queues 0 to 3 until it is killed; each acknowledged
 * number goes to stdout at once. Run by kill.test.ts.
 */
import { systemClock } from '../../../../src/core/common/clock.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { MessageStore } from '../../../../src/core/store/message-store.ts';

const host = Buffer.from('7f00000100002a9f', 'hex');
const rootDir = process.argv[2] ?? '';
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
  const body = Buffer.from(`m${number}`);
  store.putMessage(
    {
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
      properties: Buffer.alloc(0),
      propertiesStart: 0,
      propertiesEnd: 0,
      tagsCode: 0,
    },
    {
      onPut(status) {
        if (status !== 'PUT_OK') process.exit(1);
        // Synchronous for a pipe, and unlike writeSync it waits when the reader is slow.
        process.stdout.write(`${number}\n`);
        putNext(number + 20);
      },
    },
  );
}

for (let i = 0; i < 20; i++) putNext(i);
