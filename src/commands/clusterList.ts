/**
 * mqadmin clusterList: every broker with version, rates and disk use; -m message totals, -i again and again.
 * A broker that does not answer keeps its row; it is named on stderr and the exit code is 7.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { ValueFault } from '../cli/faults.ts';
import { wholeNumber } from '../cli/flags.ts';
import { clusterListDocument, renderClusterList, renderClusterTotals } from '../cli/output/cluster-list.ts';
import type { ClusterRow } from '../core/client/admin/cluster-admin.ts';
import { PocketError } from '../core/common/errors.ts';

/** Ten days: what a timer can hold with room to spare. */
const LONGEST_INTERVAL_S = 864_000;

export default class ClusterList extends BaseCommand {
  static override summary = 'List all of clusters';
  static override listPosition = 26;
  static override javaClass = 'ClusterListSubCommand';
  static override flags = {
    interval: wholeNumber({ char: 'i', description: 'specify intervals numbers, it is in seconds' }),
    moreStats: Flags.boolean({ char: 'm', description: 'Print more stats' }),
  };

  override async run(): Promise<ClusterRow[]> {
    const { flags } = await this.parse(ClusterList);
    const { interval } = flags;
    if (interval !== undefined && (interval < 1 || interval > LONGEST_INTERVAL_S)) {
      throw new ValueFault(`-i is a number of seconds from 1 to ${LONGEST_INTERVAL_S}, not ${interval}.`);
    }
    const { clusterList } = await import('../core/client/admin/cluster-admin.ts');
    const { setTimeout: pause } = await import('node:timers/promises');
    return withAdmin({ flags, io: this.io }, async (admin, over) => {
      for (;;) {
        const rows = await clusterList(admin);
        await this.print(flags, rows, flags.moreStats ? renderClusterTotals : renderClusterList, clusterListDocument);
        const silent = rows.filter((row) => row.error !== undefined);
        if (interval === undefined && silent.length > 0) throw noAnswer(silent);
        for (const row of silent) this.io.err(`${noAnswer([row]).message}\n`);
        if (interval === undefined) return rows;
        await pause(interval * 1000, undefined, { signal: over });
      }
    });
  }
}

function noAnswer(rows: readonly ClusterRow[]): PocketError {
  const brokers = rows.map((row) => `${row.brokerName} ${row.brokerAddr} (${row.error?.message})`);
  return new PocketError(
    'PARTLY',
    `${rows.length === 1 ? 'A broker' : 'Brokers'} did not answer: ${brokers.join('; ')}.`,
  );
}
