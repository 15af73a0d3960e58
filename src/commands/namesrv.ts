/**
 * mqadmin namesrv: a name server in the foreground, as mqnamesrv starts one.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { dataDirOf } from '../cli/find-namesrv.ts';
import { serverFlags } from '../cli/server-flags.ts';

export default class NamesrvCommand extends BaseCommand {
  static override summary = 'Run a name server in the foreground';
  static override flags = {
    configFile: Flags.string({ char: 'c', description: 'Name server config properties file' }),
    ...serverFlags,
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(NamesrvCommand);
    const { configFile, port, bind } = flags;
    const { io } = this;
    const [{ serve }, { logFileOf }, { runNamesrv }] = await Promise.all([
      import('../cli/serve.ts'),
      import('../core/cluster/data-dir.ts'),
      import('../core/cluster/server-process.ts'),
    ]);
    const dataDir = await dataDirOf(flags, io.env);
    await serve({
      io,
      logFile: logFileOf(dataDir, 'namesrv'),
      start: (logger) =>
        runNamesrv({ dataDir, configFile, port, bind, environment: { rocketmqHome: io.env.ROCKETMQ_HOME }, logger }),
      started: async ({ addr, bootLine }) => {
        const loaded = configFile === undefined ? '' : `load config properties file OK, ${configFile}\n`;
        const result = { role: 'namesrv', addr, pid: process.pid, dataDir };
        await this.print(flags, result, () => `${loaded}${bootLine}\n`);
      },
    });
  }
}
