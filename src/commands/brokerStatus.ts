/**
 * mqadmin brokerStatus: the runtime counters of one broker, or of the masters and slaves of a cluster, sorted by name.
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { ValueFault } from '../cli/faults.ts';
import { renderBrokerStatus } from '../cli/output/broker-status.ts';
import { sayingUnknownCluster } from '../cli/unknown-cluster.ts';
import type { RuntimeTexts } from '../core/client/admin/broker-status.ts';
import type { AddressResult } from '../core/client/admin/per-address.ts';

export default class BrokerStatus extends BaseCommand {
  static override summary = 'Fetch broker runtime status data';
  static override listPosition = 10;
  static override javaClass = 'BrokerStatusSubCommand';
  static override flags = {
    brokerAddr: Flags.string({ char: 'b', description: 'Broker address' }),
    clusterName: Flags.string({ char: 'c', description: 'which cluster' }),
  };

  override async run(): Promise<AddressResult<RuntimeTexts>[]> {
    const { flags } = await this.parse(BrokerStatus);
    const { brokerAddr, clusterName } = flags;
    if ((brokerAddr ?? clusterName) === undefined) throw new ValueFault('One of -b and -c is required.');
    const { brokerStatus } = await import('../core/client/admin/broker-status.ts');
    const session = { flags, io: this.io, needsNamesrv: brokerAddr === undefined };
    const results = await sayingUnknownCluster(this.io, flags, () =>
      withAdmin(session, (admin) => brokerStatus(admin, { brokerAddr, clusterName })),
    );
    const target = brokerAddr === undefined ? 'cluster' : 'broker';
    await this.print(
      flags,
      results,
      (all) => renderBrokerStatus(all, target),
      (all) => resultsDocument(all, (status) => ({ status })),
    );
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
