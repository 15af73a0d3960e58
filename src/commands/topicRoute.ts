/**
 * mqadmin topicRoute: brokers, addresses and queue numbers of a topic, as JSON or with -l as a table.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderTopicRoute, renderTopicRouteList } from '../cli/output/topic-route.ts';
import type { TopicRouteData } from '../core/protocol/bodies/topic-route-data.ts';

export default class TopicRoute extends BaseCommand {
  static override summary = 'Examine topic route info';
  static override listPosition = 7;
  static override javaClass = 'TopicRouteSubCommand';
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    list: Flags.boolean({ char: 'l', description: 'Use list format to print data' }),
  };

  override async run(): Promise<TopicRouteData> {
    const { flags } = await this.parse(TopicRoute);
    const { topicRoute } = await import('../core/client/admin/topic-admin.ts');
    const route = await withAdmin({ flags, io: this.io }, (admin) => topicRoute(admin, flags.topic));
    await this.print(flags, route, flags.list ? renderTopicRouteList : renderTopicRoute);
    return route;
  }
}
