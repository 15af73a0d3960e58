import { describe, expect, it } from 'vitest';
import { type OffsetSource, type StartFrom, startOffset } from '../../../../src/core/client/consumer/start-offset.ts';

const T = { topic: 'T', brokerName: 'a', queueId: 0 };
const RETRY = { topic: '%RETRY%G', brokerName: 'a', queueId: 0 };

function start(where: StartFrom, committed: number | undefined, mq = T): Promise<number> {
  const source: OffsetSource = {
    committed: async () => committed,
    max: async () => 100,
    byTime: async (_, timestamp) => timestamp,
  };
  return startOffset(mq, { where, timestamp: 42 }, source);
}

describe('startOffset', () => {
  it.each(['CONSUME_FROM_LAST_OFFSET', 'CONSUME_FROM_FIRST_OFFSET', 'CONSUME_FROM_TIMESTAMP'] as const)(
    '%s goes on at a committed offset, 0 included',
    async (where) => {
      expect(await start(where, 7)).toBe(7);
      expect(await start(where, 0)).toBe(0);
    },
  );

  it('begins a new group as consumeFromWhere says', async () => {
    expect(await start('CONSUME_FROM_LAST_OFFSET', undefined)).toBe(100);
    expect(await start('CONSUME_FROM_FIRST_OFFSET', undefined)).toBe(0);
    expect(await start('CONSUME_FROM_TIMESTAMP', undefined)).toBe(42);
  });

  it('begins a retry topic at 0, and at its end by time', async () => {
    expect(await start('CONSUME_FROM_LAST_OFFSET', undefined, RETRY)).toBe(0);
    expect(await start('CONSUME_FROM_FIRST_OFFSET', undefined, RETRY)).toBe(0);
    expect(await start('CONSUME_FROM_TIMESTAMP', undefined, RETRY)).toBe(100);
  });

  it('treats a committed -1 as none', async () => {
    expect(await start('CONSUME_FROM_LAST_OFFSET', -1)).toBe(100);
  });

  it('begins nowhere when the broker cannot be asked', async () => {
    const fail = async (): Promise<never> => {
      throw new Error('down');
    };
    const source: OffsetSource = { committed: fail, max: async () => 1, byTime: async () => 1 };
    await expect(startOffset(T, { where: 'CONSUME_FROM_FIRST_OFFSET', timestamp: 0 }, source)).rejects.toThrow('down');
  });
});
