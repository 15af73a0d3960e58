/**
 * What printMsg and printMsgByQueue share: their options, and the printing of what a pull brings as it comes. As json and yaml
 * the messages are streamed, so that a topic may be larger than the memory.
 */

import { Flags } from '@oclif/core';
import type { Admin } from '../core/client/admin/admin.ts';
import type { PrintEvent, TagCounter } from '../core/client/admin/print-messages.ts';
import type { TimeWindow } from '../core/client/admin/pull-session.ts';
import { charsetDecoder, decodeUtf8 } from '../core/common/java-charset.ts';
import type { MessageExt } from '../core/message/message.ts';
import { withAdmin } from './admin-session.ts';
import { ValueFault } from './faults.ts';
import type { GlobalFlags } from './flags.ts';
import type { Io } from './io.ts';
import { type MachineStream, machineStream } from './machine-stream.ts';
import { type BodyText, renderMessages, renderPrintEvent, renderTagCounts } from './output/print-msg.ts';
import { failOnQueues, type QueueFailure } from './queue-failures.ts';
import { parseTimeValue } from './time-value.ts';

export const printFlags = {
  charsetName: Flags.string({ char: 'c', helpLabel: 'charsetName ', description: 'CharsetName(eg: UTF-8,GBK)' }),
  subExpression: Flags.string({
    char: 's',
    helpLabel: 'subExpression ',
    description: 'Subscribe Expression(eg: TagA || TagB)',
  }),
  beginTimestamp: Flags.string({
    char: 'b',
    helpLabel: 'beginTimestamp ',
    description: 'Begin timestamp[currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]',
  }),
  endTimestamp: Flags.string({
    char: 'e',
    helpLabel: 'endTimestamp ',
    description: 'End timestamp[currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]',
  }),
};

interface PrintLine extends GlobalFlags {
  readonly charsetName?: string | undefined;
  readonly beginTimestamp?: string | undefined;
  readonly endTimestamp?: string | undefined;
}

/** Throws ValueFault for what is no time. */
export function windowOf({ beginTimestamp, endTimestamp }: PrintLine): TimeWindow {
  return {
    beginTimestamp: beginTimestamp === undefined ? undefined : parseTimeValue(beginTimestamp, '-b'),
    endTimestamp: endTimestamp === undefined ? undefined : parseTimeValue(endTimestamp, '-e'),
  };
}

/** Undefined without -c. Throws ValueFault for a name nobody knows. */
export function charsetOf({ charsetName }: PrintLine): BodyText | undefined {
  if (charsetName === undefined) return undefined;
  const decode = charsetDecoder(charsetName);
  if (decode !== undefined) return decode;
  throw new ValueFault(`-c names no character set that is known here: "${charsetName}".`);
}

export interface PrinterOptions {
  readonly io: Io;
  readonly flags: GlobalFlags;
  readonly printBody: boolean;
  /** Undefined: UTF-8. */
  readonly charset: BodyText | undefined;
}

export interface QueuePrint {
  /** Whether the messages are printed. */
  readonly messages: boolean;
  /** Counts the tags, which are printed at the end. */
  readonly tags: TagCounter | undefined;
}

type Events = (admin: Admin) => AsyncIterable<PrintEvent>;

export class MessagePrinter {
  readonly #options: PrinterOptions;
  readonly #bodyText: BodyText;
  readonly #failures: QueueFailure[] = [];

  constructor(options: PrinterOptions) {
    this.#options = options;
    const { printBody, charset = decodeUtf8 } = options;
    this.#bodyText = printBody ? charset : () => 'NOT PRINT BODY';
  }

  /** printMsg. Throws PARTLY when a queue could not be read. */
  async run(events: Events): Promise<void> {
    const { io } = this.#options;
    const queues: object[] = [];
    const document = await this.#document();
    await this.#each(events, (event) => {
      if (document === undefined) io.out(renderPrintEvent(event, this.#bodyText));
      else if (event.kind === 'batch') for (const message of event.messages) document.add(this.#element(message));
      else if (event.kind === 'queue') queues.push({ ...event.mq, minOffset: event.min, maxOffset: event.max });
    });
    document?.end({ queues });
    failOnQueues(this.#failures);
  }

  /** printMsgByQueue. Throws what the queue could not be read for. */
  async runQueue(events: Events, { messages, tags }: QueuePrint): Promise<void> {
    const { io } = this.#options;
    const document = await this.#document();
    await this.#each(events, (event) => {
      if (event.kind !== 'batch') return;
      tags?.add(event.messages);
      if (!messages) return;
      if (document === undefined) io.out(renderMessages(event.messages, this.#bodyText));
      else for (const message of event.messages) document.add(this.#element(message));
    });
    const counts = tags?.counts() ?? [];
    if (document === undefined) io.out(renderTagCounts(counts));
    else document.end(tags === undefined ? {} : { tags: counts });
    const [failure] = this.#failures;
    if (failure !== undefined) throw failure.error;
  }

  async #document(): Promise<MachineStream | undefined> {
    const { io, flags } = this.#options;
    if (flags.output === 'text') return undefined;
    return machineStream(flags.output, 'messages', (text) => io.out(text));
  }

  async #each(events: Events, take: (event: PrintEvent) => void): Promise<void> {
    const { io, flags } = this.#options;
    await withAdmin({ flags, io }, async (admin) => {
      for await (const event of events(admin)) {
        if (event.kind === 'failed') this.#failures.push(event);
        take(event);
      }
    });
  }

  /** A message as json and yaml have it. */
  #element(message: MessageExt): object {
    const { printBody, charset } = this.#options;
    const { body, ...rest } = message;
    if (!printBody) return rest;
    return { ...rest, body: charset === undefined ? body : charset(body) };
  }
}
