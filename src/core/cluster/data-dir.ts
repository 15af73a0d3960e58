/**
 * The data directory: where one person's local cluster lives, and what lies where in it.
 *
 *   cluster.ini        the live processes (cluster-ini.ts)
 *   up.lock            while a cluster is being started (cluster-up.ts)
 *   logs/              one log file a process
 *   namesrv/           kvConfig.json, namesrv.properties
 *   store/             store of the broker whose name was not configured
 *   stores/NAME-ID/    store of a broker with a configured brokerName
 */

import { join, resolve } from 'node:path';
import { PocketError } from '../common/errors.ts';

/**
 * `--data-dir`, else POCKETMQ_DATA_DIR, else `.pocketmq` in the home directory; always absolute. Blank values count as
 * not given.
 */
export function resolveDataDir(sources: {
  flag?: string | undefined;
  environment?: string | undefined;
  home: string;
}): string {
  for (const candidate of [sources.flag, sources.environment]) {
    if (candidate !== undefined && candidate.trim() !== '') return resolve(candidate);
  }
  return join(sources.home, '.pocketmq');
}

export const clusterIniOf = (dataDir: string): string => join(dataDir, 'cluster.ini');

/** Held by the process that brings the cluster of a data directory up. */
export const upLockOf = (dataDir: string): string => join(dataDir, 'up.lock');

export const logFileOf = (dataDir: string, processName: string): string =>
  join(dataDir, 'logs', `${folderNameOf(processName)}.log`);

export const namesrvDirOf = (dataDir: string): string => join(dataDir, 'namesrv');

/** Where a broker keeps its store when no storePathRootDir is configured. */
export function storeDirOf(dataDir: string, broker?: { brokerName: string; brokerId: number }): string {
  if (broker === undefined) return join(dataDir, 'store');
  return join(dataDir, 'stores', `${folderNameOf(broker.brokerName)}-${broker.brokerId}`);
}

export const MAX_LOCAL_BROKERS = 9;

/** broker-a, broker-b, ...: the brokers of a local cluster. */
export const localBrokerName = (index: number): string => `broker-${'abcdefghi'.charAt(index)}`;

/** A name as one path segment on every system; letters of all scripts stay. */
function folderNameOf(name: string): string {
  return name.replace(/[\p{Cc}/\\:*?"<>|%]/gu, encodeURIComponent).replace(/^\.+|[. ]+$/g, encodeDots);
}

function encodeDots(text: string): string {
  return [...text].map((c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).join('');
}

/** PocketError STORE for what the system says about a file of the directory. */
export function unusableDataDir(dataDir: string, what: 'read' | 'written', cause: unknown): PocketError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PocketError('STORE', `the data directory ${dataDir} cannot be ${what}: ${reason}`, { cause });
}
