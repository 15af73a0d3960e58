/**
 * mqadmin broker: a broker for this machine, in the foreground or with -d in the background. It registers with the name
 * servers of -n, else of the file, else of NAMESRV_ADDR, else with the local cluster's, also when that one starts later.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { runBrokerLine } from '../cli/broker-line.ts';
import { brokerFlags, serverFlags } from '../cli/server-flags.ts';

export default class BrokerCommand extends BaseCommand {
  static override summary = 'Run a broker; with -d in the background';
  static override usesCluster = false;
  static override flags = {
    configFile: Flags.string({ char: 'c', description: 'Broker config properties file' }),
    printImportantConfig: Flags.boolean({ char: 'm', description: 'Print important config item' }),
    printConfigItem: Flags.boolean({ char: 'p', description: 'Print all config item' }),
    ...serverFlags,
    ...brokerFlags,
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(BrokerCommand);
    await runBrokerLine({ io: this.io, root: this.config.root, command: 'broker', flags });
  }
}
