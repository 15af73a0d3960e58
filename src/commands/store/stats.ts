/**
 * mqadmin store stats: messages, bytes and times of each topic of a stopped store, without reading its log. Changes nothing.
 */

import { BaseCommand } from '../../cli/base-command.ts';
import { renderStoreStats } from '../../cli/output/store-stats.ts';
import { storeDirOfLine, storeFlags } from '../../cli/store-flags.ts';
import type { StoreStatsResult } from '../../core/store/tools/topic-stats.ts';

export default class StoreStats extends BaseCommand {
  static override summary = 'Messages and bytes of each topic of a stopped store';
  static override takesNamesrv = false;
  static override flags = { ...storeFlags };

  override async run(): Promise<StoreStatsResult> {
    const { flags } = await this.parse(StoreStats);
    const dir = await storeDirOfLine(flags, this.io);
    const { topicStats } = await import('../../core/store/tools/topic-stats.ts');
    const result = topicStats(dir);
    await this.print(flags, result, renderStoreStats);
    return result;
  }
}
