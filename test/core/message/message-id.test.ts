import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/core/common/clock.ts';
import { encodeHostAddress } from '../../../src/core/message/host-address.ts';
import {
  createUniqIdGenerator,
  decodeOffsetMsgId,
  encodeOffsetMsgId,
  nearlyTimeOfUniqId,
} from '../../../src/core/message/message-id.ts';

function clockAt(time: { now: number }): Clock {
  const never = { cancel: () => {} };
  return { now: () => time.now, monotonic: () => time.now, after: () => never, every: () => never };
}

describe('offset message id', () => {
  it.each([
    ['127.0.0.1:10911', 0, '7F00000100002A9F0000000000000000'],
    ['10.0.0.1:10911', 100, '0A00000100002A9F0000000000000064'],
    ['[::1]:10911', 108, '0000000000000000000000000000000100002A9F000000000000006C'],
    ['10.0.0.1:1', 0x1234567890abc, '0A000001000000010001234567890ABC'],
  ])('%s at %d', (host, offset, id) => {
    expect(encodeOffsetMsgId(encodeHostAddress(host), offset)).toBe(id);
    expect(decodeOffsetMsgId(id).physicOffset).toBe(offset);
    expect(encodeHostAddress(decodeOffsetMsgId(id).storeHost)).toEqual(encodeHostAddress(host));
  });

  it.each(['', 'x', '7F00000100002A9F000000000000000', `${'7F'.repeat(15)}ZZ`, 'C00002025CE24E0E2F2A70D4DB5B0000'])(
    'refuses %j',
    (id) => {
      expect(() => decodeOffsetMsgId(id)).toThrow(expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }));
    },
  );
});

describe('unique id', () => {
  it('holds address, pid, random, time in the month and counter', () => {
    const time = { now: new Date(2024, 4, 1, 0, 0, 1).getTime() };
    const next = createUniqIdGenerator({ pid: 0x12345, ip: '10.1.2.3', clock: clockAt(time), random: () => 0.5 });
    expect(next()).toBe('0A010203' + '2345' + '80000000' + '000003E8' + '0000');
    expect(next()).toBe('0A010203' + '2345' + '80000000' + '000003E8' + '0001');
    time.now += 5;
    expect(next()).toBe('0A010203' + '2345' + '80000000' + '000003ED' + '0002');
  });

  it('begins at 0 again with the next month, and does not go below when the clock is put back a little', () => {
    const time = { now: new Date(2024, 0, 31, 23, 59).getTime() };
    const next = createUniqIdGenerator({ pid: 1, ip: '10.1.2.3', clock: clockAt(time), random: () => 0 });
    next();
    time.now = new Date(2024, 1, 1).getTime();
    expect(next().slice(20, 28)).toBe('00000000');
    time.now -= 60_000;
    expect(next().slice(20, 28)).toBe('00000000');
  });

  it('wraps its counter and stays unique over 65,536 ids', () => {
    const next = createUniqIdGenerator({ pid: 1, ip: '::1', clock: clockAt({ now: 1e12 }), random: Math.random });
    const ids = new Set(Array.from({ length: 65_536 }, next));
    expect(ids.size).toBe(65_536);
    expect([...ids][0]).toHaveLength(56);
    expect(ids.has(next())).toBe(true);
  });
});

describe('the time of a unique id', () => {
  const idAt = (time: Date, ip = '10.1.2.3'): string =>
    createUniqIdGenerator({ pid: 1, ip, clock: clockAt({ now: time.getTime() }), random: () => 0 })();

  it.each(['10.1.2.3', '::1'])('is that of its making, with the address %s', (ip) => {
    const made = new Date(2024, 4, 17, 13, 14, 15, 16);
    expect(nearlyTimeOfUniqId(idAt(made, ip), made.getTime() + 1)).toBe(made.getTime());
    expect(nearlyTimeOfUniqId(idAt(made, ip).toLowerCase(), new Date(2024, 4, 31).getTime())).toBe(made.getTime());
  });

  it('lies in the month before when this month is not that far', () => {
    const made = new Date(2023, 11, 31, 23, 59);
    expect(nearlyTimeOfUniqId(idAt(made), new Date(2024, 0, 1, 0, 5).getTime())).toBe(made.getTime());
  });

  it.each(['', 'x', '7F00000100002A9F000000000000000', `${'7F'.repeat(15)}ZZ`])('is not known of %j', (id) => {
    expect(nearlyTimeOfUniqId(id, 0)).toBeUndefined();
  });
});
