/**
 * mqadmin getConsumerStatus: how far the members of a consumer group say they are in the queues of a topic. Of mqadmin's
 * classes that are not in its list.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { memberOffsetsDocument, renderMemberOffsets } from '../cli/output/reset-offset.ts';
import type { MemberOffsets } from '../core/client/admin/group-offsets.ts';

export default class GetConsumerStatus extends BaseCommand {
  static override summary = 'get consumer status from client.';
  static override hidden = true;
  static override javaClass = 'GetConsumerStatusCommand';
  static override flags = {
    group: Flags.string({ char: 'g', required: true, description: 'set the consumer group' }),
    topic: Flags.string({ char: 't', required: true, description: 'set the topic' }),
    originClientId: Flags.string({ char: 'i', description: 'set the consumer clientId' }),
  };

  override async run(): Promise<MemberOffsets[]> {
    const { flags } = await this.parse(GetConsumerStatus);
    const { group: consumerGroup, topic, originClientId: clientId } = flags;
    const { consumerStatus } = await import('../core/client/admin/group-offsets.ts');
    const members = await withAdmin({ flags, io: this.io }, (admin) =>
      consumerStatus(admin, { consumerGroup, topic, clientId }),
    );
    const line = `get consumer status from client. group=${consumerGroup}, topic=${topic}, originClientId=${clientId ?? ''}\n`;
    await this.print(flags, members, (all) => line + renderMemberOffsets(all), memberOffsetsDocument);
    return members;
  }
}
