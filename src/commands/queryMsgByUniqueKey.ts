/**
 * mqadmin queryMsgByUniqueKey: shows the message of a unique id, or with -g and -d has a consumer client consume it. As in
 * mqadmin -a changes nothing: of several messages with one id only the one stored first is found.
 */

import { Flags } from '@oclif/core';
import { failOnErrors } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderConsumedDirectly } from '../cli/output/resent-message.ts';
import { MessageShow, outDirFlag, type ShownMessage } from '../cli/show-message.ts';
import type { ConsumeMessageDirectlyResult } from '../core/protocol/bodies/consume-message-directly-result.ts';

export default class QueryMsgByUniqueKey extends BaseCommand {
  static override summary = 'Query Message by Unique key';
  static override listPosition = 13;
  static override javaClass = 'QueryMsgByUniqueKeySubCommand';
  static override flags = {
    msgId: Flags.string({ char: 'i', required: true, description: 'Message Id' }),
    consumerGroup: Flags.string({ char: 'g', description: 'consumer group name' }),
    clientId: Flags.string({ char: 'd', description: "The consumer's client id" }),
    topic: Flags.string({ char: 't', required: true, description: 'The topic of msg' }),
    showAll: Flags.boolean({ char: 'a', description: 'Print all message, the limit is 32' }),
    'out-dir': Flags.string(outDirFlag),
  };

  override async run(): Promise<ShownMessage[] | ConsumeMessageDirectlyResult> {
    const { flags } = await this.parse(QueryMsgByUniqueKey);
    const { topic, msgId, consumerGroup, clientId } = flags;
    const session = { flags, io: this.io };
    if (consumerGroup !== undefined && clientId !== undefined) {
      const target = { consumerGroup, clientId };
      const { consumeByUniqKey } = await import('../core/client/admin/message-resend.ts');
      const result = await withAdmin(session, (admin) => consumeByUniqKey(admin, target, topic, msgId));
      await this.print(flags, result, renderConsumedDirectly);
      return result;
    }
    const show = new MessageShow({ io: this.io, flags, offsetId: 'without' });
    const { queryMessageByUniqKey } = await import('../core/client/admin/message-query.ts');
    const brokers = await withAdmin(session, async (admin) => {
      const found = await queryMessageByUniqKey(admin, topic, msgId);
      for (const [index, message] of found.messages.entries()) await show.show(admin, message, index);
      return found.brokers;
    });
    await this.print(flags, show.shown, () => '');
    failOnErrors(this.io, brokers, flags.debug);
    show.failOnTracks();
    return show.shown;
  }
}
