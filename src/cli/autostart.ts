/**
 * `--start` and POCKETMQ_AUTOSTART=1: a command that is told of no name server and finds no local cluster starts one first.
 * Several commands may do so at once: those that come too late wait for the cluster of the first.
 */

import { join } from 'node:path';
import { dataDirOf, givenNamesrvAddrs } from './find-namesrv.ts';
import type { GlobalFlags } from './flags.ts';
import { watchInterrupts } from './interrupt.ts';
import type { Io } from './io.ts';

const READY_TIMEOUT_MS = 30_000;

export async function startClusterIfAsked(flags: GlobalFlags, { root, io }: { root: string; io: Io }): Promise<void> {
  if (flags.start !== true && io.env.POCKETMQ_AUTOSTART !== '1') return;
  if (givenNamesrvAddrs(flags, io.env) !== undefined) return;
  const dataDir = await dataDirOf(flags, io.env);
  const [{ findNamesrvAddr }, { isComingUp }] = await Promise.all([
    import('../core/cluster/cluster-ini.ts'),
    import('../core/cluster/up-lock.ts'),
  ]);
  if (findNamesrvAddr(dataDir) !== undefined && !isComingUp(dataDir)) return;
  const { bringUp } = await import('../core/cluster/cluster-up.ts');
  const watch = watchInterrupts();
  const over = new AbortController();
  watch.interrupted.catch(() => over.abort());
  const { signal } = over;
  const entry = join(root, 'bin', 'run.cjs');
  try {
    const up = await bringUp({ dataDir, brokers: 1, elsewhere: true, entry, timeoutMs: READY_TIMEOUT_MS, signal });
    if (up.started > 0) io.err(`A local cluster was started at ${up.namesrvAddr}; 'mqadmin down' stops it.\n`);
  } catch (error) {
    if (signal.aborted) await watch.interrupted;
    throw error;
  } finally {
    watch.dispose();
  }
}
