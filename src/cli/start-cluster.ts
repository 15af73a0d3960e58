/**
 * The part of autostart.ts that starts a cluster. It is a bundle of its own (scripts/bundle.ts), because what it needs is the
 * half of the core: every command would load it, and what stands in the shared bundle costs the servers' hot paths a getter.
 */

import { join } from 'node:path';
import { bringUp } from '../core/cluster/cluster-up.ts';
import { watchInterrupts } from './interrupt.ts';
import type { Io } from './io.ts';

const READY_TIMEOUT_MS = 30_000;

/** Starts a cluster in the data directory, or waits until the one that another command starts there is ready. */
export async function startCluster(dataDir: string, { root, io }: { root: string; io: Io }): Promise<void> {
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
