/**
 * An alarm as webhooks and commands get it:
 *
 *   {"state":"firing"|"recovered","rule":S,"condition":S,"consumerGroup":S,"topic":S,"value":N,"limit":N,"since":ISO,"at":ISO,
 *    "text":S}
 *
 * consumerGroup and topic are left out where a condition is not about one. The names of a rules file's conditions are those of
 * `condition`; seconds behind are in seconds, a flag has the value 1 and the limit 0.
 */

import type { AlarmEvent } from './alarm-book.ts';

export interface AlarmDocument {
  readonly state: 'firing' | 'recovered';
  readonly rule: string;
  readonly condition: string;
  readonly consumerGroup?: string;
  readonly topic?: string;
  /** As found last. */
  readonly value: number;
  readonly limit: number;
  /** When it was found first. */
  readonly since: string;
  readonly at: string;
  /** One line in words. */
  readonly text: string;
}

export function alarmDocument({ state, finding, since, at }: AlarmEvent): AlarmDocument {
  const { rule, condition, consumerGroup, topic, value, limit } = finding;
  return {
    state,
    rule: rule.name,
    condition,
    ...(consumerGroup !== undefined && { consumerGroup }),
    ...(topic !== undefined && { topic }),
    value,
    limit,
    since: new Date(since).toISOString(),
    at: new Date(at).toISOString(),
    text: alarmText({ state, finding, since, at }),
  };
}

/** `firing "late": billing is 12 messages behind in orders`; of a recovery what was found last. */
export function alarmText({ state, finding }: AlarmEvent): string {
  const what = state === 'firing' ? finding.text : `no longer: ${finding.text}`;
  return `${state} "${finding.rule.name}": ${what}`;
}

/** The same for a command: POCKETMQ_ALARM_STATE, _RULE, _CONDITION, _CONSUMER_GROUP, _TOPIC, _VALUE, _LIMIT, _SINCE, _AT, _TEXT. */
export function alarmEnvironment(document: AlarmDocument): Record<string, string> {
  const entries = Object.entries(document).map(([name, value]): [string, string] => [
    `POCKETMQ_ALARM_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
    String(value),
  ]);
  return Object.fromEntries(entries);
}
