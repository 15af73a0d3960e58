/**
 * `mqadmin store inspect`: one record of a stopped store, by its commitlog offset or by topic, queue and number, and whether
 * anything about it cannot be right.
 */
import { PocketError } from '../../common/errors.ts';
import type { MessageLine } from '../../message/message-line.ts';
import type { Place } from './findings.ts';
import { LogReader } from './log-walk.ts';
import { messageLineOf } from './message-line.ts';
import { QueueUnits, type Unit } from './queue-units.ts';
import { emptyLook, NO_RECORD } from './record-look.ts';
import type { StoreDir } from './store-dir.ts';

export interface Inspected {
  /** First byte of the record. */
  readonly place: Place;
  /** CRC-32 & 0x7fffffff of the body, as the record says. */
  readonly bodyCRC: number;
  readonly message: MessageLine;
  /** The unit that was asked for. */
  readonly unit?: { readonly place: Place } & Unit;
  /** What cannot be right, and which byte. */
  readonly fault?: Place & { readonly reason: string };
}

export interface QueuePlace {
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
}

/** Throws PocketError NOT_FOUND where no record begins, or the queue has no such unit. */
export function inspectRecord(dir: StoreDir, at: number | QueuePlace): Inspected {
  const log = new LogReader(dir);
  try {
    if (typeof at === 'number') return inspectAt(log, at);
    const unit = unitAt(dir, at);
    const inspected = inspectAt(log, unit.physicOffset);
    const { message } = inspected;
    const agrees =
      message.topic === at.topic &&
      message.queueId === at.queueId &&
      message.queueOffset === at.queueOffset &&
      message.storeSize === unit.size;
    const reason = `the unit points to message ${message.queueOffset} of ${message.topic}/${message.queueId}, of ${message.storeSize} bytes`;
    const fault = inspected.fault ?? (agrees ? undefined : { ...unit.place, reason });
    return { ...inspected, unit, ...(fault !== undefined && { fault }) };
  } finally {
    log.close();
  }
}

function inspectAt(log: LogReader, offset: number): Inspected {
  const look = emptyLook();
  const looked = log.lookAt(offset, look);
  const place = log.place(offset);
  if (looked.kind !== 'record') {
    const why = {
      blank: 'the filler at the end of a file does',
      zeros: 'nothing was written there',
      more: 'the file ends there',
      broken: looked.kind === 'broken' ? looked.flaw.why : '',
    }[looked.kind];
    const where = `${offset} of the log (${place.file}, byte ${place.offset})`;
    throw new PocketError('NOT_FOUND', `no message begins at ${where}${why === NO_RECORD ? '' : `: ${why}`}`);
  }
  const { flaw } = looked;
  return {
    place,
    bodyCRC: look.buffer.readInt32BE(look.start + 8),
    message: messageLineOf(look),
    ...(flaw !== undefined && { fault: { ...log.place(offset + flaw.at), reason: flaw.why } }),
  };
}

function unitAt(dir: StoreDir, { topic, queueId, queueOffset }: QueuePlace): { place: Place } & Unit {
  const units = new QueueUnits(dir);
  const unit: Unit = { physicOffset: 0, size: 0, tagsCode: 0 };
  const queue = dir.queues.find((candidate) => candidate.topic === topic && candidate.queueId === queueId);
  if (queue === undefined) throw new PocketError('NOT_FOUND', `the store has no queue ${topic}/${queueId}`);
  if (!units.read(queue, queueOffset, unit)) {
    throw new PocketError('NOT_FOUND', `the queue ${topic}/${queueId} has no message ${queueOffset}`);
  }
  return { place: units.place(queue, queueOffset), ...unit };
}
