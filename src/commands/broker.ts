/**
 * mqadmin broker: a broker in the foreground, as mqbroker starts one. It registers with the name servers of -n, else of the
 * file, else of NAMESRV_ADDR, else with the local cluster's.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { dataDirOf } from '../cli/find-namesrv.ts';
import { serverFlags } from '../cli/server-flags.ts';

export default class BrokerCommand extends BaseCommand {
  static override summary = 'Run a broker in the foreground';
  static override flags = {
    configFile: Flags.string({ char: 'c', description: 'Broker config properties file' }),
    ...serverFlags,
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(BrokerCommand);
    const { configFile, port, bind, namesrvAddr } = flags;
    const { io } = this;
    const [{ serve }, { logFileOf }, { runBroker }, { brokerConfigOf }] = await Promise.all([
      import('../cli/serve.ts'),
      import('../core/cluster/data-dir.ts'),
      import('../core/cluster/server-process.ts'),
      import('../core/cluster/server-config.ts'),
    ]);
    const dataDir = await dataDirOf(flags, io.env);
    const environment = { namesrvAddr: io.env.NAMESRV_ADDR, rocketmqHome: io.env.ROCKETMQ_HOME };
    const options = { dataDir, configFile, port, bind, namesrvAddr, environment };
    await serve({
      io,
      logFile: logFileOf(dataDir, `broker-${brokerConfigOf(options).config.brokerName}`),
      start: (logger) => runBroker({ ...options, logger }),
      started: async (server) => {
        const { addr, name, namesrvAddr: registered, bootLine } = server;
        const result = { role: 'broker', name, addr, namesrvAddr: registered, pid: process.pid, dataDir };
        await this.print(flags, result, () => `${bootLine}\n`);
      },
    });
  }
}
