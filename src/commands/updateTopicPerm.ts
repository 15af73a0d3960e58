/**
 * mqadmin updateTopicPerm: sets the permission of a topic on one master, or on the masters of a cluster.
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { ExitCode } from '../cli/exit-codes.ts';
import { StdoutFault, UsageFault } from '../cli/faults.ts';
import { wholeNumber } from '../cli/flags.ts';
import { renderUpdateTopicPerm } from '../cli/output/update-topic-perm.ts';
import { sayingUnknownCluster } from '../cli/unknown-cluster.ts';
import type { UpdateTopicPermResult } from '../core/client/admin/topic-change.ts';

export default class UpdateTopicPerm extends BaseCommand {
  static override summary = 'Update topic perm';
  static override listPosition = 6;
  static override javaClass = 'UpdateTopicPermSubCommand';
  static override flags = {
    brokerAddr: Flags.string({ char: 'b', description: 'create topic to which broker' }),
    clusterName: Flags.string({ char: 'c', description: 'create topic to which cluster' }),
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    perm: wholeNumber({
      char: 'p',
      required: true,
      description: "set topic's permission(2|4|6), intro[2:W; 4:R; 6:RW]",
    }),
  };

  override async run(): Promise<UpdateTopicPermResult> {
    const { flags } = await this.parse(UpdateTopicPerm);
    const { brokerAddr, clusterName, topic, perm } = flags;
    if ((brokerAddr ?? clusterName) === undefined) throw new UsageFault('One of -b and -c is required.');
    const { updateTopicPerm } = await import('../core/client/admin/topic-change.ts');
    const result = await sayingUnknownCluster(this.io, flags, () =>
      withAdmin({ flags, io: this.io }, (admin) => updateTopicPerm(admin, { brokerAddr, clusterName }, topic, perm)),
    );
    if (result.kind === 'noMaster' && flags.output === 'text') {
      throw new StdoutFault(renderUpdateTopicPerm(result), ExitCode.NOT_FOUND);
    }
    await this.print(flags, result, renderUpdateTopicPerm, documentOf);
    if (result.kind === 'noMaster') throw new StdoutFault('', ExitCode.NOT_FOUND);
    if (result.kind !== 'same') failOnErrors(this.io, result.brokers, flags.debug);
    return result;
  }
}

function documentOf(result: UpdateTopicPermResult): unknown {
  if (result.kind === 'same' || result.kind === 'noMaster') return result;
  const { oldPerm, perm } = result;
  return { oldPerm, perm, brokers: resultsDocument(result.brokers, (topicConfig) => ({ topicConfig })) };
}
