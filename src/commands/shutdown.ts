/**
 * mqadmin shutdown: stops what runs in the data directory and waits until it has flushed its store and is gone.
 */

import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { UsageFault } from '../cli/faults.ts';
import { dataDirOf } from '../cli/find-namesrv.ts';
import { renderStopped } from '../cli/output/stopped.ts';
import type { ClusterProcess } from '../core/cluster/cluster-ini.ts';
import { PocketError } from '../core/common/errors.ts';

/** A broker with much in memory and a slow disk needs its time. */
const TIMEOUT_MS = 60_000;
const ROLES = ['broker', 'namesrv', 'all'] as const;

export default class Shutdown extends BaseCommand {
  static override summary = 'Stop the local broker, name server or both, and wait';
  static override takesNamesrv = false;
  static override operands = 'broker | namesrv | all';
  static override args = { role: Args.string() };

  override async run(): Promise<ClusterProcess[]> {
    const { flags, args } = await this.parse(Shutdown);
    const role = ROLES.find((known) => known === args.role);
    if (role === undefined) throw new UsageFault('Say what to stop: broker, namesrv or all.');
    const { stopProcesses } = await import('../core/cluster/daemon.ts');
    const dataDir = await dataDirOf(flags, this.io.env);
    const stopped = await stopProcesses(dataDir, role, { timeoutMs: TIMEOUT_MS });
    if (stopped.length === 0) {
      const what = role === 'all' ? 'Nothing' : `No ${role}`;
      throw new PocketError('NOT_FOUND', `${what} runs in ${dataDir}; --data-dir names another directory.`);
    }
    await this.print(flags, stopped, renderStopped);
    return stopped;
  }
}
