/**
 * mqadmin updateBrokerConfig: sets one key of a running broker, or of the masters of a cluster. docs/COMPAT.md says which
 * keys of our broker act at once.
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { UsageFault } from '../cli/faults.ts';
import { sayingUnknownCluster } from '../cli/unknown-cluster.ts';
import type { AddressResult } from '../core/client/admin/per-address.ts';

export default class UpdateBrokerConfig extends BaseCommand {
  static override summary = "Update broker's config";
  static override listPosition = 5;
  static override javaClass = 'UpdateBrokerConfigSubCommand';
  static override flags = {
    brokerAddr: Flags.string({ char: 'b', description: 'update which broker' }),
    clusterName: Flags.string({ char: 'c', description: 'update which cluster' }),
    key: Flags.string({ char: 'k', required: true, description: 'config key' }),
    value: Flags.string({ char: 'v', required: true, description: 'config value' }),
  };

  override async run(): Promise<AddressResult<void>[]> {
    const { flags } = await this.parse(UpdateBrokerConfig);
    const { brokerAddr, clusterName, key, value } = flags;
    if ((brokerAddr ?? clusterName) === undefined) throw new UsageFault('One of -b and -c is required.');
    const { changeBrokerConfig } = await import('../core/client/admin/config-admin.ts');
    const session = { flags, io: this.io, needsNamesrv: brokerAddr === undefined };
    const results = await sayingUnknownCluster(this.io, flags, () =>
      withAdmin(session, (admin) => changeBrokerConfig(admin, { brokerAddr, clusterName }, key, value)),
    );
    const done = (all: typeof results): string =>
      all.map(({ addr, error }) => (error ? '' : `update broker config success, ${addr}\n`)).join('');
    await this.print(flags, results, done, (all) => ({ key, value, brokers: resultsDocument(all) }));
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
