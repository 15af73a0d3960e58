/**
 * What getBrokerConfig and getNamesrvConfig print: a heading for each server, then its keys. A broker that did not answer
 * keeps its heading, which mqadmin prints before it asks; a name server that did not answer has none.
 */

import type { BrokerConfigResult, ConfigTexts } from '../../core/client/admin/config-admin.ts';
import type { AddressResult } from '../../core/client/admin/per-address.ts';
import { left } from './columns.ts';

export function renderBrokerConfigs(results: readonly BrokerConfigResult[]): string {
  return results.map((result) => `${heading(result)}\n${result.value ? `${rows(result.value)}\n` : ''}`).join('');
}

export function renderNamesrvConfigs(results: readonly AddressResult<ConfigTexts>[]): string {
  return results.map(({ addr, value }) => (value ? `${ruled(addr)}\n${rows(value)}` : '')).join('');
}

function heading({ addr, role, masterAddr }: BrokerConfigResult): string {
  if (role === 'one') return ruled(addr);
  return role === 'master' ? ruled(`Master: ${addr}`) : ruled(`My Master: ${masterAddr ?? null}=====Slave: ${addr}`);
}

const ruled = (text: string): string => `============${text}============`;

function rows(config: ConfigTexts): string {
  return Object.entries(config)
    .map(([key, value]) => `${left(key, 50)}=  ${value}\n`)
    .join('');
}
