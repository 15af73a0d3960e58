/**
 * What bin/tools.sh runs: RocketMQ's example programs by the name of their class. Here are the two of the quickstart page.
 */

import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { CliFault, UsageFault } from '../cli/faults.ts';
import { findNamesrvAddrs } from '../cli/find-namesrv.ts';
import { watchInterrupts } from '../cli/interrupt.ts';

const PACKAGE = 'org.apache.rocketmq.example.quickstart';

export default class Tools extends BaseCommand {
  static override summary = "Run an example program of RocketMQ's, as bin/tools.sh does";
  static override hidden = true;
  static override program = 'tools.sh';
  static override operands = 'CLASS';
  static override args = { className: Args.string() };

  override async run(): Promise<void> {
    const { flags, args } = await this.parse(Tools);
    const { io } = this;
    const className = args.className as string | undefined;
    if (className === undefined) throw new UsageFault(`Name a program: ${PACKAGE}.Producer or ${PACKAGE}.Consumer.`);
    const examples = await import('../cli/quickstart/example-programs.ts');
    const program = new Map([
      [`${PACKAGE}.Producer`, examples.runProducer],
      [`${PACKAGE}.Consumer`, examples.runConsumer],
    ]).get(className);
    if (program === undefined) {
      throw new CliFault(`Could not find main class ${className}: there are ${PACKAGE}.Producer and .Consumer.`, 1);
    }
    const namesrvAddrs = await findNamesrvAddrs(flags, io.env);
    const watch = watchInterrupts();
    try {
      await program({ namesrvAddrs, io, watch });
    } finally {
      watch.dispose();
    }
  }
}
