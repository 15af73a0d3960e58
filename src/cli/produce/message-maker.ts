/**
 * From a line of input, or a number, to a message: what the options say for all of them, and what a line of JSON says of its
 * own. Every fault is a PocketError ILLEGAL_ARGUMENT.
 */

import { bodyOf } from '../../core/client/producer/new-message.ts';
import { PocketError } from '../../core/common/errors.ts';
import type { DelayLevels } from '../../core/message/delay-level.ts';
import type { NewMessage } from '../../core/message/message.ts';
import { Property } from '../../core/message/properties.ts';
import { bytesOfBase64, checkedProperty, jsonMessageOf } from './json-message.ts';
import type { TextTemplate } from './text-template.ts';

/** What all messages have where a line says nothing else. */
export interface MessageDefaults {
  readonly topic: string;
  readonly tags: string | undefined;
  readonly keys: TextTemplate | undefined;
  readonly properties: readonly (readonly [name: string, value: TextTemplate])[];
  /** A level or a delay such as 10s. */
  readonly delay: string | undefined;
  readonly shardingKey: TextTemplate | undefined;
}

/** A message, and what chooses its queue. */
export interface MadeMessage {
  readonly message: NewMessage;
  readonly shardingKey: string | undefined;
}

export class MessageMaker {
  readonly #defaults: MessageDefaults;
  readonly #levels: DelayLevels;
  readonly #delay: string | undefined;

  /** Throws for a delay that is no level. */
  constructor(defaults: MessageDefaults, levels: DelayLevels) {
    this.#defaults = defaults;
    this.#levels = levels;
    this.#delay = defaults.delay === undefined ? undefined : this.#levelOf(defaults.delay);
  }

  /** The bytes are the body. */
  ofBody(n: number, body: Buffer): MadeMessage {
    const { topic, tags, keys, shardingKey } = this.#defaults;
    return this.#make({ topic, tags, keys: keys?.(n), body }, this.#properties(n), {
      delay: this.#delay,
      shardingKey: shardingKey?.(n),
    });
  }

  /** The bytes are the JSON of a message. */
  ofJson(n: number, bytes: Buffer): MadeMessage {
    const defaults = this.#defaults;
    const json = jsonMessageOf(bytes.toString());
    const { topic = defaults.topic, tags = defaults.tags, keys = defaults.keys?.(n), flag } = json;
    const body = json.body === undefined ? bytesOfBase64(json.bodyBase64 ?? '') : Buffer.from(json.body);
    const properties = { ...this.#properties(n), ...json.properties };
    const shardingKey = json.shardingKey ?? properties[Property.SHARDING_KEY] ?? defaults.shardingKey?.(n);
    const delay = json.delay === undefined ? this.#delay : this.#levelOf(String(json.delay));
    return this.#make({ topic, tags, keys, body, flag }, properties, { delay, shardingKey });
  }

  #make(
    message: NewMessage,
    properties: Record<string, string>,
    { delay, shardingKey }: { delay: string | undefined; shardingKey: string | undefined },
  ): MadeMessage {
    if (delay !== undefined) properties[Property.DELAY] = delay;
    if (shardingKey !== undefined) properties[Property.SHARDING_KEY] = shardingKey;
    return { message: { ...message, body: bodyOf(message), properties }, shardingKey };
  }

  #properties(n: number): Record<string, string> {
    return Object.fromEntries(this.#defaults.properties.map(([name, value]) => [name, value(n)]));
  }

  #levelOf(delay: string): string {
    return String(this.#levels.levelOf(delay));
  }
}

/** `name=value` of a --property. Throws for a text without a name or a value, and for a name that RocketMQ uses itself. */
export function propertyOf(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals <= 0 || equals === text.length - 1) {
    throw new PocketError('ILLEGAL_ARGUMENT', `--property is name=value, not "${text}"`);
  }
  const property = [text.slice(0, equals), text.slice(equals + 1)] as const;
  checkedProperty(...property);
  return property;
}
