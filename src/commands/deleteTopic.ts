/**
 * mqadmin deleteTopic: deletes a topic on the masters of a cluster, then from the routes of every name server. A topic that
 * is not there is no failure. Unlike mqadmin an unknown cluster ends it (exit code 4).
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderDeletedTopic } from '../cli/output/deleted-topic.ts';
import { sayingUnknownCluster } from '../cli/unknown-cluster.ts';
import type { DeleteTopicResult } from '../core/client/admin/topic-change.ts';

export default class DeleteTopic extends BaseCommand {
  static override summary = 'Delete topic from broker and NameServer.';
  static override listPosition = 2;
  static override javaClass = 'DeleteTopicSubCommand';
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    clusterName: Flags.string({ char: 'c', required: true, description: 'delete topic from which cluster' }),
  };

  override async run(): Promise<DeleteTopicResult> {
    const { flags } = await this.parse(DeleteTopic);
    const { deleteTopic } = await import('../core/client/admin/topic-change.ts');
    const result = await sayingUnknownCluster(this.io, flags, () =>
      withAdmin({ flags, io: this.io }, (admin) => deleteTopic(admin, flags.clusterName, flags.topic)),
    );
    await this.print(flags, result, renderDeletedTopic, ({ brokers, namesrvs, ...names }) => ({
      ...names,
      brokers: resultsDocument(brokers),
      namesrvs: resultsDocument(namesrvs),
    }));
    failOnErrors(this.io, [...result.brokers, ...result.namesrvs], flags.debug);
    return result;
  }
}
