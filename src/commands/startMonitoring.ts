/**
 * mqadmin startMonitoring: looks at all consumer groups every minute and writes what it finds to RocketMQ's client log; with
 * --rules it looks for what a file says instead, and tells alarms and recoveries by log, webhook or command.
 */

import { homedir } from 'node:os';
import { join } from 'node:path';
import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { UsageFault } from '../cli/faults.ts';
import { type GlobalFlags, OWN } from '../cli/flags.ts';

const MAX_LOG_BYTES = 50 * 1024 * 1024;

export default class StartMonitoring extends BaseCommand {
  static override summary = 'Start Monitoring';
  static override listPosition = 38;
  static override javaClass = 'StartMonitoringSubCommand';
  static override flags = {
    rules: Flags.string({
      helpGroup: OWN,
      description: 'watch for the alarms of this YAML file (see conf/monitor.yaml); state is kept in memory',
    }),
    once: Flags.boolean({
      helpGroup: OWN,
      description: 'with --rules: look once, without waiting; exit 0 no alarm, 1 alarms, 7 not all could be asked',
    }),
    'log-file': Flags.string({
      helpGroup: OWN,
      description: 'without --rules: the log; default: logs/rocketmqlogs/rocketmq_client.log in the home directory',
    }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(StartMonitoring);
    const { rules, once, 'log-file': logFile } = flags;
    if (once && rules === undefined) throw new UsageFault('--once goes with --rules FILE.');
    if (logFile !== undefined && rules !== undefined) throw new UsageFault('--log-file goes without --rules.');
    if (rules === undefined) await this.#asMqadmin(flags, logFile);
    else await this.#byRules(flags, rules, once);
  }

  async #byRules(flags: GlobalFlags, file: string, once: boolean): Promise<void> {
    const { readMonitorRules } = await import('../cli/monitor-rules-file.ts');
    const rules = readMonitorRules(file);
    const { monitorByRules, monitorOnce } = await import('../cli/monitoring.ts');
    const { io } = this;
    const monitoring = { io, rules, output: flags.output };
    await withAdmin({ flags, io }, (admin, over) => (once ? monitorOnce : monitorByRules)(admin, over, monitoring));
  }

  async #asMqadmin(flags: GlobalFlags, file?: string): Promise<void> {
    const [{ LogFile }, { monitorIntoLog }] = await Promise.all([
      import('../core/cluster/log-file.ts'),
      import('../cli/monitoring.ts'),
    ]);
    const { io } = this;
    const path = file ?? join(io.env.HOME ?? homedir(), 'logs', 'rocketmqlogs', 'rocketmq_client.log');
    const log = new LogFile({ path, maxBytes: MAX_LOG_BYTES });
    try {
      await withAdmin({ flags, io }, (admin, over) => monitorIntoLog(admin, over, log, io));
    } finally {
      log.close();
    }
  }
}
