/**
 * mqadmin store verify: walks a stopped store and holds log, queues, index, checkpoint and configuration against each other.
 * Names the first bad byte of each file and why; ends with 1 when anything is wrong. Changes nothing.
 */

import { BaseCommand } from '../../cli/base-command.ts';
import { CliFault } from '../../cli/faults.ts';
import { renderVerify } from '../../cli/output/store-verify.ts';
import { Progress, storeDirOfLine, storeFlags } from '../../cli/store-flags.ts';
import { systemClock } from '../../core/common/clock.ts';
import type { VerifyResult } from '../../core/store/tools/verify-store.ts';

export default class StoreVerify extends BaseCommand {
  static override summary = 'Check a stopped store, every byte that can be checked';
  static override takesNamesrv = false;
  static override flags = { ...storeFlags };

  override async run(): Promise<VerifyResult> {
    const { flags } = await this.parse(StoreVerify);
    const dir = await storeDirOfLine(flags, this.io);
    const { verifyStore } = await import('../../core/store/tools/verify-store.ts');
    const progress = new Progress(this.io, 'verifying');
    const result = verifyStore(dir, { clock: systemClock, progress: progress.tell });
    progress.end();
    await this.print(flags, result, renderVerify);
    if (!result.sound) throw new CliFault(`The store ${result.store} is damaged.`, 1);
    return result;
  }
}
