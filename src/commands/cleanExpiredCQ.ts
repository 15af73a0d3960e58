/**
 * mqadmin cleanExpiredCQ: deletes the queues all of whose messages are gone, on one broker, on the
 * masters and slaves of a cluster, or without either on those of every cluster.
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderCleaning, runCleaning } from '../cli/clean-store.ts';
import type { AddressResult } from '../core/client/admin/per-address.ts';

export default class CleanExpiredCQ extends BaseCommand {
  static override summary = 'Clean expired ConsumeQueue on broker.';
  static override listPosition = 35;
  static override javaClass = 'CleanExpiredCQSubCommand';
  static override flags = {
    brokerAddr: Flags.string({ char: 'b', description: 'Broker address' }),
    cluster: Flags.string({ char: 'c', description: 'clustername' }),
  };

  override async run(): Promise<AddressResult<void>[]> {
    const { flags } = await this.parse(CleanExpiredCQ);
    const results = await runCleaning({ io: this.io, flags }, 'cleanExpiredConsumequeue');
    await this.print(flags, results, renderCleaning, (all) => resultsDocument(all));
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
