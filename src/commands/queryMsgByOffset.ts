/**
 * mqadmin queryMsgByOffset: shows the message at an offset of a queue. Where there is none mqadmin prints nothing and ends with
 * 0; here a sentence says so, and the exit code is 4.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { wholeNumber } from '../cli/flags.ts';
import { MessageShow, outDirFlag, type ShownMessage } from '../cli/show-message.ts';
import { PocketError } from '../core/common/errors.ts';

export default class QueryMsgByOffset extends BaseCommand {
  static override summary = 'Query Message by offset';
  static override listPosition = 14;
  static override javaClass = 'QueryMsgByOffsetSubCommand';
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    brokerName: Flags.string({ char: 'b', required: true, description: 'Broker Name' }),
    queueId: wholeNumber({ char: 'i', required: true, description: 'Queue Id' }),
    offset: wholeNumber({ char: 'o', required: true, description: 'Queue Offset' }),
    'out-dir': Flags.string(outDirFlag),
  };

  override async run(): Promise<ShownMessage | undefined> {
    const { flags } = await this.parse(QueryMsgByOffset);
    const { topic, brokerName, queueId, offset } = flags;
    const { messageAtOffset } = await import('../core/client/admin/message-query.ts');
    const show = new MessageShow({ io: this.io, flags, offsetId: 'with' });
    await withAdmin({ flags, io: this.io }, async (admin) => {
      const found = await messageAtOffset(admin, { topic, brokerName, queueId }, offset);
      if (found.message !== undefined) return show.show(admin, found.message);
      const queue = `queue ${queueId} of ${topic} on ${brokerName}`;
      const range = `the first is ${found.minOffset}, the next to come ${found.maxOffset}`;
      throw new PocketError('NOT_FOUND', `${queue} has no message at offset ${offset}: ${range}`);
    });
    const [shown] = show.shown;
    await this.print(flags, shown, () => '');
    show.failOnTracks();
    return shown;
  }
}
