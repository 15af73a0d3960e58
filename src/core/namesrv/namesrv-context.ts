/**
 * What the namesrv's processors may touch.
 */

import type { NamesrvConfig, namesrvConfigSchema } from '../common/config-schema.ts';
import type { Configuration } from '../common/configuration.ts';
import type { Logger } from '../common/logger.ts';
import type { RequestSchema } from '../protocol/schema.ts';
import type { Processor } from '../remoting/processor-table.ts';
import type { KvConfigManager } from './kv-config-manager.ts';
import type { RouteInfoManager } from './route-info-manager.ts';

export interface NamesrvContext {
  readonly routes: RouteInfoManager;
  readonly kv: KvConfigManager;
  readonly config: NamesrvConfig;
  /** The configuration as it is listed, changed and saved. */
  readonly configuration: Configuration<typeof namesrvConfigSchema>;
  readonly logger: Logger;
}

export type NamesrvProcessor<S extends RequestSchema> = Processor<NamesrvContext, S['request'], S['response']>;
