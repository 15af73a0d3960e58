/**
 * mqadmin topicList: every topic the name server knows; with -c also cluster and consumer groups.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderTopicList, renderTopicListByCluster } from '../cli/output/topic-list.ts';
import type { TopicGroupRow } from '../core/client/admin/topic-admin.ts';

export default class TopicList extends BaseCommand {
  static override summary = 'Fetch all topic list from name server';
  static override listPosition = 27;
  static override javaClass = 'TopicListSubCommand';
  static override flags = { clusterModel: Flags.boolean({ char: 'c', description: 'clusterModel' }) };

  override async run(): Promise<string[] | TopicGroupRow[]> {
    const { flags } = await this.parse(TopicList);
    const { topicList, topicListByCluster } = await import('../core/client/admin/topic-admin.ts');
    if (flags.clusterModel) {
      const rows = await withAdmin({ flags, io: this.io }, topicListByCluster);
      await this.print(flags, rows, renderTopicListByCluster);
      return rows;
    }
    const topics = await withAdmin({ flags, io: this.io }, topicList);
    await this.print(flags, topics, renderTopicList);
    return topics;
  }
}
