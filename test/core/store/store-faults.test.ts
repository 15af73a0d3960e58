/**
 * Every single call of a store's life fails in turn, with EIO and with ENOSPC, once and for longer. FAULT_STEP=1 plays all;
 * otherwise every seventh is played. FAULT_CALL=n plays one again.
 */
import { describe, expect, it } from 'vitest';
import { type FaultOptions, faultStory } from './fault-story.ts';

const STEP = Number(process.env.FAULT_STEP ?? 7);
const given = process.env.FAULT_CALL;
const first = given === undefined ? 1 : Number(given);

async function playAll(options: Omit<FaultOptions, 'call'>): Promise<{ played: number; faulty: string[] }> {
  const { calls } = await faultStory({ ...options, call: 0 });
  const faulty: string[] = [];
  let played = 0;
  const last = given === undefined ? calls : first;
  for (let call = first; call <= last; call += STEP) {
    const { faults, failed } = await faultStory({ ...options, call });
    played++;
    if (faults.length > 0) faulty.push(`FAULT_CALL=${call} (${failed}): ${faults.slice(0, 3).join('; ')}`);
  }
  return { played, faulty };
}

describe.each(['SYNC_FLUSH', 'ASYNC_FLUSH'] as const)('%s', (flushDiskType) => {
  describe.each(['power', 'kill'] as const)('until the end by %s', (end) => {
    it.each([
      ['EIO', false],
      ['EIO', true],
      ['ENOSPC', false],
      ['ENOSPC', true],
    ] as const)('%s at any call, lasting: %s', async (errno, lasting) => {
      const { played, faulty } = await playAll({ errno, lasting, flushDiskType, end });
      expect(faulty).toEqual([]);
      expect(played).toBeGreaterThan(0);
    });
  });
});

it('an fsync error that is ignored is caught', async () => {
  const { faulty } = await playAll({
    ...{ errno: 'EIO', lasting: true, flushDiskType: 'SYNC_FLUSH', end: 'power', plant: 'ignored fsync' },
  });
  expect(faulty.some((fault) => fault.includes('acknowledged and lost'))).toBe(true);
});
