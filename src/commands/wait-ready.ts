/**
 * mqadmin wait-ready: waits until a message goes through every broker of the cluster, and through as many as asked for.
 * Any cluster with -n; without, the local one, also when it has yet to be started.
 */

import { BaseCommand } from '../cli/base-command.ts';
import { ExitCode } from '../cli/exit-codes.ts';
import { CliFault, ValueFault } from '../cli/faults.ts';
import { dataDirOf, givenNamesrvAddrs, parseNamesrvAddrs } from '../cli/find-namesrv.ts';
import { wholeNumber } from '../cli/flags.ts';
import { watchInterrupts } from '../cli/interrupt.ts';
import type { ReadyBroker } from '../core/cluster/ready.ts';
import { PocketError } from '../core/common/errors.ts';

const TIMEOUT_SECONDS = 30;
const MS = 1000;

export default class WaitReady extends BaseCommand {
  static override summary = 'Wait until the cluster takes and gives back messages';
  static override flags = {
    timeout: wholeNumber({ description: 'seconds to wait at most; default 30' }),
    brokers: wholeNumber({ description: 'brokers that must be there; default 1' }),
  };

  override async run(): Promise<ReadyBroker[]> {
    const { flags } = await this.parse(WaitReady);
    const { timeout = TIMEOUT_SECONDS, brokers = 1 } = flags;
    if (timeout < 0) throw new ValueFault(`--timeout is a number of seconds from 0, not ${timeout}.`);
    const given = givenNamesrvAddrs(flags, this.io.env);
    const dataDir = await dataDirOf(flags, this.io.env);
    const [{ untilReady }, { findNamesrvAddr }] = await Promise.all([
      import('../core/cluster/ready.ts'),
      import('../core/cluster/cluster-ini.ts'),
    ]);
    const namesrvAddrs = (): string[] | undefined => {
      if (given !== undefined) return given;
      const local = findNamesrvAddr(dataDir);
      return local === undefined ? undefined : parseNamesrvAddrs(local);
    };
    const watch = watchInterrupts();
    const over = new AbortController();
    try {
      const waiting = untilReady({ namesrvAddrs, brokers, timeoutMs: timeout * MS, signal: over.signal });
      const ready = await Promise.race([waiting, watch.interrupted]);
      await this.print(flags, ready, (same) => same.map(({ name, addr }) => `${name} at ${addr} is ready.\n`).join(''));
      return ready;
    } catch (error) {
      if (!(error instanceof PocketError) || error.code !== 'TIMEOUT') throw error;
      throw new CliFault(`${error.message}; 'mqadmin status' shows the local servers.`, ExitCode.TIMED_OUT);
    } finally {
      over.abort();
      watch.dispose();
    }
  }
}
