/**
 * mqadmin quickstart: a name server and a broker as processes of their own, a topic, 1,000 messages in and out, the listings,
 * and everything gone again; with --keep the cluster stays.
 */

import { join } from 'node:path';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { watchInterrupts } from '../cli/interrupt.ts';
import type { QuickstartResult } from '../cli/quickstart/quickstart-run.ts';

export default class Quickstart extends BaseCommand {
  static override summary = 'Start a cluster, pass 1,000 messages through it, stop it';
  static override takesNamesrv = false;
  static override flags = {
    keep: Flags.boolean({ description: 'leave the cluster running' }),
  };

  override async run(): Promise<QuickstartResult> {
    const { flags } = await this.parse(Quickstart);
    const { io } = this;
    const [{ runQuickstart }, { QuickstartReport }, { Chalk }] = await Promise.all([
      import('../cli/quickstart/quickstart-run.ts'),
      import('../cli/quickstart/quickstart-report.ts'),
      import('chalk'),
    ]);
    const quiet = flags.output !== 'text';
    const { bold } = new Chalk({ level: this.colored(flags) ? 1 : 0 });
    const report = new QuickstartReport({ io, quiet, bold });
    const watch = watchInterrupts();
    try {
      const entry = join(this.config.root, 'bin', 'run.cjs');
      const result = await runQuickstart({ dataDir: flags['data-dir'], keep: flags.keep, entry, report, watch });
      if (quiet) await this.print(flags, result, () => '');
      else await report.summary(result);
      return result;
    } finally {
      report.end();
      watch.dispose();
    }
  }
}
