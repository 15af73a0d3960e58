import { describe, expect, it } from 'vitest';
import { type HeldPull, PullHold } from '../../../src/core/broker/pull-hold.ts';
import { HeldClock } from './held-clock.ts';

function setUp(limit = 10) {
  const clock = new HeldClock();
  const ends = new Map<number, number>();
  const watched = new Set<string>();
  const hold = new PullHold({
    clock,
    limit: () => limit,
    scanIntervalMs: () => 5000,
    store: {
      maxOffsetInQueue: (_topic, queueId) => ends.get(queueId) ?? 0,
      watch: (topic, queueId) => watched.add(`${topic}/${queueId}`).size > 0,
      unwatch: (topic, queueId) => void watched.delete(`${topic}/${queueId}`),
    },
  });
  hold.start();
  const resumed: string[] = [];
  const pull = (name: string, fields: Partial<HeldPull> = {}): HeldPull => ({
    connection: clock,
    bytes: 1000,
    topic: 'T',
    queueId: 0,
    offset: 3,
    holdUntil: clock.monotonic() + 15_000,
    abandoned: false,
    matches: () => true,
    resume: () => void resumed.push(name),
    ...fields,
  });
  return { clock, ends, watched, hold, resumed, pull };
}

const turn = (): Promise<void> => Promise.resolve();

describe('PullHold', () => {
  it('wakes the requests of a queue once for all messages of a commit', async () => {
    const { hold, resumed, pull } = setUp();
    hold.hold(pull('a'));
    hold.hold(pull('b', { queueId: 1 }));
    hold.onArrive('T', 0, 4, 0);
    hold.onArrive('T', 0, 5, 0);
    expect(resumed).toEqual([]);
    expect(hold.wokenSize).toBe(1);
    await turn();
    expect(resumed).toEqual(['a']);
    expect(hold.size).toBe(1);
  });

  it('leaves requests alone that the message is not for', async () => {
    const { hold, resumed, pull } = setUp();
    hold.hold(pull('later offset', { offset: 9 }));
    hold.hold(pull('other tag', { matches: (tagsCode) => tagsCode === 7 }));
    hold.onArrive('T', 0, 4, 0);
    hold.onArrive('U', 0, 4, 7);
    await turn();
    expect(resumed).toEqual([]);
    hold.onArrive('T', 0, 5, 7);
    await turn();
    expect(resumed).toEqual(['other tag']);
  });

  it('answers a request whose time has passed with the next scan, not before', async () => {
    const { clock, hold, resumed, pull } = setUp();
    hold.hold(pull('a', { holdUntil: 7000 }));
    clock.advance(5000);
    await turn();
    expect(resumed).toEqual([]);
    clock.advance(5000);
    await turn();
    expect(resumed).toEqual(['a']);
  });

  it('finds with the scan what it was not told of', async () => {
    const { clock, ends, hold, resumed, pull } = setUp();
    hold.hold(pull('a'));
    ends.set(0, 4);
    clock.advance(5000);
    await turn();
    expect(resumed).toEqual(['a']);
  });

  it('watches a queue as long as someone waits for it', () => {
    const { clock, watched, hold, pull } = setUp();
    hold.hold(pull('a', { holdUntil: 1 }));
    expect([...watched]).toEqual(['T/0']);
    clock.advance(5000);
    expect([...watched]).toEqual([]);
  });

  it('drops requests nobody waits for', async () => {
    const { clock, hold, resumed, pull } = setUp(1);
    hold.hold(pull('gone', { abandoned: true }));
    expect(hold.hold(pull('b'))).toBe(false);
    clock.advance(5000);
    expect(hold.hold(pull('b'))).toBe(true);
    await turn();
    expect(resumed).toEqual([]);
  });

  it('forgets everything when it stops', async () => {
    const { clock, hold, resumed, pull } = setUp();
    hold.hold(pull('a'));
    hold.stop();
    hold.onArrive('T', 0, 4, 0);
    clock.advance(60_000);
    await turn();
    expect(resumed).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('holds so many of one connection, and others of others', async () => {
    const { hold, pull } = setUp(100_000);
    for (let i = 0; i < 4096; i++) expect(hold.hold(pull(`${i}`))).toBe(true);
    expect(hold.hold(pull('one more'))).toBe(false);
    expect(hold.hold(pull('of another', { connection: {} }))).toBe(true);
    hold.onArrive('T', 0, 4, 7);
    expect(hold.size).toBe(0);
    expect(hold.hold(pull('again'))).toBe(true);
  });

  it('holds so many bytes of all connections together', () => {
    const { hold, ends, pull, clock } = setUp(100_000);
    const connection = { closed: false };
    const big = () => pull('big', { connection: {}, bytes: 48 * 1024 * 1024 });
    expect([hold.hold(big()), hold.hold(big()), hold.hold(big())]).toEqual([true, true, false]);
    expect(hold.hold(pull('small', { connection }))).toBe(true);
    ends.set(0, 4);
    clock.advance(5000);
    expect(hold.hold(big())).toBe(true);
  });

  it('answers many in several turns, each once', async () => {
    const { hold, pull, resumed } = setUp(100_000);
    const names = Array.from({ length: 1000 }, (_, i) => `${i}`);
    for (const name of names) hold.hold(pull(name));
    hold.onArrive('T', 0, 4, 7);
    await turn();
    expect(resumed.length).toBeGreaterThan(0);
    expect(resumed.length).toBeLessThan(1000);
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(resumed).toEqual(names);
  });
});
