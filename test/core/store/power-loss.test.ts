/** The short form of the power-loss simulation; `npm run test:chaos` plays a thousand stories. */
import { expect, it } from 'vitest';
import { type PowerLossOptions, powerLoss } from '../../chaos/power-loss.ts';

const STORIES = 40;
const first = Number(process.env.POWER_LOSS_SEED ?? 20_261_127);

async function play(
  count: number,
  options: PowerLossOptions = {},
): Promise<{ acknowledged: number; faulty: string[] }> {
  let acknowledged = 0;
  const faulty: string[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const result = await powerLoss(seed, options);
    acknowledged += result.acknowledged;
    if (result.faults.length > 0) faulty.push(`POWER_LOSS_SEED=${seed}: ${result.faults.slice(0, 3).join('; ')}`);
  }
  return { acknowledged, faulty };
}

it(`no power cut takes a message that was acknowledged with SYNC_FLUSH (seeds from ${first})`, async () => {
  const { acknowledged, faulty } = await play(STORIES);
  expect(faulty).toEqual([]);
  expect(acknowledged).toBeGreaterThan(STORIES);
});

it.each(['early', 'directories'] as const)('a planted bug is caught: %s', async (plant) => {
  const { faulty } = await play(STORIES, { plant });
  expect(faulty.length).toBeGreaterThan(0);
});
