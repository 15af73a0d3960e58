/**
 * mqadmin updateTopic: makes a topic, or overwrites its settings, on one broker or on every master of a cluster. An option
 * left out goes back to its default. Unlike mqadmin an unknown cluster ends it (exit code 4).
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { javaBoolean, wholeNumber } from '../cli/flags.ts';
import { renderUpdateTopic } from '../cli/output/update-topic.ts';
import type { UpdateTopicOptions, UpdateTopicResult } from '../core/client/admin/topic-admin.ts';
import { PocketError } from '../core/common/errors.ts';

/** On stdout, without a line end, as mqadmin has it. */
const UNKNOWN_CLUSTER =
  '[error] Make sure the specified clusterName exists or the name server connected to is correct.';

export default class UpdateTopic extends BaseCommand {
  static override summary = 'Update or create topic';
  static override listPosition = 1;
  static override javaClass = 'UpdateTopicSubCommand';
  static override optionGroups = [['brokerAddr', 'clusterName']];
  static override flags = {
    brokerAddr: Flags.string({ char: 'b', description: 'create topic to which broker' }),
    clusterName: Flags.string({ char: 'c', description: 'create topic to which cluster' }),
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    readQueueNums: wholeNumber({ char: 'r', description: 'set read queue nums' }),
    writeQueueNums: wholeNumber({ char: 'w', description: 'set write queue nums' }),
    perm: wholeNumber({ char: 'p', description: "set topic's permission(2|4|6), intro[2:W 4:R; 6:RW]" }),
    order: javaBoolean({ char: 'o', description: "set topic's order(true|false)" }),
    unit: javaBoolean({ char: 'u', description: 'is unit topic (true|false)' }),
    hasUnitSub: javaBoolean({ char: 's', description: 'has unit sub (true|false)' }),
  };

  override async run(): Promise<UpdateTopicResult> {
    const { flags } = await this.parse(UpdateTopic);
    const options: UpdateTopicOptions = flags;
    const target = flags.brokerAddr === undefined ? 'cluster' : 'broker';
    const { updateTopic } = await import('../core/client/admin/topic-admin.ts');
    const session = { flags, io: this.io, needsNamesrv: target === 'cluster' || flags.order === true };
    try {
      const result = await withAdmin(session, (admin) => updateTopic(admin, options));
      await this.print(flags, result, (made) => renderUpdateTopic(made, target));
      if (result.failures.length > 0) throw partly(result);
      return result;
    } catch (error) {
      const unknownCluster = error instanceof PocketError && error.code === 'NOT_FOUND' && target === 'cluster';
      if (unknownCluster && flags.output === 'text') this.io.out(UNKNOWN_CLUSTER);
      throw error;
    }
  }
}

function partly({ failures, topicConfig }: UpdateTopicResult): PocketError {
  const brokers = failures.map(({ brokerAddr, error }) => `${brokerAddr} (${error.message})`);
  return new PocketError('PARTLY', `The topic ${topicConfig.topicName} was not made on ${brokers.join(' and ')}.`);
}
