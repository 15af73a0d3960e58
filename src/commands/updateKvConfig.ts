/**
 * mqadmin updateKvConfig: stores a value under a key of a namespace on every name server.
 * The sentence of success comes only when all of them have done it.
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import type { AddressResult } from '../core/client/admin/per-address.ts';

export default class UpdateKvConfig extends BaseCommand {
  static override summary = 'Create or update KV config.';
  static override listPosition = 28;
  static override javaClass = 'UpdateKvConfigCommand';
  static override flags = {
    namespace: Flags.string({ char: 's', required: true, description: 'set the namespace' }),
    key: Flags.string({ char: 'k', required: true, description: 'set the key name' }),
    value: Flags.string({ char: 'v', required: true, description: 'set the key value' }),
  };

  override async run(): Promise<AddressResult<void>[]> {
    const { flags } = await this.parse(UpdateKvConfig);
    const { namespace, key, value } = flags;
    const { putKv } = await import('../core/client/admin/namesrv-admin.ts');
    const results = await withAdmin({ flags, io: this.io }, (admin) => putKv(admin, namespace, key, value));
    const done = (all: typeof results): string =>
      all.some(({ error }) => error !== undefined) ? '' : 'create or update kv config to namespace success.\n';
    await this.print(flags, results, done, (all) => ({ namespace, key, value, namesrvs: resultsDocument(all) }));
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
