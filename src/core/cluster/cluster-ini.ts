/**
 * cluster.ini: which processes of this data directory are alive, so that a command finds them without being told. One
 * section a process: role, pid, processStart, address, name, path, startedAt.
 *
 * The file is replaced as a whole (written beside it, then renamed), under a lock that is held for a few milliseconds, so
 * that processes registering at once lose nothing. Entries of dead processes are never returned and go with the next
 * write.
 */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'ini';
import { errnoOf, PocketError } from '../common/errors.ts';
import { clusterIniOf, unusableDataDir } from './data-dir.ts';
import { takeLock } from './lock-file.ts';
import { isAlive, processStartOf } from './process-identity.ts';

export type ClusterRole = 'namesrv' | 'broker';

export interface ClusterProcess {
  role: ClusterRole;
  pid: number;
  /** ip:port others reach it at. */
  addr: string;
  /** brokerName of a broker. */
  name?: string | undefined;
  /** Folder or file that only one live process of a role may own. */
  path?: string | undefined;
  /** Milliseconds since 1970. */
  startedAt: number;
}

interface Entry extends ClusterProcess {
  processStart: string;
}

const LOCK_TIMEOUT_MS = 5000;

/**
 * Enters a live process. Throws PocketError IN_USE when another live process of that role owns the same path, STORE when
 * the data directory cannot be written.
 */
export async function registerProcess(dataDir: string, entered: ClusterProcess): Promise<void> {
  await change(dataDir, (entries) => {
    const rival = entries.find((e) => e.role === entered.role && e.path !== undefined && e.path === entered.path);
    if (rival !== undefined && rival.pid !== entered.pid) {
      throw new PocketError(
        'IN_USE',
        `the ${rival.role} of process ${rival.pid} (${rival.addr}) uses ${rival.path} already; stop it or use another data directory`,
      );
    }
    const kept = entries.filter((e) => !(e.pid === entered.pid && e.role === entered.role && e.addr === entered.addr));
    return [...kept, { ...entered, processStart: processStartOf(entered.pid) ?? '' }];
  });
}

/** Removes what a process entered: everything, or its entry with that address. */
export async function unregisterProcess(dataDir: string, pid: number, addr?: string): Promise<void> {
  await change(dataDir, (entries) => entries.filter((e) => e.pid !== pid || (addr !== undefined && e.addr !== addr)));
}

/** A process is reached at another address now. */
export async function moveProcess(
  dataDir: string,
  pid: number,
  { from, to }: { from: string; to: string },
): Promise<void> {
  await change(dataDir, (entries) =>
    entries.map((entry) => (entry.pid === pid && entry.addr === from ? { ...entry, addr: to } : entry)),
  );
}

/** The live processes of a data directory, oldest first. A missing directory has none. */
export function listProcesses(dataDir: string): ClusterProcess[] {
  return readEntries(dataDir)
    .filter(isAlive)
    .map(({ processStart: _, ...entry }) => entry);
}

/** The addresses of the live namesrvs of a data directory, `a:9876;b:9876`; undefined when there is none. */
export function findNamesrvAddr(dataDir: string): string | undefined {
  const addrs = listProcesses(dataDir)
    .filter((entry) => entry.role === 'namesrv')
    .map((entry) => entry.addr);
  return addrs.length === 0 ? undefined : addrs.join(';');
}

function readEntries(dataDir: string): Entry[] {
  let text: string;
  try {
    text = readFileSync(clusterIniOf(dataDir), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw unusableDataDir(dataDir, 'read', error);
  }
  const entries: Entry[] = [];
  for (const section of Object.values(parse(text))) {
    const entry = entryOf(section);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** A section as an entry; undefined for anything else that somebody wrote into the file. */
function entryOf(section: unknown): Entry | undefined {
  if (typeof section !== 'object' || section === null) return undefined;
  const values = new Map(Object.entries(section).map(([key, value]) => [key, String(value)]));
  const role = values.get('role');
  const pid = Number(values.get('pid'));
  const addr = values.get('address');
  if ((role !== 'namesrv' && role !== 'broker') || !Number.isSafeInteger(pid) || addr === undefined) return undefined;
  return {
    role,
    pid,
    addr,
    name: values.get('name'),
    path: values.get('path'),
    startedAt: Date.parse(values.get('startedAt') ?? '') || 0,
    processStart: values.get('processStart') ?? '',
  };
}

function textOf(entries: readonly Entry[]): string {
  const sections: Record<string, Record<string, string>> = {};
  for (const entry of entries) {
    const section: Record<string, string> = { role: entry.role, pid: String(entry.pid), address: entry.addr };
    if (entry.name !== undefined) section.name = entry.name;
    if (entry.path !== undefined) section.path = entry.path;
    section.startedAt = new Date(entry.startedAt).toISOString();
    section.processStart = entry.processStart;
    // One process may hold several services, so the pid alone would not do as a name; a dot would nest the section, the
    // bracket of an IPv6 address end it.
    sections[`${entry.role} ${entry.pid} ${entry.addr.replaceAll(/[^\w:]/g, '-')}`] = section;
  }
  return `; The live processes of this data directory. Written by PocketMQ.\n${stringify(sections)}`;
}

async function change(dataDir: string, edit: (live: Entry[]) => Entry[]): Promise<void> {
  const path = clusterIniOf(dataDir);
  const temporary = `${path}.${process.pid}.tmp`;
  const unlock = await lock(dataDir);
  try {
    const next = edit(readEntries(dataDir).filter(isAlive));
    writeFileSync(temporary, textOf(next));
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error instanceof PocketError ? error : unusableDataDir(dataDir, 'written', error);
  } finally {
    unlock();
  }
}

/** Takes cluster.ini.lock for the moment of a change. */
async function lock(dataDir: string): Promise<() => void> {
  try {
    return await takeLock(`${clusterIniOf(dataDir)}.lock`, { timeoutMs: LOCK_TIMEOUT_MS });
  } catch (error) {
    throw error instanceof PocketError ? error : unusableDataDir(dataDir, 'written', error);
  }
}
