/**
 * What bin/mqshutdown runs: SIGTERM to every broker, or to the name server, of the data directory, with the lines and exit
 * codes of RocketMQ's script. Like that one it does not wait until they are gone (mqadmin shutdown does).
 */

import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { ExitCode } from '../cli/exit-codes.ts';
import { StdoutFault } from '../cli/faults.ts';
import { dataDirOf } from '../cli/find-namesrv.ts';
import { asLauncher } from '../cli/launcher.ts';

export default class Mqshutdown extends BaseCommand {
  static override summary = 'End local servers, as bin/mqshutdown does';
  static override hidden = true;
  static override program = 'mqshutdown';
  static override takesNamesrv = false;
  static override operands = 'broker | namesrv';
  static override args = { role: Args.string() };

  override run(): Promise<void> {
    return asLauncher(Mqshutdown, this.io, () => this.#shutdown());
  }

  async #shutdown(): Promise<void> {
    const { flags, args } = await this.parse(Mqshutdown);
    const role = (['broker', 'namesrv'] as const).find((known) => known === args.role);
    // The spelling is RocketMQ's.
    if (role === undefined) return this.io.out('Useage: mqshutdown broker | namesrv\n');
    const { terminateProcesses } = await import('../core/cluster/daemon.ts');
    const ended = terminateProcesses(await dataDirOf(flags, this.io.env), role);
    if (ended.length === 0) throw new StdoutFault(`No mq${role} running.\n`, ExitCode.LAUNCH_FAILED);
    const pids = ended.map(({ pid }) => pid).join('\n');
    this.io.out(`The mq${role}(${pids}) is running...\nSend shutdown request to mq${role}(${pids}) OK\n`);
  }
}
