/**
 * What the namesrv's processors may touch.
 */

import type { NamesrvConfig } from '../common/config-schema.ts';
import type { Logger } from '../common/logger.ts';
import type { RequestSchema } from '../protocol/schema.ts';
import type { Processor } from '../remoting/processor-table.ts';
import type { KvConfigManager } from './kv-config-manager.ts';
import type { RouteInfoManager } from './route-info-manager.ts';

export interface NamesrvContext {
  readonly routes: RouteInfoManager;
  readonly kv: KvConfigManager;
  readonly config: NamesrvConfig;
  /** Keys of the configuration file that no class knows. */
  readonly extras: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

export type NamesrvProcessor<S extends RequestSchema> = Processor<NamesrvContext, S['request'], S['response']>;
