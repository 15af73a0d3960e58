/**
 * Namesrvs that are not there, or do not answer, when a broker comes and goes.
 */
import { describe, expect, it } from 'vitest';
import { pickPort } from '../../../src/core/cluster/free-ports.ts';
import { HeldClock } from './held-clock.ts';
import { startRecordingNamesrv } from './recording-namesrv.ts';
import { recordingLogger, startBroker, until } from './test-broker.ts';

const FIRST_PERIODIC_MS = 10_000;

describe('a namesrv that starts after the broker', () => {
  it('is tried again soon, at growing distances, and told everything once it answers', async () => {
    const port = await pickPort('127.0.0.1', Math.random);
    const addr = `127.0.0.1:${port}`;
    const clock = new HeldClock();
    const { lines, logger } = recordingLogger();
    const failures = () => lines.filter((line) => line.startsWith(`registration with namesrv ${addr} failed`)).length;
    const broker = await startBroker({ clock, logger, config: { namesrvAddr: addr } });
    expect([broker.unreachedNamesrvs, failures()]).toEqual([[addr], 1]);
    for (const [tries, distance] of [250, 500, 1000].entries()) {
      clock.advance(distance - 1);
      expect(failures()).toBe(tries + 1);
      clock.advance(1);
      await until(() => failures() === tries + 2);
    }
    const namesrv = await startRecordingNamesrv(port);
    expect(250 + 500 + 1000 + 2000).toBeLessThan(FIRST_PERIODIC_MS);
    clock.advance(2000);
    await until(() => broker.unreachedNamesrvs.length === 0);
    expect(namesrv.last()?.brokerAddr).toBe(broker.addr);
    await broker.stop();
    expect(namesrv.unregistrations).toEqual([broker.addr]);
  });
});

describe('a namesrv that is started again', () => {
  it('is told everything at once, not with the next period', async () => {
    const first = await startRecordingNamesrv();
    const clock = new HeldClock();
    const broker = await startBroker({ clock, config: { namesrvAddr: first.addr } });
    expect([first.registrations.length, broker.unreachedNamesrvs]).toEqual([1, []]);
    await first.stop();
    await until(() => broker.unreachedNamesrvs.length === 1);
    const second = await startRecordingNamesrv(Number(first.addr.replace(/.*:/, '')));
    clock.advance(250);
    await until(() => broker.unreachedNamesrvs.length === 0);
    expect(second.last()?.brokerAddr).toBe(broker.addr);
  });
});

describe('a namesrv that does not answer', () => {
  it('holds up neither a start that is given up nor the end', async () => {
    const silent = await startRecordingNamesrv();
    silent.silent = true;
    // Time stands still: whoever waits for the namesrv waits for ever.
    const giveUp = new AbortController();
    const starting = startBroker({ clock: new HeldClock(), config: { namesrvAddr: silent.addr } }, giveUp.signal);
    await until(() => silent.registrations.length === 1);
    giveUp.abort();
    const broker = await starting;
    expect(broker.unreachedNamesrvs).toEqual([silent.addr]);
    await broker.stop();
    expect(silent.unregistrations).toEqual([]);
  });
});
