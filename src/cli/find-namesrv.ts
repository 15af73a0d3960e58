/**
 * Which name servers a command asks: `-n`, else NAMESRV_ADDR, else the local cluster of the data directory. The data
 * directory is looked at only when neither names one.
 */

import { PocketError } from '../core/common/errors.ts';
import { ValueFault } from './faults.ts';
import type { GlobalFlags } from './flags.ts';
import type { Io } from './io.ts';

/** Addresses `host:port`; never empty. Throws ValueFault for an illegal list, PocketError NO_NAMESRV where there is none. */
export async function findNamesrvAddrs(flags: GlobalFlags, env: Io['env']): Promise<string[]> {
  const given = givenNamesrvAddrs(flags, env) ?? (await localNamesrvAddrs(flags, env));
  if (given === undefined) throw new PocketError('NO_NAMESRV', 'no name server is known');
  return given;
}

/** As findNamesrvAddrs, for commands that can do without: empty where none is named, the data directory is not looked at. */
export function givenNamesrvAddrs(flags: Pick<GlobalFlags, 'namesrvAddr'>, env: Io['env']): string[] | undefined {
  const text = flags.namesrvAddr ?? env.NAMESRV_ADDR;
  return text === undefined || text.trim() === '' ? undefined : parseNamesrvAddrs(text);
}

/** `a:9876;b:9876` */
export function parseNamesrvAddrs(text: string): string[] {
  const addrs = text
    .split(';')
    .map((addr) => addr.trim())
    .filter((addr) => addr !== '');
  for (const addr of addrs) {
    const port = Number(/:(\d{1,5})$/.exec(addr)?.[1]);
    if (!(port >= 1 && port <= 65535)) {
      throw new ValueFault(
        `The name server address "${addr}" is illegal; it reads host:port, several are joined by ;.`,
      );
    }
  }
  if (addrs.length === 0) throw new ValueFault('The name server address list is empty.');
  return addrs;
}

async function localNamesrvAddrs(flags: GlobalFlags, env: Io['env']): Promise<string[] | undefined> {
  const { findNamesrvAddr } = await import('../core/cluster/cluster-ini.ts');
  const addrs = findNamesrvAddr(await dataDirOf(flags, env));
  return addrs === undefined ? undefined : parseNamesrvAddrs(addrs);
}

/** The data directory: `--data-dir`, else POCKETMQ_DATA_DIR, else `.pocketmq` in the home directory. */
export async function dataDirOf(flags: Pick<GlobalFlags, 'data-dir'>, env: Io['env']): Promise<string> {
  const { resolveDataDir } = await import('../core/cluster/data-dir.ts');
  const { homedir } = await import('node:os');
  return resolveDataDir({ flag: flags['data-dir'], environment: env.POCKETMQ_DATA_DIR, home: homedir() });
}
