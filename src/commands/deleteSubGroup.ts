/**
 * mqadmin deleteSubGroup: deletes a consumer group on one broker, or on the masters of a cluster together with its retry and
 * dead letter topics. A group that is not there is no failure. Unlike mqadmin an unknown cluster ends it (exit code 4).
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { UsageFault } from '../cli/faults.ts';
import { javaBoolean } from '../cli/flags.ts';
import { type DeletedSubGroup, renderDeleteSubGroup } from '../cli/output/sub-group.ts';
import { sayingUnknownCluster } from '../cli/unknown-cluster.ts';

export default class DeleteSubGroup extends BaseCommand {
  static override summary = 'Delete subscription group from broker.';
  static override listPosition = 4;
  static override javaClass = 'DeleteSubscriptionGroupCommand';
  static override flags = {
    brokerAddr: Flags.string({ char: 'b', description: 'delete subscription group from which broker' }),
    clusterName: Flags.string({ char: 'c', description: 'delete subscription group from which cluster' }),
    groupName: Flags.string({ char: 'g', required: true, description: 'subscription group name' }),
    removeOffset: javaBoolean({ char: 'r', description: 'remove offset' }),
  };

  override async run(): Promise<DeletedSubGroup> {
    const { flags } = await this.parse(DeleteSubGroup);
    const { brokerAddr, groupName, removeOffset = false } = flags;
    if ((brokerAddr ?? flags.clusterName) === undefined) throw new UsageFault('One of -b and -c is required.');
    const clusterName = brokerAddr === undefined ? flags.clusterName : undefined;
    const { deleteSubGroup } = await import('../core/client/admin/group-config.ts');
    const session = { flags, io: this.io, needsNamesrv: brokerAddr === undefined };
    const done = await sayingUnknownCluster(this.io, flags, () =>
      withAdmin(session, (admin) => deleteSubGroup(admin, { brokerAddr, clusterName }, groupName, removeOffset)),
    );
    const result = { groupName, clusterName, ...done };
    await this.print(flags, result, renderDeleteSubGroup, ({ brokers, topics, ...names }) => ({
      ...names,
      brokers: resultsDocument(brokers),
      topics: topics.map((one) => ({
        topic: one.topic,
        brokers: resultsDocument(one.brokers),
        namesrvs: resultsDocument(one.namesrvs),
      })),
    }));
    const steps = result.topics.flatMap(({ brokers, namesrvs }) => [...brokers, ...namesrvs]);
    failOnErrors(this.io, [...result.brokers, ...steps], flags.debug);
    return result;
  }
}
