/** A broker's configuration for tests: the defaults of a small machine, overlaid. */
import { type BrokerConfig, brokerConfigSchema, readConfig } from '../../../src/core/common/config-schema.ts';

export function testConfig(settings: Partial<BrokerConfig> = {}): BrokerConfig {
  const facts = { cpus: 2, home: '/nowhere', hostName: 'broker-a', localAddress: '127.0.0.1' };
  return { ...readConfig(brokerConfigSchema, new Map(), facts).config, ...settings };
}
