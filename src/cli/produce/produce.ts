/** From the options of produce to a run, its progress and what it ends with. */

import { delayLevelsOf } from '../../core/client/admin/delay-levels.ts';
import { Producer } from '../../core/client/producer/producer.ts';
import { DEFAULT_MESSAGE_DELAY_LEVEL, DelayLevels } from '../../core/message/delay-level.ts';
import { withAdmin } from '../admin-session.ts';
import { ExitCode, exitCodeOf } from '../exit-codes.ts';
import { CliFault, type Interruption } from '../faults.ts';
import { findNamesrvAddrs } from '../find-namesrv.ts';
import type { GlobalFlags } from '../flags.ts';
import { watchInterrupts } from '../interrupt.ts';
import type { Io } from '../io.ts';
import { sentenceOf } from '../sentences.ts';
import { Progress } from '../store-flags.ts';
import { type MessageDefaults, MessageMaker, propertyOf } from './message-maker.ts';
import { type LineFormat, lineItems, openInput, textItems } from './produce-input.ts';
import { type ProduceResult, ProduceRun } from './produce-run.ts';
import type { SendMode } from './senders.ts';
import { type TextTemplate, textTemplate } from './text-template.ts';

/** The options as they were typed. */
export interface ProduceOptions {
  readonly topic: string;
  /** File of the lines, `-` for stdin; undefined: `body` or `size`. */
  readonly source: string | undefined;
  readonly format: LineFormat | undefined;
  readonly body: string | undefined;
  readonly size: number | undefined;
  readonly count: number | undefined;
  readonly rate: number | undefined;
  readonly mode: SendMode;
  readonly window: number;
  readonly batch: number | undefined;
  readonly tags: string | undefined;
  readonly keys: string | undefined;
  readonly property: readonly string[] | undefined;
  readonly delay: string | undefined;
  readonly 'sharding-key': string | undefined;
  readonly group: string;
  readonly 'continue-on-error': boolean;
}

export interface Produced {
  readonly result: ProduceResult;
  /** What the numbers count. */
  readonly unit: 'line' | 'message';
  /** What the command ends with, after its result was printed. */
  readonly failure: CliFault | undefined;
}

interface Session {
  readonly io: Io;
  readonly flags: GlobalFlags;
}

/** Bodies under way at a time, bytes. */
const WINDOW_BYTES = 32 * 1024 * 1024;
const MESSAGE_TIMEOUT_MS = 5000;
const PROGRESS_MS = 250;

/** Throws ValueFault and PocketError for options that cannot be used, before anything is sent. */
export async function produce(options: ProduceOptions, session: Session): Promise<Produced> {
  const defaults = defaultsOf(options);
  const body = bodyOf(options);
  const namesrvAddrs = await findNamesrvAddrs(session.flags, session.io.env);
  const maker = new MessageMaker(defaults, await levelsOf(options, session));
  const unit = options.source === undefined ? 'message' : 'line';
  const input = options.source === undefined ? undefined : openInput(options.source);
  const items =
    input === undefined ? textItems(body, options.count ?? 1, maker) : lineItems(input, formatOf(options), maker);
  const producer = new Producer({
    group: options.group,
    namesrvAddrs,
    sendMsgTimeout: MESSAGE_TIMEOUT_MS,
    backPressureForAsyncSendNum: options.window,
    backPressureForAsyncSendSize: WINDOW_BYTES,
  });
  const told = new ProduceProgress(session.io);
  const run = new ProduceRun({
    ...{ producer, items, mode: options.mode, rate: options.rate, count: options.count },
    batchSize: options.batch ?? 1,
    continueOnError: options['continue-on-error'],
    progress: told.count,
  });
  const watch = watchInterrupts();
  let interruption: Interruption | undefined;
  let broken: unknown;
  watch.interrupted.catch((signal: Interruption) => {
    interruption = signal;
    run.stop();
    // A stream that brings nothing more would never ask whether to go on.
    input?.destroy();
  });
  try {
    await producer.start();
    await run.run().catch((error: unknown) => {
      broken = error;
    });
  } finally {
    input?.destroy();
    told.end();
    await producer.stop();
    watch.dispose();
  }
  const result = run.result();
  if (interruption !== undefined) return { result, unit, failure: interruption };
  if (broken !== undefined && result.sent === 0) throw broken;
  const failure =
    broken === undefined ? failureOf(run, options, unit) : new CliFault(sentenceOf(broken), exitCodeOf(broken));
  return { result, unit, failure };
}

function defaultsOf({
  topic,
  tags,
  keys,
  delay,
  property = [],
  'sharding-key': shardingKey,
}: ProduceOptions): MessageDefaults {
  const properties = property.map(propertyOf).map(([name, value]) => [name, textTemplate(value)] as const);
  const templateOf = (text: string | undefined) => (text === undefined ? undefined : textTemplate(text));
  return { topic, tags, delay, properties, keys: templateOf(keys), shardingKey: templateOf(shardingKey) };
}

/** The brokers are asked where a message may have a delay. */
async function levelsOf(options: ProduceOptions, session: Session): Promise<DelayLevels> {
  const mayBeDelayed = options.delay !== undefined || (options.source !== undefined && formatOf(options) === 'json');
  if (!mayBeDelayed) return new DelayLevels(DEFAULT_MESSAGE_DELAY_LEVEL);
  return withAdmin(session, (admin) => delayLevelsOf(admin, options.topic));
}

function formatOf({ source, format }: ProduceOptions): LineFormat {
  return format ?? (/\.(jsonl|ndjson)$/.test(source ?? '') ? 'json' : 'line');
}

/** A body of some size are letters, which compress as text does. */
function bodyOf({ body, size = 0 }: ProduceOptions): TextTemplate {
  if (body !== undefined) return textTemplate(body);
  const letters = 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(size / 26)).slice(0, size);
  return () => letters;
}

function failureOf(run: ProduceRun, options: ProduceOptions, unit: string): CliFault | undefined {
  const first = run.firstFailure;
  if (first === undefined) return undefined;
  const { sent, failed } = run.result();
  const what = `${unit} ${first.n} ${first.isBroken ? 'is no message' : 'was not sent'}: ${sentenceOf(first.error)}`;
  if (options['continue-on-error']) {
    const code = sent > 0 ? ExitCode.PARTLY : exitCodeOf(first.error);
    return new CliFault(`${failed} of ${sent + failed} messages were not sent; ${what}`, code);
  }
  const behind = run.lastSent > first.n ? `, the last of them ${unit} ${run.lastSent}` : ' before it';
  return new CliFault(
    `${capitalized(what)} ${sent} ${sent === 1 ? 'message was' : 'messages were'} sent${behind}.`,
    exitCodeOf(first.error),
  );
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Tells a few times a second how many were sent. */
class ProduceProgress {
  readonly #progress: Progress;
  #next = 0;

  constructor(io: Io) {
    this.#progress = new Progress(io, 'sent');
  }

  readonly count = (sent: number): void => {
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + PROGRESS_MS;
    this.#progress.count(sent);
  };

  end(): void {
    this.#progress.end();
  }
}
