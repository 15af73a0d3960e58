/**
 * What `mqadmin namesrv` and the launcher mqnamesrv do with their options. They differ in the address they listen on when
 * none is given, and in exit codes (launcher.ts).
 */

import { dataDirOf } from './find-namesrv.ts';
import type { Io } from './io.ts';
import type { ServerFlags } from './server-flags.ts';
import { argsOf, runServerLine } from './server-line.ts';

export interface NamesrvLine {
  readonly io: Io;
  /** Directory of package.json. */
  readonly root: string;
  readonly command: string;
  readonly flags: ServerFlags;
}

export async function runNamesrvLine({ io, root, command, flags }: NamesrvLine): Promise<void> {
  const { configFile, port, bind } = flags;
  const dataDir = await dataDirOf(flags, io.env);
  const options = { dataDir, configFile, port, bind, environment: { rocketmqHome: io.env.ROCKETMQ_HOME } };
  const preamble = configFile === undefined ? '' : `load config properties file OK, ${configFile}\n`;
  if (flags.printConfigItem) {
    const [{ namesrvConfigOf }, { namesrvConfigItems }] = await Promise.all([
      import('../core/cluster/server-config.ts'),
      import('./output/config-items.ts'),
    ]);
    io.out(preamble + namesrvConfigItems(namesrvConfigOf({ ...options, listing: true }).config, Date.now()));
    return;
  }
  await runServerLine({
    io,
    root,
    role: 'namesrv',
    command,
    childArgs: argsOf({ configFile, port, bind }),
    flags,
    dataDir,
    logName: 'namesrv',
    preamble,
    start: async (logger) => (await import('../core/cluster/server-process.ts')).runNamesrv({ ...options, logger }),
  });
}
