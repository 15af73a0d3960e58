/**
 * mqadmin up: a name server and brokers in the background; done once a message goes through each broker. What it prints on
 * stdout is a shell script (`eval "$(mqadmin up)"`): the addresses as comments, then the variables.
 */

import { join } from 'node:path';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { ValueFault } from '../cli/faults.ts';
import { dataDirOf } from '../cli/find-namesrv.ts';
import { wholeNumber } from '../cli/flags.ts';
import { watchInterrupts } from '../cli/interrupt.ts';
import { renderUp, type UpResult } from '../cli/output/up.ts';
import { serverFlags } from '../cli/server-flags.ts';

const MOST_BROKERS = 9;
const TIMEOUT_SECONDS = 30;

export default class Up extends BaseCommand {
  static override summary = 'Start the local cluster and wait until it is ready';
  static override takesNamesrv = false;
  static override flags = {
    brokers: wholeNumber({ description: 'brokers that shall run, 1 to 9; default 1' }),
    port: serverFlags.port,
    ephemeral: Flags.boolean({ description: "keep everything in a temporary directory that 'mqadmin down' deletes" }),
    timeout: wholeNumber({ description: 'seconds until it must be ready; default 30' }),
  };

  override async run(): Promise<UpResult> {
    const { flags } = await this.parse(Up);
    const { brokers = 1, timeout = TIMEOUT_SECONDS, port, ephemeral } = flags;
    if (!(brokers >= 1 && brokers <= MOST_BROKERS)) {
      throw new ValueFault(`--brokers is a number from 1 to ${MOST_BROKERS}, not ${brokers}.`);
    }
    if (timeout < 1) throw new ValueFault(`--timeout is a number of seconds from 1, not ${timeout}.`);
    const [{ bringUp }, { makeEphemeral, removeEphemeral }] = await Promise.all([
      import('../core/cluster/cluster-up.ts'),
      import('../core/cluster/ephemeral.ts'),
    ]);
    const chosen = await dataDirOf(flags, this.io.env);
    const watch = watchInterrupts();
    const over = new AbortController();
    watch.interrupted.catch(() => over.abort());
    const dataDir = ephemeral ? makeEphemeral(chosen) : chosen;
    const begun = performance.now();
    try {
      const entry = join(this.config.root, 'bin', 'run.cjs');
      const options = { dataDir, brokers, port, elsewhere: ephemeral, entry, timeoutMs: timeout * 1000 };
      const up = await bringUp({ ...options, signal: over.signal });
      if (port !== undefined && port !== 0 && !up.namesrvAddr.endsWith(`:${port}`)) {
        this.io.err(`--port has no effect: the name server runs at ${up.namesrvAddr} already.\n`);
      }
      const millis = Math.round(performance.now() - begun);
      const elsewhere = flags['data-dir'] !== undefined;
      const result: UpResult = {
        namesrvAddr: up.namesrvAddr,
        namesrv: { addr: up.namesrv.addr, pid: up.namesrv.pid },
        brokers: up.brokers.map(({ name = '', addr, pid }) => ({ name, addr, pid })),
        dataDir,
        ephemeral,
        millis,
      };
      if (flags.output === 'json') this.io.out(`${JSON.stringify(result)}\n`);
      else await this.print(flags, result, (same) => renderUp(same, elsewhere));
      return result;
    } catch (error) {
      if (ephemeral) removeEphemeral(dataDir);
      if (over.signal.aborted) await watch.interrupted;
      throw error;
    } finally {
      watch.dispose();
    }
  }
}
