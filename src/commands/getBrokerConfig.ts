/**
 * mqadmin getBrokerConfig: all settings of one broker, or of the masters and slaves of a cluster.
 * A broker that does not answer is named on stderr; the others are asked all the same.
 */

import { Flags } from '@oclif/core';
import { failOnErrors } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { ValueFault } from '../cli/faults.ts';
import { renderBrokerConfigs } from '../cli/output/config-listing.ts';
import { sayingUnknownCluster } from '../cli/unknown-cluster.ts';
import type { BrokerConfigResult } from '../core/client/admin/config-admin.ts';

export default class GetBrokerConfig extends BaseCommand {
  static override summary = 'Get broker config by cluster or special broker!';
  static override listPosition = 45;
  static override javaClass = 'GetBrokerConfigCommand';
  static override flags = {
    brokerAddr: Flags.string({ char: 'b', description: 'get which broker' }),
    clusterName: Flags.string({ char: 'c', description: 'get which cluster' }),
  };

  override async run(): Promise<BrokerConfigResult[]> {
    const { flags } = await this.parse(GetBrokerConfig);
    const { brokerAddr, clusterName } = flags;
    if ((brokerAddr ?? clusterName) === undefined) throw new ValueFault('One of -b and -c is required.');
    const { brokerConfigs } = await import('../core/client/admin/config-admin.ts');
    const session = { flags, io: this.io, needsNamesrv: brokerAddr === undefined };
    const results = await sayingUnknownCluster(this.io, flags, () =>
      withAdmin(session, (admin) => brokerConfigs(admin, { brokerAddr, clusterName })),
    );
    await this.print(flags, results, renderBrokerConfigs, (all) =>
      all.map(({ value, ...broker }) => ({ ...broker, config: value })),
    );
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
