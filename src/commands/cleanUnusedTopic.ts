/**
 * mqadmin cleanUnusedTopic: deletes the queues of topics that a broker does not have any more, on one broker, on the
 * masters and slaves of a cluster, or without either on those of every cluster.
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderCleaning, runCleaning } from '../cli/clean-store.ts';
import type { AddressResult } from '../core/client/admin/per-address.ts';

export default class CleanUnusedTopic extends BaseCommand {
  static override summary = 'Clean unused topic on broker.';
  static override listPosition = 37;
  static override javaClass = 'CleanUnusedTopicCommand';
  static override flags = {
    brokerAddr: Flags.string({ char: 'b', description: 'Broker address' }),
    cluster: Flags.string({ char: 'c', description: 'cluster name' }),
  };

  override async run(): Promise<AddressResult<void>[]> {
    const { flags } = await this.parse(CleanUnusedTopic);
    const results = await runCleaning({ io: this.io, flags }, 'cleanUnusedTopic');
    await this.print(flags, results, renderCleaning, (all) => resultsDocument(all));
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
