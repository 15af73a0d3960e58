/**
 * Commitlog against consumequeue, both ways. While the log is walked each message is held against the unit its queue has for
 * it, and a bit is kept for each unit that agrees; afterwards all units are gone through, and those without a bit must have a
 * reason. So both are read once, in their own order, in bounded memory.
 *
 * What is no fault: units of messages that retention has deleted, filler, units that a crash cut off or left behind the end of
 * the log (a note), and messages of a topic that was deleted and perhaps made anew: its numbering began at 0 again.
 */

import { join } from 'node:path';
import { javaHashCode } from '../../common/java-string.ts';
import { DelayLevels } from '../../message/delay-level.ts';
import { RecordOffset } from '../../message/message-codec.ts';
import { decodeProperties, Property } from '../../message/properties.ts';
import { entersQueue } from '../../message/sys-flag.ts';
import { MAX_TIMER_PRECISION_MS } from '../../message/timer-due.ts';
import { Topic } from '../../message/topic-validator.ts';
import { PRE_BLANK_SIZE, UNIT_LENGTH } from '../consumequeue/consume-queue.ts';
import { type Findings, type Place, tellLength } from './findings.ts';
import type { LogReader, VerifiedLog } from './log-walk.ts';
import { type Numbered, QueueState } from './queue-state.ts';
import { QueueUnits, type Unit } from './queue-units.ts';
import { emptyLook, type RecordLook } from './record-look.ts';
import type { QueueDir, StoreDir } from './store-dir.ts';
import { TimedPending } from './timed-pending.ts';

/** Addresses of consumequeue_ext are below every hash of tags. */
const HIGHEST_EXT_ADDRESS = -2_147_483_649;
const PHYSIC_OFFSET_AT = 0;
const SIZE_AT = 8;
const TAGS_CODE_AT = 12;

export class QueueVerifier {
  readonly #dir: StoreDir;
  readonly #findings: Findings;
  readonly #log: LogReader;
  readonly #units: QueueUnits;
  readonly #delayLevels: DelayLevels;
  readonly timed: TimedPending;
  readonly #states = new Map<string, Map<number, QueueState>>();
  /** Where in the log a topic's numbering began anew. */
  readonly #restarts = new Map<string, number>();
  /** Messages whose own header is taken for wrong. */
  readonly #blamed = new Set<number>();
  readonly #unit: Unit = { physicOffset: 0, size: 0, tagsCode: 0 };
  #gapCount = 0;
  unitCount = 0;

  constructor(dir: StoreDir, log: LogReader, findings: Findings) {
    this.#dir = dir;
    this.timed = new TimedPending(dir);
    this.#log = log;
    this.#findings = findings;
    this.#units = new QueueUnits(dir);
    this.#delayLevels = new DelayLevels(dir.shape.messageDelayLevel);
    for (const queue of dir.queues) this.#add(queue);
  }

  /** Queues that have files or messages. */
  *queues(): Generator<{ topic: string; queueId: number; maxOffset: number; hasFiles: boolean }> {
    for (const [topic, queues] of this.#states) {
      for (const [queueId, { next, dir, hasAgreed }] of queues) {
        const hasFiles = dir.segments.length > 0;
        if (hasFiles || hasAgreed) yield { topic, queueId, maxOffset: this.#maxOffset(dir, next), hasFiles };
      }
    }
  }

  /** A damaged part of the log was passed. */
  gap(): void {
    this.#gapCount++;
  }

  /** A record of the log, in its order. */
  record(look: RecordLook, topic: string, properties: Readonly<Record<string, string>>): void {
    if (!entersQueue(look.sysFlag)) return;
    const { queueId, queueOffset } = look;
    const state = this.#state(topic, queueId);
    const isNext = state.next < 0 || queueOffset === state.next || this.#gapCount > state.gapsBefore;
    if (!isNext && queueOffset === 0) {
      this.#restarts.set(topic, look.offset);
      state.restart();
    }
    const agrees = this.#check(state, look, topic, properties);
    if (!isNext && queueOffset !== 0 && !agrees) {
      state.jump ??= { physicOffset: look.offset, queueOffset, expected: state.next };
      return;
    }
    state.next = queueOffset + 1;
    state.gapsBefore = this.#gapCount;
    state.lastOffset = look.offset;
    this.#checkMulti(look, topic, properties);
  }

  /** The other queues that a message of light queues (LMQ) is in, too. */
  #checkMulti(look: RecordLook, topic: string, properties: Readonly<Record<string, string>>): void {
    const names = properties[Property.INNER_MULTI_DISPATCH]?.split(',') ?? [];
    const offsets = properties[Property.INNER_MULTI_QUEUE_OFFSET]?.split(',') ?? [];
    if (names.length === 0 || names.length !== offsets.length) return;
    for (const [i, name] of names.entries()) {
      const queueId = name.startsWith('%LMQ%') ? 0 : look.queueId;
      const state = this.#states.get(name)?.get(queueId);
      const queueOffset = Number(offsets[i]);
      if (state === undefined || !Number.isSafeInteger(queueOffset)) continue;
      this.#check(state, { ...look, queueOffset }, topic, properties);
    }
  }

  /** Holds a message against its unit; whether they agree. */
  #check(state: QueueState, look: RecordLook, topic: string, properties: Readonly<Record<string, string>>): boolean {
    const unit = this.#unit;
    const { offset: physicOffset, queueOffset } = look;
    if (!this.#units.read(state.dir, queueOffset, unit)) {
      state.missing ??= { physicOffset, queueOffset };
      state.missingCount++;
      return false;
    }
    const agrees =
      unit.physicOffset === physicOffset &&
      unit.size === look.size &&
      this.#tagsCodeFits(unit.tagsCode, { topic, properties, storeTimestamp: look.storeTimestamp });
    if (agrees) state.agree(queueOffset);
    else state.contradicted ??= { physicOffset, queueOffset };
    return agrees;
  }

  #tagsCodeFits(
    code: number,
    message: { topic: string; properties: Readonly<Record<string, string>>; storeTimestamp: number },
  ): boolean {
    const { TAGS: tags = '', DELAY: delay } = message.properties;
    if (code === (tags === '' ? 0 : javaHashCode(tags))) return true;
    // What Java's recovery writes for a delayed message is the hash; otherwise it is when the message is due.
    if (message.topic === Topic.SCHEDULE && delay !== undefined) {
      const due = this.#delayLevels.deliverTimestamp(Number(delay), message.storeTimestamp);
      return code === due;
    }
    if (message.topic === Topic.TIMER) {
      const out = Number(message.properties[Property.TIMER_OUT_MS]);
      return code >= out && code <= out + MAX_TIMER_PRECISION_MS;
    }
    return (
      code <= HIGHEST_EXT_ADDRESS && this.#dir.disk.list(join(this.#dir.paths.root, 'consumequeue_ext')) !== undefined
    );
  }

  /** When the log was walked: goes through all units, and says which messages have none. */
  finish(log: VerifiedLog, hasTopic: (topic: string) => boolean): void {
    for (const queues of this.#states.values()) for (const state of queues.values()) this.#scanQueue(state, log);
    for (const queues of this.#states.values()) {
      for (const state of queues.values()) {
        // What recovery cuts off the log has nothing to say.
        const counts = (message: Numbered | undefined): boolean =>
          message !== undefined && (!this.#dir.crashed || message.physicOffset < log.end);
        if (counts(state.jump)) this.#tellJump(state);
        if (counts(state.contradicted)) this.#tellContradicted(state);
        if (counts(state.missing)) this.#tellMissing(state, hasTopic);
      }
    }
  }

  #scanQueue(state: QueueState, log: VerifiedLog): void {
    const { dir } = state;
    for (const path of dir.strays) {
      this.#findings.fault({
        file: path,
        offset: 0,
        reason: 'it does not belong there: a broker refuses the store for it',
      });
    }
    let expected: number | undefined;
    let reached = state.firstUnit;
    let physicEnd = -1;
    for (const segment of dir.segments) {
      const fileSize = this.#dir.shape.mappedFileSizeConsumeQueue;
      for (let start = expected ?? segment.start; start < segment.start; start += fileSize) {
        const place = this.#units.place(dir, start / UNIT_LENGTH);
        this.#findings.fault({ ...place, reason: 'the file is missing' });
        reached = (start + fileSize) / UNIT_LENGTH;
      }
      expected = segment.start + fileSize;
      tellLength(this.#findings, segment, fileSize);
      this.#units.scan(segment, (number, unit) => {
        this.unitCount++;
        this.timed.see(dir, number, unit.physicOffset);
        if (number > reached) this.#tellHole(state, reached, number);
        reached = number + 1;
        physicEnd = this.#checkUnit(state, number, unit, { log, physicEnd });
      });
    }
  }

  /** Units without a bit need a reason. Returns behind which record the next unit must point. */
  #checkUnit(state: QueueState, number: number, unit: Unit, before: { log: VerifiedLog; physicEnd: number }): number {
    const { physicOffset, size } = unit;
    const { log, physicEnd } = before;
    if (size === PRE_BLANK_SIZE) return physicEnd;
    if (state.agreesAt(number)) return physicOffset + size;
    const place = this.#units.place(state.dir, number);
    const at = (field: number): Place => ({ file: place.file, offset: place.offset + field });
    if (size <= 0) {
      this.#findings.fault({ ...at(SIZE_AT), reason: `unit ${number} has the size ${size}` });
    } else if (physicOffset < 0 || (physicOffset < physicEnd && physicOffset < this.#dir.minOffset)) {
      const reason = `unit ${number} points to ${physicOffset}, before the unit before it`;
      this.#findings.fault({ ...at(PHYSIC_OFFSET_AT), reason });
    } else if (physicOffset < this.#dir.minOffset || (physicOffset < log.end && isIn(log.gaps, physicOffset))) {
      return physicOffset + size;
    } else if (physicOffset >= log.end) {
      const reason = `unit ${number} points to ${physicOffset}, behind the last message, which ends at ${log.end}`;
      if (this.#dir.crashed)
        this.#findings.note({ ...at(PHYSIC_OFFSET_AT), reason: `${reason}: recovery cuts it off` });
      else this.#findings.fault({ ...at(PHYSIC_OFFSET_AT), reason });
      return physicEnd;
    } else this.#explain(state, number, { ...unit }, at);
    return physicEnd;
  }

  /** A unit that points into the sound part of the log and agrees with no message there. */
  #explain(state: QueueState, number: number, unit: Unit, at: (field: number) => Place): void {
    const { topic, queueId } = state.dir;
    const look = emptyLook();
    const { physicOffset } = unit;
    const pointsTo = `unit ${number} points to ${physicOffset}`;
    if (this.#log.lookAt(physicOffset, look).kind !== 'record') {
      this.#findings.fault({ ...at(PHYSIC_OFFSET_AT), reason: `${pointsTo}, where no message begins` });
      return;
    }
    const { buffer } = look;
    const found = buffer.toString('utf8', look.topicStart, look.topicEnd);
    const fields: [differs: boolean, at: number, says: string][] = [
      [!entersQueue(look.sysFlag), RecordOffset.SYS_FLAG, 'of a transaction that is in no queue'],
      [found !== topic, look.topicStart - look.start, `of topic ${found}`],
      [look.queueId !== queueId, RecordOffset.QUEUE_ID, `of queue ${look.queueId}`],
      [look.queueOffset !== number, RecordOffset.QUEUE_OFFSET, `number ${look.queueOffset}`],
    ];
    const [wrong] = fields.filter(([differs]) => differs);
    if (wrong !== undefined) {
      const other = this.#log.place(physicOffset + wrong[1]);
      const claimed = this.#states.get(found)?.get(look.queueId);
      const isThere = claimed !== undefined && this.#units.read(claimed.dir, look.queueOffset, this.#unit);
      const isThisOne = claimed === state && look.queueOffset === number;
      const isElsewhere = !isThisOne && isThere && this.#unit.physicOffset === physicOffset;
      if (isElsewhere || unit.size !== look.size) {
        const reason = `${pointsTo}, a message ${wrong[2]}`;
        this.#findings.fault({ ...at(PHYSIC_OFFSET_AT), reason, other });
      } else {
        // Nothing but this unit knows the message, so its header is what changed.
        const reason = `the message says it is ${wrong[2]}, but its unit is number ${number} of ${topic}/${queueId}`;
        this.#findings.fault({ ...other, reason, other: at(PHYSIC_OFFSET_AT) });
        this.#blamed.add(physicOffset);
      }
      return;
    }
    if (unit.size !== look.size) {
      const reason = `unit ${number} says ${unit.size} bytes, its message has ${look.size}`;
      this.#findings.fault({ ...at(SIZE_AT), reason, other: this.#log.place(physicOffset) });
      return;
    }
    const properties = decodeProperties(buffer.toString('utf8', look.propertiesStart, look.propertiesEnd));
    const code = javaHashCode(properties[Property.TAGS] ?? '');
    this.#findings.fault({
      ...at(TAGS_CODE_AT),
      reason: `unit ${number} has the tagsCode ${unit.tagsCode}, the tags of its message make ${code}`,
      other: this.#log.place(physicOffset + look.propertiesStart - look.start),
    });
  }

  #tellHole(state: QueueState, from: number, to: number): void {
    const place = this.#units.place(state.dir, from);
    const reason = `${to - from} units are empty, then they go on with ${to}`;
    if (this.#dir.crashed) this.#findings.note({ ...place, reason: `${reason}: recovery makes them anew` });
    else this.#findings.fault({ ...place, reason });
  }

  #tellJump({ dir, jump }: QueueState): void {
    if (jump === undefined || this.#blamed.has(jump.physicOffset)) return;
    const { physicOffset, queueOffset, expected } = jump;
    const reason = `the message says it is number ${queueOffset} of ${dir.topic}/${dir.queueId}, where ${expected} comes next`;
    this.#findings.fault({ ...this.#log.place(physicOffset + RecordOffset.QUEUE_OFFSET), reason });
    this.#blamed.add(physicOffset);
  }

  #tellContradicted({ dir, contradicted }: QueueState): void {
    if (contradicted === undefined || this.#blamed.has(contradicted.physicOffset)) return;
    const { physicOffset, queueOffset } = contradicted;
    const state = this.#states.get(dir.topic)?.get(dir.queueId);
    if (state === undefined || !state.agreesAt(queueOffset)) return;
    this.#findings.fault({
      ...this.#log.place(physicOffset + RecordOffset.QUEUE_OFFSET),
      reason: `the message says it is number ${queueOffset} of ${dir.topic}/${dir.queueId}, which is another one`,
      other: this.#units.place(dir, queueOffset),
    });
  }

  #tellMissing(
    { dir, firstUnit, missing, missingCount, lastOffset }: QueueState,
    hasTopic: (topic: string) => boolean,
  ): void {
    if (missing === undefined || (missingCount === 1 && this.#blamed.has(missing.physicOffset))) return;
    const { topic, queueId } = dir;
    const place = this.#units.place(dir, missing.queueOffset);
    const what = `message ${missing.queueOffset} of ${topic}/${queueId} (at ${missing.physicOffset} of the log) is not in its queue`;
    const hasFiles = dir.segments.length > 0;
    const wasDeleted = !hasFiles && (!hasTopic(topic) || lastOffset < (this.#restarts.get(topic) ?? 0));
    const isBehind = this.#dir.crashed && missing.queueOffset >= firstUnit;
    if (wasDeleted) this.#findings.note({ ...place, reason: `${what}: the topic was deleted` });
    else if (isBehind) this.#findings.note({ ...place, reason: `${what}: recovery puts it there` });
    else {
      const hint = hasFiles ? '' : ', which has no files (so it is, too, when the topic was deleted and made anew)';
      this.#findings.fault({ ...place, reason: `${what}${hint}`, other: this.#log.place(missing.physicOffset) });
    }
  }

  /** Behind the last unit or message of a queue, whichever is further. */
  #maxOffset(dir: QueueDir, next: number): number {
    const last = dir.segments[dir.segments.length - 1];
    let end = last === undefined ? 0 : last.start / UNIT_LENGTH;
    if (last !== undefined) {
      this.#units.scan(last, (number) => {
        end = number + 1;
      });
    }
    return Math.max(end, next);
  }

  #state(topic: string, queueId: number): QueueState {
    const known = this.#states.get(topic)?.get(queueId);
    if (known !== undefined) return known;
    const path = join(this.#dir.paths.consumeQueue, topic, String(queueId));
    return this.#add({ topic, queueId, path, segments: [], strays: [] });
  }

  #add(dir: QueueDir): QueueState {
    const state = new QueueState(dir);
    const queues = this.#states.get(dir.topic) ?? new Map<number, QueueState>();
    queues.set(dir.queueId, state);
    this.#states.set(dir.topic, queues);
    return state;
  }
}

const isIn = (gaps: VerifiedLog['gaps'], offset: number): boolean =>
  gaps.some(({ from, to }) => offset >= from && offset < to);
