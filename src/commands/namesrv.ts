/**
 * mqadmin namesrv: a name server for this machine, in the foreground or with -d in the background.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { runNamesrvLine } from '../cli/namesrv-line.ts';
import { serverFlags } from '../cli/server-flags.ts';

export default class NamesrvCommand extends BaseCommand {
  static override summary = 'Run a name server; with -d in the background';
  static override usesCluster = false;
  static override flags = {
    configFile: Flags.string({ char: 'c', description: 'Name server config properties file' }),
    printConfigItem: Flags.boolean({ char: 'p', description: 'Print all config items' }),
    ...serverFlags,
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(NamesrvCommand);
    await runNamesrvLine({ io: this.io, root: this.config.root, command: 'namesrv', flags });
  }
}
