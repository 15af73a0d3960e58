/**
 * mqadmin topicStatus: smallest and largest offset and last write time of every queue of a topic. The text shows the queues that
 * may be written, as mqadmin's does; json and yaml also those that may only be read.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderTopicStatus, topicStatusDocument } from '../cli/output/topic-status.ts';
import type { TopicOffset } from '../core/protocol/bodies/topic-stats-table.ts';

export default class TopicStatus extends BaseCommand {
  static override summary = 'Examine topic Status info';
  static override listPosition = 8;
  static override javaClass = 'TopicStatusSubCommand';
  static override flags = { topic: Flags.string({ char: 't', required: true, description: 'topic name' }) };

  override async run(): Promise<TopicOffset[]> {
    const { flags } = await this.parse(TopicStatus);
    if (flags.output === 'text') {
      const { topicStatus } = await import('../core/client/admin/topic-admin.ts');
      const rows = await withAdmin({ flags, io: this.io }, (admin) => topicStatus(admin, flags.topic));
      this.io.out(renderTopicStatus(rows));
      return rows;
    }
    const { topicQueueStatus } = await import('../core/client/admin/topic-queue-status.ts');
    const rows = await withAdmin({ flags, io: this.io }, (admin) => topicQueueStatus(admin, flags.topic));
    await this.print(flags, rows, renderTopicStatus, topicStatusDocument);
    return rows;
  }
}
