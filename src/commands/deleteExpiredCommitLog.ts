/**
 * mqadmin deleteExpiredCommitLog: deletes the commitlog files past fileReservedTime now, whatever the hour, on one broker, on the
 * masters and slaves of a cluster, or without either on those of every cluster.
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderCleaning, runCleaning } from '../cli/clean-store.ts';
import type { AddressResult } from '../core/client/admin/per-address.ts';

export default class DeleteExpiredCommitLog extends BaseCommand {
  static override summary = 'Delete expired CommitLog files';
  static override listPosition = 36;
  static override javaClass = 'DeleteExpiredCommitLogSubCommand';
  static override flags = {
    namesrvAddr: Flags.string({ char: 'n', description: 'Name server address' }),
    brokerAddr: Flags.string({ char: 'b', description: 'Broker address' }),
    cluster: Flags.string({ char: 'c', description: 'clustername' }),
  };

  override async run(): Promise<AddressResult<void>[]> {
    const { flags } = await this.parse(DeleteExpiredCommitLog);
    const results = await runCleaning({ io: this.io, flags }, 'deleteExpiredCommitlog');
    await this.print(flags, results, renderCleaning, (all) => resultsDocument(all));
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
