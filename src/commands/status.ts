/**
 * mqadmin status: the servers of the data directory and whether they answer. Exit code 4 when nothing runs, 7 when some do
 * not answer.
 */

import { BaseCommand } from '../cli/base-command.ts';
import { dataDirOf } from '../cli/find-namesrv.ts';
import { renderStatus } from '../cli/output/status.ts';
import type { ProcessStatus } from '../core/cluster/process-status.ts';
import { PocketError } from '../core/common/errors.ts';

export default class Status extends BaseCommand {
  static override summary = 'Show the local servers and whether they answer';
  static override takesNamesrv = false;

  override async run(): Promise<ProcessStatus[]> {
    const { flags } = await this.parse(Status);
    const dataDir = await dataDirOf(flags, this.io.env);
    const { processStatuses } = await import('../core/cluster/process-status.ts');
    const rows = await processStatuses(dataDir);
    if (rows.length === 0) {
      throw new PocketError('NOT_FOUND', `nothing runs in ${dataDir}; start a local cluster with 'mqadmin up'`);
    }
    const now = Date.now();
    await this.print(flags, rows, (same) => renderStatus(same, now));
    const silent = rows.filter(({ answers }) => !answers);
    if (silent.length > 0) {
      const which = silent.map(({ role, pid, error }) => `the ${role} of process ${pid} (${error})`).join(', ');
      throw new PocketError('PARTLY', `no answer from ${which}; 'mqadmin logs' may say why`);
    }
    return rows;
  }
}
