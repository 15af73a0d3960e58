/** Whatever a power cut leaves of a store, verify takes it for what recovery puts right, and finds nothing once it has. */
import { expect, it } from 'vitest';
import type { Disk } from '../../../src/core/store/disk.ts';
import { StoreDir } from '../../../src/core/store/tools/store-dir.ts';
import { verifyStore } from '../../../src/core/store/tools/verify-store.ts';
import { powerLoss } from '../../chaos/power-loss.ts';

const STORIES = 30;
const first = Number(process.env.POWER_LOSS_SEED ?? 20_261_127);
/** As power-loss.ts opens its stores. */
const shape = { mappedFileSizeCommitLog: 4096, mappedFileSizeConsumeQueue: 400, maxHashSlotNum: 50, maxIndexNum: 100 };
const LATER = 4_000_000_000_000;

it(`has no false alarm (seeds from ${first})`, { timeout: 120_000 }, async () => {
  const alarms: string[] = [];
  let crashes = 0;
  for (let seed = first; seed < first + STORIES; seed++) {
    const look = (disk: Disk, rootDir: string): void => {
      if (disk.list(`${rootDir}/commitlog`) === undefined) return;
      const { crashed, faults } = verifyStore(new StoreDir({ rootDir, disk, shape }), { clock: { now: () => LATER } });
      if (crashed) crashes++;
      for (const { file, offset, reason } of faults) {
        alarms.push(`POWER_LOSS_SEED=${seed} ${crashed ? 'crashed' : 'stopped'}: ${file} ${offset}: ${reason}`);
      }
    };
    await powerLoss(seed, { look });
  }
  expect(alarms).toEqual([]);
  expect(crashes).toBeGreaterThan(STORIES / 2);
});
