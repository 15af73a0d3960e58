/** The servers of a data directory, each asked whether it answers. */

import { Admin } from '../client/admin/admin.ts';
import { clusterInfo, runtimeInfo } from '../client/admin/cluster-admin.ts';
import { systemClock } from '../common/clock.ts';
import { silentLogger } from '../common/logger.ts';
import { type ClusterProcess, listProcesses } from './cluster-ini.ts';

export interface ProcessStatus extends ClusterProcess {
  answers: boolean;
  /** Why it does not. */
  error?: string | undefined;
}

const TIMEOUT_MS = 2000;

/** Namesrvs first, then by name; a process that does not answer within 2 s counts as silent. */
export async function processStatuses(dataDir: string): Promise<ProcessStatus[]> {
  const place = ({ role, name = '' }: ClusterProcess): string => `${role === 'namesrv' ? 0 : 1}${name}`;
  const live = listProcesses(dataDir).sort((a, b) => (place(a) < place(b) ? -1 : 1));
  return Promise.all(live.map(statusOf));
}

async function statusOf(entry: ClusterProcess): Promise<ProcessStatus> {
  const namesrvAddrs = entry.role === 'namesrv' ? [entry.addr] : [];
  const admin = new Admin({ namesrvAddrs, timeoutMs: TIMEOUT_MS, clock: systemClock, logger: silentLogger });
  try {
    if (entry.role === 'namesrv') await clusterInfo(admin);
    else await runtimeInfo(admin, entry.addr);
    return { ...entry, answers: true };
  } catch (error) {
    return { ...entry, answers: false, error: error instanceof Error ? error.message : String(error) };
  } finally {
    await admin.stop();
  }
}
