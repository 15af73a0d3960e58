/**
 * `mqadmin store verify`: walks everything a stopped store holds and holds the parts against each other. What is found is the
 * first bad byte of each file. Nothing is changed, and memory is bounded: one block of the log, one bit a message, the slots
 * of one index file.
 *
 * A torn tail, bytes behind the last whole record, is what a crash leaves and recovery cuts off: a note while `abort` is there,
 * a fault after a clean stop. It is damage in either case when messages lie behind it that the checkpoint calls durable.
 */
import type { Clock } from '../../common/clock.ts';
import { decodeProperties } from '../../message/properties.ts';
import { type Fault, Findings, tellLength } from './findings.ts';
import { type LogGap, LogReader, UNWRITTEN } from './log-walk.ts';
import type { Flaw, RecordLook } from './record-look.ts';
import type { StoreDir } from './store-dir.ts';
import { configuredTopics, readCheckpoint, verifyCheckpoint, verifyConfig } from './verify-config.ts';
import { IndexVerifier } from './verify-index.ts';
import { QueueVerifier } from './verify-queues.ts';

export interface VerifyResult {
  readonly store: string;
  readonly sound: boolean;
  /** The last stop was none: what recovery puts right are notes. */
  readonly crashed: boolean;
  readonly commitLogFiles: number;
  readonly messages: number;
  readonly queues: number;
  /** Messages that wait for a time of their own; after a crash at most so many. */
  readonly timedPending: number;
  readonly units: number;
  readonly indexFiles: number;
  readonly indexEntries: number;
  /** One a file. */
  readonly faults: readonly Fault[];
  readonly notes: readonly Fault[];
}

export interface VerifyOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Bytes of the log that are done, of how many. */
  readonly progress?: (done: number, total: number) => void;
}

/** Throws the disk's error for a file that cannot be read. */
export function verifyStore(dir: StoreDir, options: VerifyOptions): VerifyResult {
  return new StoreVerifier(dir, options).run();
}

class StoreVerifier {
  readonly #dir: StoreDir;
  readonly #options: VerifyOptions;
  readonly #findings = new Findings();
  readonly #log: LogReader;
  readonly #gaps: { from: number; to: number }[] = [];
  readonly #queues: QueueVerifier;
  readonly #index: IndexVerifier;
  readonly #durableUntil: number;
  /** Part of the log that cannot be read, as long as nothing durable was found behind it. */
  #doubtful: { gap: LogGap; messages: number } | undefined;
  #end: number;
  #messages = 0;
  #newest = 0;

  constructor(dir: StoreDir, options: VerifyOptions) {
    this.#dir = dir;
    this.#options = options;
    const { physicMsgTimestamp, indexMsgTimestamp } = readCheckpoint(dir);
    this.#durableUntil = physicMsgTimestamp;
    this.#end = dir.minOffset;
    this.#log = new LogReader(dir);
    this.#queues = new QueueVerifier(dir, this.#log, this.#findings);
    this.#index = new IndexVerifier({
      dir,
      log: this.#log,
      findings: this.#findings,
      gaps: this.#gaps,
      vouchedFor: indexMsgTimestamp,
    });
  }

  run(): VerifyResult {
    const { progress, clock } = this.#options;
    const { minOffset, segments, paths, crashed } = this.#dir;
    const findings = this.#findings;
    this.#checkFiles();
    const last = segments[segments.length - 1];
    const total = last === undefined ? 0 : last.start + this.#log.fileSize - minOffset;
    this.#log.walk(minOffset, {
      record: (look, flaw) => this.#record(look, flaw),
      gap: (gap) => this.#gap(gap),
      progress: (offset) => progress?.(offset - minOffset, total),
    });
    this.#settleDoubtful();
    const topics = configuredTopics(this.#dir, findings);
    // Without topics.json it cannot be told whether a topic was deleted.
    const end = this.#doubtful?.gap.from ?? this.#end;
    this.#queues.finish({ gaps: this.#gaps, end }, (topic) => topics?.has(topic) ?? true);
    this.#index.finish();
    const isEmpty = this.#messages === 0;
    verifyCheckpoint(this.#dir, findings, { newest: isEmpty ? clock.now() : this.#newest, isEmpty });
    const queues = [...this.#queues.queues()];
    verifyConfig(this.#dir, findings, { topics, queues });
    this.#log.close();
    const { faults, notes } = findings;
    return {
      store: paths.root,
      sound: faults.length === 0,
      crashed,
      commitLogFiles: segments.length,
      messages: this.#messages,
      queues: queues.length,
      timedPending: this.#queues.timed.count,
      units: this.#queues.unitCount,
      indexFiles: this.#index.fileCount,
      indexEntries: this.#index.entryCount,
      faults,
      notes,
    };
  }

  #checkFiles(): void {
    const { segments, strays, shape } = this.#dir;
    for (const path of strays) {
      this.#findings.fault({
        file: path,
        offset: 0,
        reason: 'it does not belong there: a broker refuses the store for it',
      });
    }
    for (const segment of segments) {
      tellLength(this.#findings, segment, shape.mappedFileSizeCommitLog);
      if (segment.start % shape.mappedFileSizeCommitLog === 0) continue;
      const reason = `the name is no multiple of the length of the files, ${shape.mappedFileSizeCommitLog}`;
      this.#findings.fault({ file: segment.path, offset: 0, reason });
    }
  }

  #record(look: RecordLook, flaw: Flaw | undefined): void {
    this.#messages++;
    this.#end = look.offset + look.size;
    // Of the last time of the checkpoint there may be messages that came after its fsync.
    const mayBeTorn = this.#dir.crashed && look.storeTimestamp >= this.#durableUntil;
    if (flaw !== undefined) this.#flawed(look, flaw, mayBeTorn);
    if (look.storeTimestamp > this.#newest) this.#newest = look.storeTimestamp;
    const doubtful = this.#doubtful;
    if (doubtful !== undefined && doubtful.gap.from !== look.offset) {
      doubtful.messages++;
      if (!mayBeTorn) {
        this.#tellGap(doubtful.gap);
        this.#doubtful = undefined;
      }
    }
    const topic = look.buffer.toString('utf8', look.topicStart, look.topicEnd);
    const properties = decodeProperties(look.buffer.toString('utf8', look.propertiesStart, look.propertiesEnd));
    this.#queues.record(look, topic, properties);
    this.#index.record(look, topic, properties);
  }

  /** A field cannot be right: damage, or what a power cut left of the record, at which recovery cuts the log then. */
  #flawed({ offset, size }: RecordLook, { at, why }: Flaw, mayBeTorn: boolean): void {
    const gap = { from: offset, to: offset + size, badByte: offset + at, why, missing: false };
    if (mayBeTorn) this.#doubtful ??= { gap, messages: 0 };
    else this.#findings.fault({ ...this.#log.place(gap.badByte), reason: why });
  }

  #gap(gap: LogGap): void {
    const { from, to } = gap;
    if (to === undefined) {
      this.#tail(gap);
      return;
    }
    this.#gaps.push({ from, to });
    this.#queues.gap();
    // A file that is not there is no torn write.
    if (gap.missing) this.#tellGap(gap);
    else this.#doubtful ??= { gap, messages: 0 };
  }

  /** In the midst of the log. */
  #tellGap({ from, to = from, badByte, why }: LogGap): void {
    const reason = why === UNWRITTEN ? 'zeros where a record is expected' : why;
    const lost = `; the next record begins at ${to} of the log, ${to - from} bytes further on`;
    this.#findings.fault({ ...this.#log.place(badByte), reason: `${reason}${lost}` });
  }

  /** What a crash tore, and whole messages behind it that were not called durable yet: recovery cuts all of it. */
  #settleDoubtful(): void {
    if (this.#doubtful === undefined) return;
    const { gap, messages } = this.#doubtful;
    const reason = `${gap.why}: recovery cuts the log here, and ${messages} whole messages behind it`;
    this.#findings.note({ ...this.#log.place(gap.badByte), reason });
  }

  /** Behind the last record. */
  #tail({ from, badByte, why }: LogGap): void {
    const place = this.#log.place(why === UNWRITTEN ? from : badByte);
    let last = -1;
    for (let start = from; ; ) {
      const end = this.#log.fileStart(start) + this.#log.fileSize;
      const written = this.#log.lastWritten(start, end);
      if (written >= 0) last = written;
      if (!this.#dir.segments.some((segment) => segment.start === end)) break;
      start = end;
    }
    if (last < 0) return;
    const what = `${last - from} bytes are no record behind the last whole one, which ends at ${from} of the log`;
    if (this.#dir.crashed) this.#findings.note({ ...place, reason: `${what}: recovery cuts them off` });
    else this.#findings.fault({ ...place, reason: `${what} (${why}), although the last stop was clean` });
  }
}
