/**
 * mqadmin updateNamesrvConfig: sets one key of every name server. The text names the servers of -n that took it, and none
 * where the address came from elsewhere.
 */

import { Flags } from '@oclif/core';
import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import type { AddressResult } from '../core/client/admin/per-address.ts';

export default class UpdateNamesrvConfig extends BaseCommand {
  static override summary = 'Update configs of name server.';
  static override listPosition = 44;
  static override javaClass = 'UpdateNamesrvConfigCommand';
  static override flags = {
    key: Flags.string({ char: 'k', required: true, description: 'config key' }),
    value: Flags.string({ char: 'v', required: true, description: 'config value' }),
  };

  override async run(): Promise<AddressResult<void>[]> {
    const { flags } = await this.parse(UpdateNamesrvConfig);
    const { key, value } = flags;
    const { changeNamesrvConfig } = await import('../core/client/admin/config-admin.ts');
    const results = await withAdmin({ flags, io: this.io }, (admin) => changeNamesrvConfig(admin, key, value));
    const done = (all: typeof results): string => {
      const addrs = all.filter(({ error }) => error === undefined).map(({ addr }) => addr);
      if (addrs.length === 0) return '';
      const names = flags.namesrvAddr === undefined ? '' : `[${addrs.join(', ')}]`;
      return `update name server config success!${names}\n${key} : ${value}\n`;
    };
    await this.print(flags, results, done, (all) => ({ key, value, namesrvs: resultsDocument(all) }));
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
