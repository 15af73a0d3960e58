/**
 * Which process holds a TCP port? On Linux /proc tells, for the processes this user may look into: /proc/net/tcp and tcp6
 * name the listening socket's inode, /proc/PID/fd who has it open.
 */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface PortHolder {
  pid: number;
  /** The command line, arguments separated by blanks, at most 200 characters. */
  command: string;
}

const LISTEN_STATE = '0A';
const COMMAND_LENGTH = 200;

/** undefined: nobody listens, or the system does not tell. */
export function whoListens(port: number): PortHolder | undefined {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return undefined;
  for (const name of list('/proc')) {
    const pid = Number(name);
    if (!Number.isSafeInteger(pid) || pid <= 0) continue;
    for (const fd of list(`/proc/${pid}/fd`)) {
      if (inodes.has(target(`/proc/${pid}/fd/${fd}`))) return { pid, command: commandOf(pid) };
    }
  }
  return undefined;
}

/** `socket:[INODE]` of every socket that listens on the port, on whatever address. */
function listeningInodes(port: number): Set<string> {
  const inodes = new Set<string>();
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of read(table).split('\n').slice(1)) {
      // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(suffix) === true && fields[3] === LISTEN_STATE) inodes.add(`socket:[${fields[9]}]`);
    }
  }
  return inodes;
}

function commandOf(pid: number): string {
  const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  return command.length > COMMAND_LENGTH ? `${command.slice(0, COMMAND_LENGTH)}…` : command;
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function target(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
