import { describe, expect, it } from 'vitest';
import { mapBounded, settleBounded } from '../../../../src/core/client/admin/bounded.ts';

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

describe('mapBounded', () => {
  it('keeps the order of the items, whoever is first', async () => {
    const result = await mapBounded([5, 1, 3], async (item) => {
      await turns(item);
      return item * 2;
    });
    expect(result).toEqual([10, 2, 6]);
  });

  it('runs no more than the given number at a time, and that many', async () => {
    let running = 0;
    let most = 0;
    await mapBounded(
      Array.from({ length: 20 }, (_, i) => i),
      async () => {
        most = Math.max(most, ++running);
        await turns(2);
        running--;
      },
      3,
    );
    expect(most).toBe(3);
  });

  it('rejects with the first failure in the order of the items', async () => {
    const task = async (item: number): Promise<void> => {
      await turns(item);
      if (item !== 2) throw new Error(`failed ${item}`);
    };
    await expect(mapBounded([3, 2, 1], task)).rejects.toThrow('failed 3');
  });

  it('is done at once with nothing to do', async () => {
    expect(await mapBounded([], () => Promise.reject(new Error('never')))).toEqual([]);
  });
});

describe('settleBounded', () => {
  it('gives each outcome its place', async () => {
    const outcomes = await settleBounded([1, 2], async (item) => {
      if (item === 1) throw new Error('no');
      return item;
    });
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'fulfilled']);
  });
});
