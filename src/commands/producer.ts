/**
 * mqadmin producer: every producer client that is connected to a broker.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderProducers } from '../cli/output/connections.ts';
import type { ProducerGroup } from '../core/client/admin/producer-connections.ts';

export default class Producer extends BaseCommand {
  static override summary = "Query producer's instances, connection, status, etc.";
  static override listPosition = 25;
  static override javaClass = 'ProducerSubCommand';
  static override flags = { broker: Flags.string({ char: 'b', required: true, description: 'broker address' }) };

  override async run(): Promise<ProducerGroup[]> {
    const { flags } = await this.parse(Producer);
    const { allProducers } = await import('../core/client/admin/producer-connections.ts');
    const session = { flags, io: this.io, needsNamesrv: false };
    const groups = await withAdmin(session, (admin) => allProducers(admin, flags.broker));
    await this.print(flags, groups, renderProducers);
    return groups;
  }
}
