/**
 * mqadmin getNamesrvConfig: all settings of every name server.
 */

import { failOnErrors, resultsDocument } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { renderNamesrvConfigs } from '../cli/output/config-listing.ts';
import type { ConfigTexts } from '../core/client/admin/config-admin.ts';
import type { AddressResult } from '../core/client/admin/per-address.ts';

export default class GetNamesrvConfig extends BaseCommand {
  static override summary = 'Get configs of name server.';
  static override listPosition = 43;
  static override javaClass = 'GetNamesrvConfigCommand';

  override async run(): Promise<AddressResult<ConfigTexts>[]> {
    const { flags } = await this.parse(GetNamesrvConfig);
    const { namesrvConfigs } = await import('../core/client/admin/config-admin.ts');
    const results = await withAdmin({ flags, io: this.io }, namesrvConfigs);
    await this.print(flags, results, renderNamesrvConfigs, (all) => resultsDocument(all, (config) => ({ config })));
    failOnErrors(this.io, results, flags.debug);
    return results;
  }
}
