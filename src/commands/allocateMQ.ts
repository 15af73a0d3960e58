/**
 * mqadmin allocateMQ: how the queues of a topic would be shared between clients, as JSON.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { queueSharesDocument, renderQueueShares } from '../cli/output/queue-shares.ts';
import type { QueueShare } from '../core/client/admin/queue-allocation.ts';

export default class AllocateMQ extends BaseCommand {
  static override summary = 'Allocate MQ';
  static override listPosition = 40;
  static override javaClass = 'AllocateMQSubCommand';
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    ipList: Flags.string({ char: 'i', required: true, description: 'ipList' }),
  };

  override async run(): Promise<QueueShare[]> {
    const { flags } = await this.parse(AllocateMQ);
    const { allocateMessageQueues } = await import('../core/client/admin/queue-allocation.ts');
    // Java's split leaves out what is empty at the end.
    const addresses = flags.ipList.replace(/,+$/, '').split(',');
    const shares = await withAdmin({ flags, io: this.io }, (admin) =>
      allocateMessageQueues(admin, flags.topic, addresses),
    );
    await this.print(flags, shares, renderQueueShares, queueSharesDocument);
    return shares;
  }
}
