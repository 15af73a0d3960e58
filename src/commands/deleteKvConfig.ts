/**
 * mqadmin deleteKvConfig: removes a key of a namespace from every name server.
 * The sentence of success comes only when all of them have done it.
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import type { AddressResult } from '../core/client/admin/per-address.ts';

export default class DeleteKvConfig extends BaseCommand {
  static override summary = 'Delete KV config.';
  static override listPosition = 29;
  static override javaClass = 'DeleteKvConfigCommand';
  static override flags = {
    namespace: Flags.string({ char: 's', required: true, description: 'set the namespace' }),
    key: Flags.string({ char: 'k', required: true, description: 'set the key name' }),
  };

  override async run(): Promise<AddressResult<void>[]> {
    const { flags } = await this.parse(DeleteKvConfig);
    const { namespace, key } = flags;
    const { removeKv } = await import('../core/client/admin/namesrv-admin.ts');
    const results = await withAdmin({ flags, io: this.io }, (admin) => removeKv(admin, namespace, key));
    const done = (all: typeof results): string =>
      all.some(({ error }) => error !== undefined) ? '' : 'delete kv config from namespace success.\n';
    await this.print(flags, results, done, (all) => ({ namespace, key, namesrvs: resultsDocument(all) }));
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
