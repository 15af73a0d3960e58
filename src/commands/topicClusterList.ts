/**
 * mqadmin topicClusterList: the clusters that carry a topic. Only the first broker of its route is looked at.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';

export default class TopicClusterList extends BaseCommand {
  static override summary = 'get cluster info for topic';
  static override listPosition = 9;
  static override javaClass = 'TopicClusterSubCommand';
  static override flags = { topic: Flags.string({ char: 't', required: true, description: 'topic name' }) };

  override async run(): Promise<string[]> {
    const { flags } = await this.parse(TopicClusterList);
    const { topicClusters } = await import('../core/client/admin/topic-change.ts');
    const clusters = await withAdmin({ flags, io: this.io }, (admin) => topicClusters(admin, flags.topic));
    await this.print(flags, clusters, (names) => names.map((name) => `${name}\n`).join(''));
    return clusters;
  }
}
