/**
 * mqadmin down: stops every server of the data directory, waits until they are gone, and deletes the directory when it is an
 * ephemeral one. A cluster that is being started is waited for. Nothing to stop is no failure, so that a script may end with it.
 */

import { BaseCommand } from '../cli/base-command.ts';
import { ValueFault } from '../cli/faults.ts';
import { dataDirOf } from '../cli/find-namesrv.ts';
import { renderStopped } from '../cli/output/stopped.ts';
import type { ClusterProcess } from '../core/cluster/cluster-ini.ts';

const TIMEOUT_MS = 60_000;

export default class Down extends BaseCommand {
  static override summary = 'Stop the local cluster and wait until it is gone';
  static override takesNamesrv = false;

  override async run(): Promise<ClusterProcess[]> {
    const { flags } = await this.parse(Down);
    const [{ untilNotComingUp }, { stopProcesses }, { isEphemeral, removeEphemeral }] = await Promise.all([
      import('../core/cluster/up-lock.ts'),
      import('../core/cluster/daemon.ts'),
      import('../core/cluster/ephemeral.ts'),
    ]);
    const dataDir = await this.#meant(await dataDirOf(flags, this.io.env));
    await untilNotComingUp(dataDir, TIMEOUT_MS);
    const stopped = await stopProcesses(dataDir, 'all', { timeoutMs: TIMEOUT_MS });
    if (stopped.length === 0) this.io.err(`Nothing runs in ${dataDir}.\n`);
    if (isEphemeral(dataDir)) removeEphemeral(dataDir);
    await this.print(flags, stopped, renderStopped);
    return stopped;
  }

  /** The directory itself, or its one ephemeral cluster when nothing runs in it. */
  async #meant(dataDir: string): Promise<string> {
    const [{ listProcesses }, { ephemeralDirs }] = await Promise.all([
      import('../core/cluster/cluster-ini.ts'),
      import('../core/cluster/ephemeral.ts'),
    ]);
    const others = ephemeralDirs(dataDir);
    if (others.length === 0 || listProcesses(dataDir).length > 0) return dataDir;
    if (others.length > 1) throw new ValueFault(`Say which with --data-dir: ${others.join(', ')}.`);
    return others[0] ?? dataDir;
  }
}
