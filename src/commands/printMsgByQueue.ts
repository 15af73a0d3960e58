/**
 * mqadmin printMsgByQueue: the messages of one queue (-p true), or how many there are of each tag (-f true), or both. Reading
 * ends at the first pull that brings no message.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { javaBoolean, wholeNumber } from '../cli/flags.ts';
import { charsetOf, MessagePrinter, printFlags, windowOf } from '../cli/print-messages.ts';

export default class PrintMsgByQueue extends BaseCommand {
  static override summary = 'Print Message Detail';
  static override listPosition = 17;
  static override javaClass = 'PrintMessageByQueueCommand';
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    brokerName: Flags.string({ char: 'a', required: true, helpLabel: 'brokerName ', description: 'broker name' }),
    queueId: wholeNumber({ char: 'i', required: true, helpLabel: 'queueId ', description: 'queue id' }),
    ...printFlags,
    'print msg': javaBoolean({ char: 'p', description: 'print msg. eg: true | false(default)' }),
    printBody: javaBoolean({
      char: 'd',
      helpLabel: 'printBody ',
      description: 'print body. eg: true | false(default)',
    }),
    calculate: javaBoolean({ char: 'f', description: 'calculate by tag. eg: true | false(default)' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(PrintMsgByQueue);
    const { topic, brokerName, queueId, printBody = false } = flags;
    const options = { ...windowOf(flags), subExpression: flags.subExpression };
    const printer = new MessagePrinter({ io: this.io, flags, printBody, charset: charsetOf(flags) });
    const { printQueue, TagCounter } = await import('../core/client/admin/print-messages.ts');
    await printer.runQueue((admin) => printQueue(admin, { topic, brokerName, queueId }, options), {
      messages: flags['print msg'] ?? false,
      tags: flags.calculate ? new TagCounter() : undefined,
    });
  }
}
