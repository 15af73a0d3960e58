/**
 * Empties a data directory: stores, configuration, logs. Only what PocketMQ puts there is deleted, so that a directory named
 * by mistake loses nothing else; stores that a configuration put elsewhere stay.
 */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PocketError } from '../common/errors.ts';
import { listProcesses } from './cluster-ini.ts';
import { isComingUp } from './up-lock.ts';

const OWNED = ['store', 'stores', 'namesrv', 'logs', 'cluster.ini'];

/** What resetDataDir would delete. */
export const resettable = (dataDir: string): string[] =>
  OWNED.map((name) => join(dataDir, name)).filter((path) => existsSync(path));

/** Returns what was deleted. Throws PocketError IN_USE while a process runs or is started there. */
export function resetDataDir(dataDir: string): string[] {
  if (isComingUp(dataDir)) throw new PocketError('IN_USE', `the cluster in ${dataDir} is being started`);
  const [live] = listProcesses(dataDir);
  if (live !== undefined) {
    throw new PocketError(
      'IN_USE',
      `a ${live.role} (process ${live.pid}) runs in ${dataDir}; stop the cluster with 'mqadmin down' first`,
    );
  }
  const paths = resettable(dataDir);
  for (const path of paths) rmSync(path, { recursive: true, force: true });
  return paths;
}
