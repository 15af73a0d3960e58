/**
 * What bin/mqbroker runs: a broker as RocketMQ's launcher starts one, on all addresses, telling clients the first address of
 * this machine that is not loopback (or brokerIP1), with its exit codes.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { runBrokerLine } from '../cli/broker-line.ts';
import { asLauncher } from '../cli/launcher.ts';
import { brokerFlags, serverFlags } from '../cli/server-flags.ts';

export default class Mqbroker extends BaseCommand {
  static override summary = 'Run a broker for the network, as bin/mqbroker does';
  static override hidden = true;
  static override program = 'mqbroker';
  static override usesCluster = false;
  static override flags = {
    configFile: Flags.string({ char: 'c', description: 'Broker config properties file' }),
    printImportantConfig: Flags.boolean({ char: 'm', description: 'Print important config item' }),
    printConfigItem: Flags.boolean({ char: 'p', description: 'Print all config item' }),
    ...serverFlags,
    ...brokerFlags,
  };

  override run(): Promise<void> {
    return asLauncher(Mqbroker, this.io, async () => {
      const { flags } = await this.parse(Mqbroker);
      const { everyAddress } = await import('../core/cluster/own-address.ts');
      const { bind = everyAddress() } = flags;
      await runBrokerLine({ io: this.io, root: this.config.root, command: 'mqbroker', flags: { ...flags, bind } });
    });
  }
}
