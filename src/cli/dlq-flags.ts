/**
 * What the commands of `mqadmin dlq` share: whose dead letters, which of them, and the file a run with a selection keeps its
 * progress in.
 *
 *   {"selection":"id=… key=… match=…","to":"retry","queues":{"broker-a 0":12,...}}
 */

import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Flags } from '@oclif/core';
import type { DlqSelection } from '../core/client/admin/dead-letters.ts';
import type { ResendProgress } from '../core/client/admin/dlq-resend.ts';
import { errnoOf } from '../core/common/errors.ts';
import type { MessageQueue } from '../core/message/message-queue.ts';
import { ValueFault } from './faults.ts';

export const groupFlag = { group: Flags.string({ char: 'g', required: true, description: 'consumer group' }) };

export const selectionFlags = {
  id: Flags.string({
    description: 'the one with this id: unique id, offset message id of the letter, or of the message it was',
  }),
  key: Flags.string({ description: 'those with this key' }),
  match: Flags.string({
    description: 'those with this text, or match of /REGEX/ or /REGEX/i, in body, tag, keys or a property of yours',
  }),
  handled: Flags.boolean({ description: 'also those that were resent or dropped before' }),
};

export interface SelectionLine {
  readonly id?: string | undefined;
  readonly key?: string | undefined;
  readonly match?: string | undefined;
  readonly handled?: boolean | undefined;
}

/** Throws ValueFault for what is no regular expression. */
export function selectionOf({ id, key, match, handled }: SelectionLine): DlqSelection {
  return { id, key, handled, match: match === undefined ? undefined : patternOf(match) };
}

function patternOf(text: string): RegExp {
  const [, source, flags] = /^\/(.+)\/(i?)$/s.exec(text) ?? [];
  if (source === undefined) return new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new ValueFault(`--match ${text} cannot be read: ${error instanceof Error ? error.message : error}.`);
  }
}

/** What a run with these flags is, to tell another by. Undefined: without a selection. */
export function selectionText({ id, key, match, handled }: SelectionLine): string | undefined {
  const parts = Object.entries({ id, key, match }).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${value}`,
  );
  if (parts.length === 0) return undefined;
  return [...parts, ...(handled ? ['handled'] : [])].join(' ');
}

export interface ProgressFileOptions {
  readonly file: string | undefined;
  readonly group: string;
  /** selectionText(). */
  readonly selection: string;
  readonly to: string;
}

/** The progress of one selection, in a file that outlives the run. */
export class ProgressFile implements ResendProgress {
  readonly file: string;
  readonly #head: { selection: string; to: string };
  readonly #queues: Record<string, number>;
  /** There is something in it from a run before. */
  readonly isContinued: boolean;

  /** Throws ValueFault for a file that is something else's. */
  constructor({ file, group, selection, to }: ProgressFileOptions) {
    const hash = createHash('sha256').update(`${selection}\n${to}`).digest('hex').slice(0, 8);
    this.file = file ?? `dlq-${group.replaceAll(/[^\w.-]/g, '_')}-${hash}.json`;
    this.#head = { selection, to };
    this.#queues = this.#read();
    this.isContinued = Object.keys(this.#queues).length > 0;
  }

  begin(mq: MessageQueue): number | undefined {
    return this.#queues[keyOf(mq)];
  }

  reached(mq: MessageQueue, offset: number): void {
    this.#queues[keyOf(mq)] = offset;
    const text = `${JSON.stringify({ ...this.#head, queues: this.#queues }, undefined, 2)}\n`;
    // Whole at every moment, as the run may be killed.
    writeFileSync(`${this.file}.new`, text);
    renameSync(`${this.file}.new`, this.file);
  }

  #read(): Record<string, number> {
    let text: string;
    try {
      text = readFileSync(this.file, 'utf8');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return {};
      throw error;
    }
    const { selection, to, queues } = documentOf(text);
    const isQueues = typeof queues === 'object' && queues !== null && Object.values(queues).every(Number.isSafeInteger);
    if (selection !== this.#head.selection || to !== this.#head.to || !isQueues) {
      throw new ValueFault(`${this.file} is not the progress of this run: name another with --progress-file.`);
    }
    return { ...queues } as Record<string, number>;
  }
}

const keyOf = ({ brokerName, queueId }: MessageQueue): string => `${brokerName} ${queueId}`;

function documentOf(text: string): { selection?: unknown; to?: unknown; queues?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {};
  }
}
