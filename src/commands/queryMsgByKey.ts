/**
 * mqadmin queryMsgByKey: lists the messages of a topic that carry a key, 64 of each broker at most.
 */

import { Flags } from '@oclif/core';
import { failOnErrors } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderMessageTable } from '../cli/output/message-table.ts';
import type { MessageExt } from '../core/message/message.ts';

export default class QueryMsgByKey extends BaseCommand {
  static override summary = 'Query Message by Key';
  static override listPosition = 12;
  static override javaClass = 'QueryMsgByKeySubCommand';
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    msgKey: Flags.string({ char: 'k', required: true, description: 'Message Key' }),
  };

  override async run(): Promise<MessageExt[]> {
    const { flags } = await this.parse(QueryMsgByKey);
    const { topic, msgKey: key } = flags;
    const { queryMessageByKey } = await import('../core/client/admin/message-query.ts');
    const { messages, brokers } = await withAdmin({ flags, io: this.io }, (admin) =>
      queryMessageByKey(admin, { topic, key }),
    );
    await this.print(flags, messages, renderMessageTable);
    failOnErrors(this.io, brokers, flags.debug);
    return messages;
  }
}
