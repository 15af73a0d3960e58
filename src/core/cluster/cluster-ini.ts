/**
 * cluster.ini: which processes of this data directory are alive, so that a command finds them without being told. One
 * section a process: role, pid, processStart, address, name, path, startedAt.
 *
 * The file is replaced as a whole (written beside it, then renamed), under a lock that is held for a few milliseconds, so
 * that processes registering at once lose nothing. Entries of dead processes are never returned and go with the next
 * write. A lock whose holder died is taken over.
 */

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse, stringify } from 'ini';
import { errnoOf, PocketError } from '../common/errors.ts';
import { clusterIniOf } from './data-dir.ts';
import { isAlive, type ProcessIdentity, processStartOf } from './process-identity.ts';

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
const LOCK_RETRY_MS = 5;

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
    throw cannotUse(dataDir, 'read', error);
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
    // One process may hold several services, so the pid alone would not do as a name; a dot would nest the section.
    sections[`${entry.role} ${entry.pid} ${entry.addr.replaceAll('.', '-')}`] = section;
  }
  return `; The live processes of this data directory. Written by PocketMQ.\n${stringify(sections)}`;
}

async function change(dataDir: string, edit: (live: Entry[]) => Entry[]): Promise<void> {
  const path = clusterIniOf(dataDir);
  const unlock = await lock(dataDir);
  try {
    const next = edit(readEntries(dataDir).filter(isAlive));
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, textOf(next));
    renameSync(temporary, path);
  } catch (error) {
    throw error instanceof PocketError ? error : cannotUse(dataDir, 'written', error);
  } finally {
    unlock();
  }
}

let lockCount = 0;

/**
 * Takes cluster.ini.lock and returns what gives it back. The lock is made by linking a file that already names its
 * holder, so there is never a lock without a holder.
 */
async function lock(dataDir: string): Promise<() => void> {
  const path = `${clusterIniOf(dataDir)}.lock`;
  const own = `${path}.${process.pid}.${++lockCount}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(own, `${process.pid} ${processStartOf(process.pid) ?? ''}`);
  } catch (error) {
    throw cannotUse(dataDir, 'written', error);
  }
  const deadline = performance.now() + LOCK_TIMEOUT_MS;
  try {
    for (;;) {
      if (tryLink(own, path)) return () => rmSync(path, { force: true });
      takeOverIfDead(path, own);
      if (performance.now() > deadline) {
        throw new PocketError('TIMEOUT', `${path} is held by process ${holderOf(path)?.pid ?? '(unknown)'}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function tryLink(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    const [pid = '', processStart] = readFileSync(path, 'utf8').split(' ');
    return { pid: Number(pid), processStart };
  } catch {
    return undefined;
  }
}

/** Moves a dead holder's lock away. When it was a living one's after all (somebody was faster), it is put back. */
function takeOverIfDead(path: string, own: string): void {
  const holder = holderOf(path);
  if (holder === undefined || isAlive(holder)) return;
  const moved = `${own}.dead`;
  try {
    renameSync(path, moved);
    const found = holderOf(moved);
    if (found !== undefined && isAlive(found)) linkSync(moved, path);
  } catch {
    // Somebody else took it over: the next attempt sees who.
  } finally {
    rmSync(moved, { force: true });
  }
}

function cannotUse(dataDir: string, what: 'read' | 'written', cause: unknown): PocketError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PocketError('STORE', `the data directory ${dataDir} cannot be ${what}: ${reason}`, { cause });
}
