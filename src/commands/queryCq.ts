/**
 * mqadmin queryCq: units of a consumequeue, and with -g what the group subscribes to.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { wholeNumber } from '../cli/flags.ts';
import { renderConsumeQueue } from '../cli/output/consume-queue.ts';
import type { ConsumeQueueAnswer } from '../core/protocol/bodies/query-consume-queue.ts';

const COUNT = 10;

export default class QueryCq extends BaseCommand {
  static override summary = 'Query cq command.';
  static override listPosition = 47;
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    queue: wholeNumber({ char: 'q', required: true, description: 'queue num, ie. 1' }),
    index: wholeNumber({ char: 'i', required: true, description: 'start queue index.' }),
    count: wholeNumber({ char: 'c', description: 'how many.' }),
    broker: Flags.string({ char: 'b', description: 'broker addr.' }),
    consumer: Flags.string({ char: 'g', description: 'consumer group.' }),
  };

  override async run(): Promise<ConsumeQueueAnswer> {
    const { flags } = await this.parse(QueryCq);
    const { topic, queue: queueId, index, count = COUNT, broker: brokerAddr, consumer: consumerGroup } = flags;
    const { queryConsumeQueueUnits } = await import('../core/client/admin/consume-queue-query.ts');
    const session = { flags, io: this.io, needsNamesrv: brokerAddr === undefined };
    const answer = await withAdmin(session, (admin) =>
      queryConsumeQueueUnits(admin, { brokerAddr, topic, queueId, index, count, consumerGroup }),
    );
    await this.print(flags, answer, (same) => renderConsumeQueue(same, index));
    return answer;
  }
}
