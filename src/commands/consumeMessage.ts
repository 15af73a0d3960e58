/**
 * mqadmin consumeMessage: pulls what a topic or one queue holds, prints it and ends; stores no offset. Wrong combinations
 * of options print mqadmin's sentence on stdout, without a line end.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { StdoutFault } from '../cli/faults.ts';
import { wholeNumber } from '../cli/flags.ts';
import { renderConsumeEvent } from '../cli/output/consume-message.ts';
import { failOnQueues } from '../cli/queue-failures.ts';
import { parseTimeValue } from '../cli/time-value.ts';
import type { ConsumeEvent, ConsumeMessageOptions } from '../core/client/admin/message-admin.ts';

export default class ConsumeMessage extends BaseCommand {
  static override summary = 'Consume message';
  static override listPosition = 49;
  static override javaClass = 'ConsumeMessageCommand';
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'Topic name' }),
    brokerName: Flags.string({ char: 'b', description: 'Broker name' }),
    queueId: wholeNumber({ char: 'i', description: 'Queue Id' }),
    offset: wholeNumber({ char: 'o', description: 'Queue offset' }),
    consumerGroup: Flags.string({ char: 'g', description: 'Consumer group name' }),
    MessageNumber: wholeNumber({ char: 'c', description: 'Number of message to be consumed' }),
    beginTimestamp: Flags.string({
      char: 's',
      helpLabel: 'beginTimestamp ',
      description: 'Begin timestamp[currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]',
    }),
    endTimestamp: Flags.string({
      char: 'e',
      helpLabel: 'endTimestamp ',
      description: 'End timestamp[currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]',
    }),
  };

  override async run(): Promise<ConsumeEvent[]> {
    const { flags } = await this.parse(ConsumeMessage);
    const { MessageNumber: messageNumber, beginTimestamp, endTimestamp, ...rest } = flags;
    const options: ConsumeMessageOptions = {
      ...rest,
      messageNumber,
      beginTimestamp: beginTimestamp === undefined ? undefined : parseTimeValue(beginTimestamp, '-s'),
      endTimestamp: endTimestamp === undefined ? undefined : parseTimeValue(endTimestamp, '-e'),
    };
    checkCombination(options, Date.now());
    const { consumeMessage } = await import('../core/client/admin/message-admin.ts');
    const events: ConsumeEvent[] = [];
    await withAdmin({ flags, io: this.io }, async (admin) => {
      for await (const event of consumeMessage(admin, options)) {
        if (flags.output !== 'text' || event.kind === 'failed') events.push(event);
        else this.io.out(renderConsumeEvent(event));
      }
    });
    if (flags.output !== 'text') await this.print(flags, documentOf(events), () => '');
    failOnQueues(events.flatMap((event) => (event.kind === 'failed' ? [event] : [])));
    return events;
  }
}

/** mqadmin's rules in mqadmin's order. */
function checkCombination(options: ConsumeMessageOptions, now: number): void {
  const { brokerName, queueId, offset, messageNumber, beginTimestamp = 0, endTimestamp } = options;
  if (queueId !== undefined && brokerName === undefined)
    throw new StdoutFault('Please set the brokerName before queueId!');
  if (offset !== undefined && queueId === undefined) throw new StdoutFault('Please set queueId before offset!');
  if (messageNumber !== undefined && messageNumber <= 0)
    throw new StdoutFault('Please input a positive messageNumber!');
  if (beginTimestamp > now) throw new StdoutFault('Please set the beginTimestamp before now!');
  if (endTimestamp === undefined) return;
  if (endTimestamp > now) throw new StdoutFault('Please set the endTimestamp before now!');
  if (beginTimestamp > endTimestamp) {
    throw new StdoutFault('Please make sure that the beginTimestamp is less than or equal to the endTimestamp');
  }
}

/** For json and yaml: the messages, and how the reading of each queue ended. */
function documentOf(events: readonly ConsumeEvent[]): object {
  return {
    messages: events.flatMap((event) => (event.kind === 'batch' ? event.messages : [])),
    queues: events.flatMap((event) => (event.kind === 'batch' ? [] : [event])),
  };
}
