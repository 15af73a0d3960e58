/**
 * mqadmin updateSubGroup: makes a consumer group, or overwrites its settings, on one broker or on the masters of a cluster. An
 * option left out goes back to its default. Unlike mqadmin an unknown cluster ends it (exit code 4).
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { UsageFault } from '../cli/faults.ts';
import { javaBoolean, wholeNumber } from '../cli/flags.ts';
import { renderUpdateSubGroup } from '../cli/output/sub-group.ts';
import { sayingUnknownCluster } from '../cli/unknown-cluster.ts';
import type { UpdateSubGroupResult } from '../core/client/admin/group-config.ts';

export default class UpdateSubGroup extends BaseCommand {
  static override summary = 'Update or create subscription group';
  static override listPosition = 3;
  static override javaClass = 'UpdateSubGroupSubCommand';
  static override flags = {
    brokerAddr: Flags.string({ char: 'b', description: 'create subscription group to which broker' }),
    clusterName: Flags.string({ char: 'c', description: 'create subscription group to which cluster' }),
    groupName: Flags.string({ char: 'g', required: true, description: 'consumer group name' }),
    consumeEnable: javaBoolean({ char: 's', description: 'consume enable' }),
    consumeFromMinEnable: javaBoolean({ char: 'm', description: 'from min offset' }),
    consumeBroadcastEnable: javaBoolean({ char: 'd', description: 'broadcast' }),
    retryQueueNums: wholeNumber({ char: 'q', description: 'retry queue nums' }),
    retryMaxTimes: wholeNumber({ char: 'r', description: 'retry max times' }),
    brokerId: wholeNumber({ char: 'i', description: 'consumer from which broker id' }),
    whichBrokerWhenConsumeSlowly: wholeNumber({ char: 'w', description: 'which broker id when consume slowly' }),
    notifyConsumerIdsChanged: javaBoolean({ char: 'a', description: 'notify consumerId changed' }),
  };

  override async run(): Promise<UpdateSubGroupResult> {
    const { flags } = await this.parse(UpdateSubGroup);
    const { brokerAddr, clusterName, groupName, consumeEnable, consumeFromMinEnable, consumeBroadcastEnable } = flags;
    if ((brokerAddr ?? clusterName) === undefined) throw new UsageFault('One of -b and -c is required.');
    const { retryQueueNums, retryMaxTimes, brokerId, whichBrokerWhenConsumeSlowly } = flags;
    const settings = {
      ...{ groupName, consumeEnable, consumeFromMinEnable, consumeBroadcastEnable, retryQueueNums, retryMaxTimes },
      ...{ brokerId, whichBrokerWhenConsumeSlowly, notifyConsumerIdsChangedEnable: flags.notifyConsumerIdsChanged },
    };
    const { updateSubGroup } = await import('../core/client/admin/group-config.ts');
    const session = { flags, io: this.io, needsNamesrv: brokerAddr === undefined };
    const result = await sayingUnknownCluster(this.io, flags, () =>
      withAdmin(session, (admin) => updateSubGroup(admin, { brokerAddr, clusterName }, settings)),
    );
    await this.print(flags, result, renderUpdateSubGroup, ({ config, brokers }) => ({
      subscriptionGroupConfig: config,
      brokers: resultsDocument(brokers),
    }));
    failOnErrors(this.io, result.brokers, flags.debug);
    return result;
  }
}
