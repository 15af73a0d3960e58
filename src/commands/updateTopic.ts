/**
 * mqadmin updateTopic: makes a topic, or overwrites its settings, on one broker or on every master of a cluster. An option
 * left out goes back to its default. Unlike mqadmin an unknown cluster ends it (exit code 4).
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { ValueFault } from '../cli/faults.ts';
import { javaBoolean, OWN, wholeNumber } from '../cli/flags.ts';
import { renderUpdateTopic } from '../cli/output/update-topic.ts';
import { sayingUnknownCluster } from '../cli/unknown-cluster.ts';
import type { UpdateTopicOptions, UpdateTopicResult } from '../core/client/admin/topic-admin.ts';
import { PocketError } from '../core/common/errors.ts';

/** How long --wait-route waits unless told. */
const WAIT_ROUTE_MS = 10_000;

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
    'wait-route': Flags.boolean({
      helpGroup: OWN,
      description: 'end only when every name server hands out the route with these queue numbers',
    }),
    'wait-timeout': wholeNumber({
      helpGroup: OWN,
      description: 'seconds that --wait-route waits, 10 unless given; then exit code 6',
    }),
  };

  override async run(): Promise<UpdateTopicResult> {
    const { flags } = await this.parse(UpdateTopic);
    const options: UpdateTopicOptions = flags;
    const target = flags.brokerAddr === undefined ? 'cluster' : 'broker';
    const { updateTopic } = await import('../core/client/admin/topic-admin.ts');
    const wait = flags['wait-route'];
    const timeoutMs = waitMs(flags['wait-timeout'], wait);
    const session = { flags, io: this.io, needsNamesrv: target === 'cluster' || flags.order === true || wait };
    return sayingUnknownCluster(this.io, flags, () =>
      withAdmin(session, async (admin) => {
        const result = await updateTopic(admin, options);
        await this.print(flags, result, (made) => renderUpdateTopic(made, target));
        if (wait) {
          const { waitForRoute } = await import('../core/client/admin/topic-change.ts');
          await waitForRoute(admin, { ...result, timeoutMs });
        }
        if (result.failures.length > 0) throw partly(result);
        return result;
      }),
    );
  }
}

function waitMs(seconds: number | undefined, wait: boolean): number {
  if (seconds === undefined) return WAIT_ROUTE_MS;
  if (!wait) throw new ValueFault('--wait-timeout is for --wait-route.');
  if (seconds < 1 || seconds > 86_400) throw new ValueFault('--wait-timeout is a number of seconds from 1 to 86400.');
  return seconds * 1000;
}

function partly({ failures, topicConfig }: UpdateTopicResult): PocketError {
  const brokers = failures.map(({ brokerAddr, error }) => `${brokerAddr} (${error.message})`);
  return new PocketError('PARTLY', `The topic ${topicConfig.topicName} was not made on ${brokers.join(' and ')}.`);
}
