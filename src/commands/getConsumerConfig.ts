/**
 * mqadmin getConsumerConfig: the settings of a consumer group on every broker name. Unlike mqadmin a group that no broker has
 * ends it with a sentence and exit code 4.
 */

import { Flags } from '@oclif/core';
import { failOnErrors } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderConsumerConfigs } from '../cli/output/sub-group.ts';
import type { ConsumerConfigResult } from '../core/client/admin/group-config.ts';
import { PocketError } from '../core/common/errors.ts';

export default class GetConsumerConfig extends BaseCommand {
  static override summary = 'Get consumer config by subscription group name!';
  static override listPosition = 46;
  static override javaClass = 'GetConsumerConfigSubCommand';
  static override flags = {
    groupName: Flags.string({ char: 'g', required: true, description: 'subscription group name' }),
  };

  override async run(): Promise<ConsumerConfigResult[]> {
    const { flags } = await this.parse(GetConsumerConfig);
    const { groupName } = flags;
    const { consumerConfigs } = await import('../core/client/admin/group-config.ts');
    const results = await withAdmin({ flags, io: this.io }, (admin) => consumerConfigs(admin, groupName));
    await this.print(flags, results, renderConsumerConfigs, documentOf);
    failOnErrors(this.io, results, flags.debug);
    if (results.every(({ value }) => value === undefined)) {
      throw new PocketError('NOT_FOUND', `the consumer group ${groupName} does not exist`, { detail: groupName });
    }
    return results;
  }
}

/** Brokers that do not have the group are left out, as in the text. */
const documentOf = (results: readonly ConsumerConfigResult[]): object[] =>
  results.flatMap(({ clusterName, brokerName, addr, value, error }) => {
    const place = { clusterName, brokerName, addr };
    if (error !== undefined) return { ...place, error: error.message };
    return value === undefined ? [] : { ...place, subscriptionGroupConfig: value };
  });
