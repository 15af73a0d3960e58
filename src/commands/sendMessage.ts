/**
 * mqadmin sendMessage: sends one message and prints where it went. As in mqadmin -b counts only together with -i.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { StdoutFault } from '../cli/faults.ts';
import { javaBoolean, OWN, wholeNumber } from '../cli/flags.ts';
import { renderSendMessage, type SentMessage } from '../cli/output/send-message.ts';
import { warningsTo } from '../cli/warnings.ts';

export default class SendMessage extends BaseCommand {
  static override summary = 'Send a message';
  static override listPosition = 48;
  static override javaClass = 'SendMessageCommand';
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'Topic name' }),
    body: Flags.string({ char: 'p', required: true, description: 'UTF-8 string format of the message body' }),
    key: Flags.string({ char: 'k', description: 'Message keys' }),
    tags: Flags.string({ char: 'c', description: 'Message tags' }),
    broker: Flags.string({ char: 'b', description: 'Send message to target broker' }),
    qid: wholeNumber({ char: 'i', description: 'Send message to target queue' }),
    property: Flags.string({
      multiple: true,
      helpGroup: OWN,
      description: 'property of the message, name=value; may be given several times',
    }),
    delay: Flags.string({ helpGroup: OWN, description: 'delay level, as its number or its time: 3 or 10s' }),
    'sharding-key': Flags.string({
      helpGroup: OWN,
      description: 'messages of one key go to one queue, the one that a Java producer takes; -b and -i win',
    }),
    msgTraceEnable: javaBoolean({ char: 'm', description: 'Message Trace Enable, Default: false' }),
    transaction: Flags.option({ options: ['commit', 'rollback', 'unknown'] as const })({
      helpGroup: OWN,
      description: 'send it in a transaction that ends so; unknown: the broker asks the producers of the group',
    }),
    'producer-group': Flags.string({ helpGroup: OWN, description: 'producer group of the transaction' }),
  };

  override async run(): Promise<SentMessage> {
    const { flags } = await this.parse(SendMessage);
    if (flags.qid !== undefined && flags.broker === undefined) {
      throw new StdoutFault('Broker name must be set if the queue is chosen!');
    }
    const { sendMessage } = await import('../core/client/admin/message-admin.ts');
    const more = flags.property === undefined ? {} : await propertiesOf(flags.property);
    const target = flags.qid === undefined ? {} : { brokerName: flags.broker, queueId: flags.qid };
    const { topic, tags, key: keys, msgTraceEnable, transaction, 'producer-group': producerGroup } = flags;
    const logger = warningsTo((text) => this.io.err(text));
    const options = {
      ...{ topic, body: Buffer.from(flags.body), tags, keys, msgTraceEnable, logger, ...target },
      ...{ delay: flags.delay, shardingKey: flags['sharding-key'], transaction, producerGroup, ...more },
    };
    const sent = await withAdmin({ flags, io: this.io }, (admin) => sendMessage(admin, options));
    await this.print(flags, sent, renderSendMessage);
    return sent;
  }
}

async function propertiesOf(texts: readonly string[]): Promise<{ properties: Record<string, string> }> {
  const { propertyOf } = await import('../cli/produce/message-maker.ts');
  return { properties: Object.fromEntries(texts.map(propertyOf)) };
}
