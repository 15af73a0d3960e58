/**
 * What `mqnamesrv -p`, `mqbroker -p` and `mqbroker -m` print: every setting as `key=value`, in Java's order, behind what its
 * console logger puts there. The two loggers differ: the broker's pattern is in GMT+8 and prints its escapes (`05\:59\:23`),
 * the namesrv's comes before any pattern is loaded. A value that is not set is empty.
 */

import type { ConfigSchema, ConfigValue } from '../../core/common/config-key.ts';
import { brokerConfigSchema, namesrvConfigSchema } from '../../core/common/config-schema.ts';

type Config = Readonly<Record<string, ConfigValue>>;

const GMT_PLUS_8_MS = 8 * 60 * 60 * 1000;
/** Java prints server, client and store settings one class after the other; these two are of both netty classes. */
const TWICE = ['writeBufferHighWaterMark', 'writeBufferLowWaterMark'];
const FIRST_OF_STORE = 'storePathRootDir';
/** Settings RocketMQ 4.9 does not have: printed only when they were set. */
const OWN_NAMESRV_KEYS = ['scanNotActiveBrokerInterval', 'brokerChannelExpiredTime'];

/** `now` in ms since 1970. */
export function brokerConfigItems(config: Config, which: 'all' | 'important', now: number): string {
  const time = new Date(now + GMT_PLUS_8_MS).toISOString();
  const prefix = `${time.slice(0, 10)} ${time.slice(11, 19).replaceAll(':', '\\:')} INFO main - `;
  const schema: ConfigSchema = brokerConfigSchema;
  const javas = Object.keys(schema).filter((name) => schema[name]?.own !== true);
  const names = javas.flatMap((name) => (name === FIRST_OF_STORE ? [...TWICE, name] : [name]));
  const printed = which === 'all' ? names : javas.filter((name) => schema[name]?.important === true);
  return printed.map((name) => itemLine(prefix, name, config)).join('');
}

export function namesrvConfigItems(config: Config, now: number): string {
  const time = new Date(now);
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0'));
  const clock = `${parts.join(':')}.${String(time.getMilliseconds()).padStart(3, '0')}`;
  const schema: ConfigSchema = namesrvConfigSchema;
  const facts = { cpus: 1, home: '', hostName: '', localAddress: '' };
  const isJavas = (name: string): boolean => !OWN_NAMESRV_KEYS.includes(name);
  const isSet = (name: string): boolean => config[name] !== schema[name]?.defaultOf(facts);
  const names = [...Object.keys(schema).filter(isJavas), ...OWN_NAMESRV_KEYS.filter(isSet)];
  return names.map((name) => itemLine(`${clock} [main] INFO RocketmqNamesrvConsole - `, name, config)).join('');
}

const itemLine = (prefix: string, name: string, config: Config): string => `${prefix}${name}=${config[name] ?? ''}\n`;
