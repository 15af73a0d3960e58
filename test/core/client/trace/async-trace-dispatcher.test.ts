import { describe, expect, it } from 'vitest';
import { AsyncTraceDispatcher } from '../../../../src/core/client/trace/async-trace-dispatcher.ts';
import type { PubTrace } from '../../../../src/core/client/trace/trace-context.ts';
import type { NewMessage } from '../../../../src/core/message/message.ts';
import { recordingLogger } from '../../broker/test-broker.ts';
import { HeldClock } from '../held-clock.ts';

const trace = (number: number, change: Partial<PubTrace> = {}): PubTrace => ({
  traceType: 'Pub',
  timeStamp: number,
  regionId: 'R',
  groupName: 'P',
  topic: 'T',
  msgId: `ID${number}`,
  tags: null,
  keys: `k${number} common`,
  storeHost: '10.0.0.1:10911',
  bodyLength: 5,
  costTime: 1,
  msgType: 'Normal_Msg',
  offsetMsgId: null,
  success: true,
  ...change,
});
const record = (number: number): string =>
  `Pub\x01${number}\x01R\x01P\x01T\x01ID${number}\x01null\x01k${number} common\x0110.0.0.1:10911\x015\x011\x010\x01null\x01true\x02`;

/** A dispatcher whose messages are answered when the test says so. */
function setUp(traceTopic?: string) {
  const clock = new HeldClock();
  const { lines, logger } = recordingLogger();
  const sent: NewMessage[] = [];
  const answers: { resolve(): void; reject(error: Error): void }[] = [];
  let stopped = false;
  const sender = {
    start: async () => {},
    send: (message: NewMessage) => {
      sent.push(message);
      return new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
    },
    stop: async () => {
      stopped = true;
    },
  };
  const dispatcher = new AsyncTraceDispatcher({ sender, traceTopic, clock, logger });
  return { dispatcher, clock, lines, sent, answers, isStopped: () => stopped };
}

describe('AsyncTraceDispatcher', () => {
  it('sends what came within half a second in one message, found by all ids and keys', () => {
    const { dispatcher, clock, sent } = setUp();
    dispatcher.append(trace(1));
    clock.advance(300);
    dispatcher.append(trace(2));
    clock.advance(199);
    expect(sent).toEqual([]);
    clock.advance(1);
    expect(sent).toEqual([
      { topic: 'RMQ_SYS_TRACE_TOPIC', body: record(1) + record(2), keys: ['ID1', 'k1', 'common', 'ID2', 'k2'] },
    ]);
    clock.advance(10_000);
    expect(sent).toHaveLength(1);
  });

  it('sends at once when a message is full', () => {
    const { dispatcher, sent } = setUp('Mine');
    dispatcher.append(trace(1, { groupName: 'g'.repeat(118_000) }));
    expect(sent).toMatchObject([{ topic: 'Mine' }]);
    for (let i = 0; i < 2; i++) dispatcher.append(trace(i, { keys: `${i}`.repeat(12_000) }));
    expect(sent).toHaveLength(2);
  });

  it('sends the rest at stop, and waits for every answer', async () => {
    const { dispatcher, clock, sent, answers, isStopped } = setUp();
    dispatcher.append(trace(1));
    clock.advance(500);
    dispatcher.append(trace(2));
    const stopping = dispatcher.stop();
    dispatcher.append(trace(3));
    answers[0]?.resolve();
    await expect.poll(() => sent.length).toBe(2);
    expect(sent[1]).toMatchObject({ body: record(2) });
    expect(isStopped()).toBe(false);
    answers[1]?.resolve();
    await stopping;
    expect(isStopped()).toBe(true);
    expect(sent).toHaveLength(2);
  });

  it('says which traces are lost', async () => {
    const { dispatcher, clock, answers, lines } = setUp();
    dispatcher.append(trace(1));
    clock.advance(500);
    answers[0]?.reject(new Error('nobody there'));
    await expect
      .poll(() => lines)
      .toEqual(['traces were not sent to RMQ_SYS_TRACE_TOPIC and are lost: Error: nobody there']);
  });

  it('holds a limited number of traces while nobody answers, drops the others, and goes on', async () => {
    const { dispatcher, clock, sent, answers, lines } = setUp();
    const big = (number: number) => trace(number, { groupName: 'g'.repeat(118_000) });
    for (let i = 0; i < 20; i++) dispatcher.append(big(i));
    expect(sent).toHaveLength(16);
    expect(lines).toEqual(
      [1, 2].map((n) => `traces come faster than RMQ_SYS_TRACE_TOPIC takes them: ${n} were dropped`),
    );
    for (const answer of answers.splice(0)) answer.resolve();
    const sentLater = (): number => {
      clock.advance(500);
      return sent.length;
    };
    await expect.poll(sentLater).toBe(17);
    dispatcher.append(big(30));
    expect(sent).toHaveLength(18);
  });
});
