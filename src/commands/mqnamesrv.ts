/**
 * What bin/mqnamesrv runs: a name server as RocketMQ's launcher starts one, on all addresses, with its exit codes.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { asLauncher } from '../cli/launcher.ts';
import { runNamesrvLine } from '../cli/namesrv-line.ts';
import { serverFlags } from '../cli/server-flags.ts';

export default class Mqnamesrv extends BaseCommand {
  static override summary = 'Run a name server for the network, as bin/mqnamesrv does';
  static override hidden = true;
  static override program = 'mqnamesrv';
  static override usesCluster = false;
  static override flags = {
    configFile: Flags.string({ char: 'c', description: 'Name server config properties file' }),
    printConfigItem: Flags.boolean({ char: 'p', description: 'Print all config items' }),
    ...serverFlags,
  };

  override run(): Promise<void> {
    return asLauncher(Mqnamesrv, this.io, async () => {
      const { flags } = await this.parse(Mqnamesrv);
      const { everyAddress } = await import('../core/cluster/own-address.ts');
      const { bind = everyAddress() } = flags;
      await runNamesrvLine({
        io: this.io,
        root: this.config.root,
        command: 'mqnamesrv',
        flags: { ...flags, bind },
      });
    });
  }
}
