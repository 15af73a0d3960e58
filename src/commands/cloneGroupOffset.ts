/**
 * mqadmin cloneGroupOffset: gives a consumer group the offsets of another, in all of its topics.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import type { QueueOffset } from '../core/protocol/bodies/reset-offset.ts';

export default class CloneGroupOffset extends BaseCommand {
  static override summary = 'clone offset from other group.';
  static override listPosition = 24;
  static override javaClass = 'CloneGroupOffsetCommand';
  static override flags = {
    srcGroup: Flags.string({ char: 's', required: true, description: 'set source consumer group' }),
    destGroup: Flags.string({ char: 'd', required: true, description: 'set destination consumer group' }),
    topic: Flags.string({ char: 't', required: true, description: 'set the topic' }),
    offline: Flags.string({ char: 'o', description: 'the group or the topic is offline' }),
  };

  override async run(): Promise<QueueOffset[]> {
    const { flags } = await this.parse(CloneGroupOffset);
    const { srcGroup, destGroup, topic } = flags;
    const { cloneGroupOffset } = await import('../core/client/admin/group-offsets.ts');
    const copied = await withAdmin({ flags, io: this.io }, (admin) =>
      cloneGroupOffset(admin, { srcGroup, destGroup, topic }),
    );
    const text = `clone group offset success. srcGroup[${srcGroup}], destGroup=[${destGroup}], topic[${topic}]`;
    await this.print(
      flags,
      copied,
      () => text,
      (queues) => queues.map(({ mq, offset }) => ({ ...mq, offset })),
    );
    return copied;
  }
}
