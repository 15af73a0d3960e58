import { describe, expect, it } from 'vitest';
import { ConsumePool } from '../../../../src/core/client/consumer/consume-pool.ts';
import type { ConsumeStatus, MessageListener } from '../../../../src/core/client/consumer/message-listener.ts';
import { ProcessQueue } from '../../../../src/core/client/consumer/process-queue.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { HeldClock } from '../held-clock.ts';
import { pulled } from './message-fixture.ts';

const queue = (): ProcessQueue =>
  new ProcessQueue({ topic: 'T', brokerName: 'a', queueId: 0 }, { messages: 1000, bytes: 1e9, span: 1e9 });

interface Result {
  offsets: number[];
  status: ConsumeStatus;
}

function pool(
  listener: MessageListener,
  options: { concurrency?: number; batchMaxSize?: number; takesExpired?: boolean } = {},
) {
  const results: Result[] = [];
  const expired: number[] = [];
  const clock = new HeldClock();
  const made = new ConsumePool({
    listener,
    concurrency: options.concurrency ?? 20,
    batchMaxSize: options.batchMaxSize ?? 1,
    logger: silentLogger,
    clock,
    onExpired: (_, messages) => {
      expired.push(...messages.map((message) => message.queueOffset));
      return Promise.resolve(options.takesExpired ?? true);
    },
    onResult: (_, messages, status) => {
      results.push({ offsets: messages.map((message) => message.queueOffset), status });
    },
  });
  return { pool: made, results, expired, clock };
}

const offsets = (count: number): ReturnType<typeof pulled>[] => Array.from({ length: count }, (_, i) => pulled(i));
const turn = (): Promise<void> => new Promise(setImmediate);

describe('ConsumePool', () => {
  it('calls the listener with at most batchMaxSize messages, in order', async () => {
    const { pool: made, results } = pool(() => 'CONSUME_SUCCESS', { batchMaxSize: 2, concurrency: 1 });
    made.submit(queue(), offsets(5));
    await turn();
    expect(results.map((result) => result.offsets)).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('never has more calls under way than allowed, and reaches that number', async () => {
    let running = 0;
    let most = 0;
    const { pool: made, results } = pool(
      async () => {
        most = Math.max(most, ++running);
        await turn();
        running--;
        return 'CONSUME_SUCCESS' as const;
      },
      { concurrency: 3 },
    );
    made.submit(queue(), offsets(400));
    made.submit(queue(), offsets(400));
    while (results.length < 800) await turn();
    expect(most).toBe(3);
  });

  it('gives up a call that takes too long, whose outcome does not count when it was dealt with', async () => {
    for (const takesExpired of [true, false]) {
      let end = (_status: ConsumeStatus): void => {};
      const hanging = new Promise<ConsumeStatus>((resolve) => {
        end = resolve;
      });
      const listener: MessageListener = ([message]) => (message?.queueOffset === 0 ? hanging : 'CONSUME_SUCCESS');
      const { pool: made, results, expired, clock } = pool(listener, { takesExpired });
      made.submit(queue(), offsets(2));
      await turn();
      clock.advance(60_000);
      made.expire(60_001);
      expect(expired).toEqual([]);
      clock.advance(1);
      made.expire(60_001);
      expect(expired).toEqual([0]);
      await turn();
      made.expire(60_001);
      expect(expired).toEqual(takesExpired ? [0] : [0, 0]);
      await turn();
      end('RECONSUME_LATER');
      await turn();
      const late = takesExpired ? [] : [{ offsets: [0], status: 'RECONSUME_LATER' }];
      expect(results).toEqual([{ offsets: [1], status: 'CONSUME_SUCCESS' }, ...late]);
      await made.close();
    }
  });

  it('takes a rejection, a throw and an unknown status for RECONSUME_LATER', async () => {
    const answers: MessageListener[] = [
      () => Promise.reject(new Error('no')),
      () => {
        throw new Error('no');
      },
      () => 'CONSUME_SUCCES' as ConsumeStatus,
    ];
    for (const listener of answers) {
      const { pool: made, results } = pool(listener);
      made.submit(queue(), offsets(1));
      await turn();
      expect(results).toEqual([{ offsets: [0], status: 'RECONSUME_LATER' }]);
    }
  });

  it('takes a listener that returns no status to have consumed', async () => {
    const answers: MessageListener[] = [() => {}, async () => {}];
    for (const listener of answers) {
      const { pool: made, results } = pool(listener);
      made.submit(queue(), offsets(1));
      await turn();
      expect(results).toEqual([{ offsets: [0], status: 'CONSUME_SUCCESS' }]);
    }
  });

  it('does not hand out messages of a queue that was dropped while they waited', async () => {
    const kept = queue();
    const dropped = queue();
    const { pool: made, results } = pool(() => turn().then(() => 'CONSUME_SUCCESS' as const), { concurrency: 1 });
    made.submit(kept, offsets(1));
    made.submit(dropped, offsets(3));
    dropped.drop();
    await made.close();
    expect(results.length).toBe(1);
  });

  it('waits in close() for the calls under way and starts no others', async () => {
    const { pool: made, results } = pool(() => turn().then(() => 'CONSUME_SUCCESS' as const), { concurrency: 2 });
    made.submit(queue(), offsets(10));
    await made.close();
    expect(results.map((result) => result.offsets)).toEqual([[0], [1]]);
    made.submit(queue(), offsets(1));
    await turn();
    expect(results.length).toBe(2);
  });
});
