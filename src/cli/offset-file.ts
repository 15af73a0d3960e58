/**
 * Files with the offsets of a group in a topic, which `offset reset` writes before it changes anything and takes as a target:
 *
 *   {"consumerGroup":"G","topic":"T","queues":[{"brokerName":"broker-a","queueId":0,"offset":12},...]}
 *
 * A queue without a committed offset has none in the file: going back does not touch it.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import type { OffsetPlan } from '../core/client/admin/offset-reset.ts';
import type { QueueOffset } from '../core/protocol/bodies/reset-offset.ts';
import { ValueFault } from './faults.ts';

/** What the group has committed before the reset. Never replaces a file. Throws the system's error. */
export function writeOffsetFile(file: string, { consumerGroup, topic, queues }: OffsetPlan): void {
  const rows = queues.map(({ mq, before: offset }) => ({ brokerName: mq.brokerName, queueId: mq.queueId, offset }));
  writeFileSync(file, `${JSON.stringify({ consumerGroup, topic, queues: rows }, undefined, 2)}\n`, { flag: 'wx' });
}

/** The offsets of a file for this topic. Throws ValueFault for what is no such file. */
export function readOffsetFile(file: string, topic: string): QueueOffset[] {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ValueFault(`${file} cannot be read as offsets: ${error instanceof Error ? error.message : error}.`);
  }
  const { topic: written, queues } = (document ?? {}) as { topic?: unknown; queues?: unknown };
  if (written !== topic || !Array.isArray(queues))
    throw new ValueFault(`${file} holds no offsets of the topic ${topic}.`);
  return queues.flatMap((row: unknown) => {
    const { brokerName, queueId, offset } = (row ?? {}) as {
      brokerName?: unknown;
      queueId?: unknown;
      offset?: unknown;
    };
    if (typeof brokerName === 'string' && isOffset(queueId)) {
      if (offset === undefined || offset === null) return [];
      if (isOffset(offset)) return { mq: { topic, brokerName, queueId }, offset };
    }
    throw new ValueFault(`${file} has a queue that is none: ${JSON.stringify(row)}.`);
  });
}

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
