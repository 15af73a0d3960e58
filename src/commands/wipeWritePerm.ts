/**
 * mqadmin wipeWritePerm: takes the write permission from every topic of a broker name, on every name server.
 * The count is the number of its topics there, changed or not; 0 everywhere is an unknown broker (exit code 4).
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderWritePerm } from '../cli/output/write-perm.ts';
import { failOnUnknownBroker } from '../cli/unknown-broker.ts';
import type { AddressResult } from '../core/client/admin/per-address.ts';

export default class WipeWritePerm extends BaseCommand {
  static override summary = 'Wipe write perm of broker in all name server you defined in the -n param';
  static override listPosition = 30;
  static override javaClass = 'WipeWritePermSubCommand';
  static override flags = { brokerName: Flags.string({ char: 'b', required: true, description: 'broker name' }) };

  override async run(): Promise<AddressResult<number>[]> {
    const { flags } = await this.parse(WipeWritePerm);
    const { brokerName } = flags;
    const { wipeWritePerm } = await import('../core/client/admin/namesrv-admin.ts');
    const results = await withAdmin({ flags, io: this.io }, (admin) => wipeWritePerm(admin, brokerName));
    await this.print(
      flags,
      results,
      (all) => renderWritePerm(all, 'wipe', brokerName),
      (all) => ({ brokerName, namesrvs: resultsDocument(all, (topicCount) => ({ topicCount })) }),
    );
    failOnErrors(this.io, results, flags.debug);
    failOnUnknownBroker(results, brokerName);
    return results;
  }
}
