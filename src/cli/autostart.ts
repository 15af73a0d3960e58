/**
 * `--start` and POCKETMQ_AUTOSTART=1: a command that is told of no name server and finds no local cluster starts one first.
 * Several commands may do so at once: those that come too late wait for the cluster of the first.
 */

import { dataDirOf, givenNamesrvAddrs } from './find-namesrv.ts';
import type { GlobalFlags } from './flags.ts';
import type { Io } from './io.ts';

export async function startClusterIfAsked(flags: GlobalFlags, { root, io }: { root: string; io: Io }): Promise<void> {
  if (flags.start !== true && io.env.POCKETMQ_AUTOSTART !== '1') return;
  if (givenNamesrvAddrs(flags, io.env) !== undefined) return;
  const dataDir = await dataDirOf(flags, io.env);
  const [{ findNamesrvAddr }, { isComingUp }] = await Promise.all([
    import('../core/cluster/cluster-ini.ts'),
    import('../core/cluster/up-lock.ts'),
  ]);
  if (findNamesrvAddr(dataDir) !== undefined && !isComingUp(dataDir)) return;
  const { startCluster } = await import('./start-cluster.ts');
  await startCluster(dataDir, { root, io });
}
