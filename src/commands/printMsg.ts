/**
 * mqadmin printMsg: every message of a topic, queue by queue, or those of a time window and of some tags. A queue that cannot
 * be read is named at the end; json and yaml hold the messages and where each queue began and ended.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { javaBoolean } from '../cli/flags.ts';
import { charsetOf, MessagePrinter, printFlags, windowOf } from '../cli/print-messages.ts';

export default class PrintMsg extends BaseCommand {
  static override summary = 'Print Message Detail';
  static override listPosition = 16;
  static override javaClass = 'PrintMessageSubCommand';
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    ...printFlags,
    printBody: javaBoolean({ char: 'd', helpLabel: 'printBody ', description: 'print body' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(PrintMsg);
    const { topic, printBody = true } = flags;
    const options = { ...windowOf(flags), subExpression: flags.subExpression };
    const printer = new MessagePrinter({ io: this.io, flags, printBody, charset: charsetOf(flags) });
    const { printTopic } = await import('../core/client/admin/print-messages.ts');
    await printer.run((admin) => printTopic(admin, topic, options));
  }
}
