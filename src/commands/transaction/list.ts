/**
 * mqadmin transaction list: half messages that hang, of which no producer has said how their transaction ends. Reads the half
 * and the op queue of each broker, ours or Apache's, and changes nothing.
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../../cli/address-failures.ts';
import { withAdmin } from '../../cli/admin-session.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { ValueFault } from '../../cli/faults.ts';
import { wholeNumber } from '../../cli/flags.ts';
import { halfMessagesDocument, renderHalfMessages } from '../../cli/output/half-messages.ts';
import type { HangingHalfMessage } from '../../core/client/admin/half-messages.ts';
import type { AddressResult } from '../../core/client/admin/per-address.ts';

const MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export default class TransactionList extends BaseCommand {
  static override summary = 'List transactions that nobody has ended';
  static override flags = {
    brokerAddr: Flags.string({ char: 'b', description: 'broker address; default: all masters' }),
    clusterName: Flags.string({ char: 'c', description: 'cluster name' }),
    producerGroup: Flags.string({ char: 'g', description: 'of this producer group only' }),
    'older-than': Flags.string({
      default: '10s',
      description: 'at least so old, as 30s, 5m, 2h or 1d; default 10s, 0s for all',
    }),
    limit: wholeNumber({ default: 1000, description: 'at most so many of each broker; default 1000' }),
  };

  override async run(): Promise<AddressResult<HangingHalfMessage[]>[]> {
    const { flags } = await this.parse(TransactionList);
    const { brokerAddr, clusterName, producerGroup, limit } = flags;
    const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(flags['older-than']) ?? [];
    if (unit === '') throw new ValueFault(`--older-than is a time as 30s, 5m, 2h or 1d, not "${flags['older-than']}".`);
    if (limit < 1) throw new ValueFault(`--limit must be at least 1, not ${limit}.`);
    const olderThan = Number(count) * (MS[unit] ?? 0);
    const { hangingHalfMessages } = await import('../../core/client/admin/half-messages.ts');
    const session = { flags, io: this.io, needsNamesrv: brokerAddr === undefined };
    const results = await withAdmin(session, (admin) =>
      hangingHalfMessages(admin, { brokerAddr, clusterName, producerGroup, olderThan, limit }),
    );
    await this.print(flags, results, renderHalfMessages, (all) => resultsDocument(all, halfMessagesDocument));
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
