/** What the commands of `mqadmin dlq` print. */

import type { DeadLetter } from '../../core/client/admin/dead-letters.ts';
import type { DlqGroup, DlqOrigin } from '../../core/client/admin/dlq-list.ts';
import { Property } from '../../core/message/properties.ts';
import { type Cell, left, right } from './columns.ts';
import { timeOfDay, timeWithMillis } from './java-time.ts';

const NAME_WIDTH = 26;

export function renderDlqGroups(groups: readonly DlqGroup[]): string {
  const waiting = groups.reduce((sum, group) => sum + group.waiting, 0);
  const rows = groups.map((group) =>
    groupLine(group.consumerGroup, [group.waiting, group.handled], [time(group.oldest), time(group.newest)]),
  );
  const total = `\n${count(waiting, 'dead letter')} of ${count(groups.length, 'group')} to deal with.\n`;
  return groupLine('#Group', ['#Wait', '#Done'], ['#Oldest', '#Newest']) + rows.join('') + total;
}

export function renderDlqOrigins(origins: readonly DlqOrigin[]): string {
  const rows = origins.map(({ originTopic, waiting, oldest, newest }) =>
    groupLine(originTopic === '' ? '-' : originTopic, [waiting, ''], [time(oldest), time(newest)]),
  );
  return `\n${groupLine('#Origin Topic', ['#Wait', ''], ['#Oldest', '#Newest'])}${rows.join('')}`;
}

const time = (millis: number | undefined): string => (millis === undefined ? '-' : timeOfDay(millis));

const groupLine = (name: string, counts: readonly Cell[], times: readonly string[]): string =>
  `${left(name, NAME_WIDTH)}${counts.map((cell) => ` ${right(cell, 5)}`).join('')}  ${left(times[0] ?? '', 19)}  ${times[1]}\n`;

/** `1 dead letter`, `2 dead letters`. */
export const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

const BODY_SHOWN = 1000;

export function renderDeadLetter(letter: DeadLetter): string {
  const { message, originTopic, originMessageId, handled } = letter;
  const { properties, body } = message;
  const rows: [string, string | number | undefined][] = [
    ['Origin Topic:', originTopic],
    ['Message Id:', message.msgId],
    ['Origin Message Id:', originMessageId],
    ['Dead Letter Id:', message.offsetMsgId],
    ['Tag:', properties[Property.TAGS]],
    ['Keys:', properties[Property.KEYS]],
    ['Reconsume Times:', message.reconsumeTimes],
    ['Born:', timeWithMillis(message.bornTimestamp)],
    ['Died:', timeWithMillis(message.storeTimestamp)],
    ...ownProperties(properties).map(([name, value]): [string, string] => [`${name}:`, value]),
    ['Body:', bodyText(body)],
  ];
  const heading = `${message.brokerName ?? '-'} queue ${message.queueId} offset ${message.queueOffset}${handled ? ', dealt with' : ''}\n`;
  const lines = rows.map(([label, value]) => (value === undefined ? '' : `  ${left(label, 19)} ${value}\n`));
  return heading + lines.join('');
}

const systemNames: ReadonlySet<string> = new Set(Object.values(Property));

const ownProperties = (properties: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(properties).filter(([name]) => !systemNames.has(name));

/** One line of it, without what would move the cursor. */
function bodyText(body: Buffer): string {
  const text = body.toString('utf8');
  if (!Buffer.from(text).equals(body)) return `${body.length} bytes, no text`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  const line = text.replaceAll(/[\u0000-\u001f\u007f]/g, ' ');
  return line.length <= BODY_SHOWN ? line : `${line.slice(0, BODY_SHOWN)}... (${body.length} bytes)`;
}

/** Json and yaml. */
export function deadLetterDocument({ message, ...letter }: DeadLetter): object {
  const { msgId, offsetMsgId, queueId, queueOffset, reconsumeTimes, bornTimestamp, storeTimestamp } = message;
  return {
    ...letter,
    ...{ msgId, offsetMsgId, brokerName: message.brokerName, queueId, queueOffset, reconsumeTimes, bornTimestamp },
    diedTimestamp: storeTimestamp,
    properties: { ...message.properties },
    body: message.body,
  };
}
