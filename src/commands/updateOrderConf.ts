/**
 * mqadmin updateOrderConf: writes, shows or removes the order configuration of a topic, which tells producers of an ordered topic
 * its queues (namespace ORDER_TOPIC_CONFIG of the name servers). Without a line end, as mqadmin prints it.
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { UsageFault, ValueFault } from '../cli/faults.ts';
import type { GlobalFlags } from '../cli/flags.ts';
import type { AddressResult } from '../core/client/admin/per-address.ts';

export default class UpdateOrderConf extends BaseCommand {
  static override summary = 'Create or update or delete order conf';
  static override listPosition = 34;
  static override javaClass = 'UpdateOrderConfCommand';
  static override flags = {
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
    orderConf: Flags.string({ char: 'v', description: 'set order conf [eg. brokerName1:num;brokerName2:num]' }),
    method: Flags.string({ char: 'm', required: true, description: 'option type [eg. put|get|delete' }),
  };

  override async run(): Promise<AddressResult<void>[] | string> {
    const { flags } = await this.parse(UpdateOrderConf);
    const topic = flags.topic.trim();
    const session = { flags, io: this.io };
    const { getOrderConf, putOrderConf, removeOrderConf } = await import('../core/client/admin/order-conf.ts');
    switch (flags.method.trim()) {
      case 'get': {
        const orderConf = await withAdmin(session, (admin) => getOrderConf(admin, topic));
        const text = `get orderConf success. topic=[${topic}], orderConf=[${orderConf}] `;
        await this.print(flags, { topic, orderConf }, () => text);
        return orderConf;
      }
      case 'put': {
        const orderConf = flags.orderConf?.trim();
        if (orderConf === undefined) throw new ValueFault('please set orderConf with option -v.');
        const results = await withAdmin(session, (admin) => putOrderConf(admin, topic, orderConf));
        return this.#show(flags, results, `update orderConf success. topic=[${topic}], orderConf=[${orderConf}]`);
      }
      case 'delete': {
        const results = await withAdmin(session, (admin) => removeOrderConf(admin, topic));
        return this.#show(flags, results, `delete orderConf success. topic=[${topic}]`);
      }
      default:
        throw new UsageFault(`-m is put, get or delete, not "${flags.method}".`);
    }
  }

  async #show(
    flags: GlobalFlags & { topic: string },
    results: AddressResult<void>[],
    done: string,
  ): Promise<AddressResult<void>[]> {
    const isDone = results.every(({ error }) => error === undefined);
    await this.print(
      flags,
      results,
      () => (isDone ? done : ''),
      (all) => ({ topic: flags.topic, namesrvs: resultsDocument(all) }),
    );
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
