/**
 * What `mqadmin broker` and the launcher mqbroker do with their options. They differ in the addresses they listen on and
 * tell clients when none is given, and in exit codes (launcher.ts).
 */

import type { BrokerServerOptions } from '../core/cluster/server-config.ts';
import { dataDirOf } from './find-namesrv.ts';
import type { Io } from './io.ts';
import type { BrokerFlags } from './server-flags.ts';
import { argsOf, runServerLine } from './server-line.ts';

export interface BrokerLine {
  readonly io: Io;
  /** Directory of package.json. */
  readonly root: string;
  readonly command: string;
  readonly flags: BrokerFlags;
}

export async function runBrokerLine({ io, root, command, flags }: BrokerLine): Promise<void> {
  const { configFile, port, bind, namesrvAddr, name, force } = flags;
  const dataDir = await dataDirOf(flags, io.env);
  const environment = { namesrvAddr: io.env.NAMESRV_ADDR, rocketmqHome: io.env.ROCKETMQ_HOME };
  const options: BrokerServerOptions = { dataDir, configFile, port, bind, namesrvAddr, name, environment };
  if (flags.printConfigItem || flags.printImportantConfig) {
    io.out(await configItems(options, flags.printConfigItem ? 'all' : 'important'));
    return;
  }
  const { brokerConfigOf } = await import('../core/cluster/server-config.ts');
  const { brokerName } = brokerConfigOf(options).config;
  const onNamesrv = (found: string): void => {
    const line = `The broker[${brokerName}] registers with the name server ${found} of the data directory.\n`;
    if (flags.output !== 'text') return;
    try {
      io.out(line);
    } catch {
      // Nobody reads stdout any more: no reason to stop.
    }
  };
  const onProgress = (line: string): void => {
    try {
      io.err(`${line}\n`);
    } catch {
      // Nobody reads stderr any more: the log has it.
    }
  };
  await runServerLine({
    io,
    root,
    role: 'broker',
    command,
    childArgs: argsOf({ configFile, port, bind, namesrvAddr, name, force }),
    flags,
    dataDir,
    logName: `broker-${brokerName}`,
    preamble: '',
    start: async (logger, signal, onMoved) => {
      const { runBroker } = await import('../core/cluster/server-process.ts');
      return runBroker({ ...options, force, onNamesrv, onMoved, onProgress, logger, signal });
    },
  });
}

async function configItems(options: BrokerServerOptions, which: 'all' | 'important'): Promise<string> {
  const [{ brokerConfigOf }, { brokerConfigItems }] = await Promise.all([
    import('../core/cluster/server-config.ts'),
    import('./output/config-items.ts'),
  ]);
  return brokerConfigItems(brokerConfigOf({ ...options, listing: true }).config, which, Date.now());
}
