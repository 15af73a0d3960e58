/** What `shutdown` and `down` print of the processes that are gone. */

import type { ClusterProcess } from '../../core/cluster/cluster-ini.ts';

export const renderStopped = (processes: readonly ClusterProcess[]): string => processes.map(line).join('');

function line({ role, name, addr, pid }: ClusterProcess): string {
  return `The ${role}${name === undefined ? '' : ` ${name}`} at ${addr} (process ${pid}) is stopped.\n`;
}
