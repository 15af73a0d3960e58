/**
 * Where a message is when the unit of its queue does not lead to it. Either the unit is damaged: then the record is looked
 * for between those of its neighbours and the unit is written anew. Or the record is: then the message is lost and left out.
 * A damaged place is found when somebody reads it, because an old file is not looked at when a store opens.
 */
import type { Logger } from '../common/logger.ts';
import type { DelayLevels } from '../message/delay-level.ts';
import type { CommitLog } from './commitlog/commit-log.ts';
import { findRecord } from './commitlog/find-record.ts';
import { type FoundRecord, RecordWalk } from './commitlog/record-check.ts';
import type { PlaceInQueue } from './commitlog/record-place.ts';
import { type ConsumeQueue, type UnitView, unitPhysicOffset, unitSize } from './consumequeue/consume-queue.ts';
import { recordTagsCode } from './record-tags.ts';

/** So much commitlog is looked through for one message. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Units on either side that are tried as neighbours. */
const MAX_NEIGHBOURS = 64;
/** Lost messages that are known as such: they are neither looked for nor logged again. */
const MAX_KNOWN = 10_000;

const view: UnitView = { buffer: Buffer.alloc(0), position: 0, count: 0 };

export class UnitRepair {
  readonly #commitLog: CommitLog;
  readonly #delayLevels: DelayLevels;
  readonly #logger: Logger;
  readonly #lost = new Set<string>();

  constructor(commitLog: CommitLog, delayLevels: DelayLevels, logger: Logger) {
    this.#commitLog = commitLog;
    this.#delayLevels = delayLevels;
    this.#logger = logger;
  }

  /** Where the record of the message is, undefined when it is lost. Throws the disk's error. */
  find(queue: ConsumeQueue, queueOffset: number): PlaceInQueue | undefined {
    const name = `${queue.topic}/${queue.queueId} ${queueOffset}`;
    if (this.#lost.has(name)) return undefined;
    const place = this.#search(queue, queueOffset);
    if (place !== undefined) {
      this.#logger.warn(`the unit of message ${queueOffset} in ${queue.files.dir} was damaged and is written anew`);
      return place;
    }
    const told = `message ${queueOffset} of ${queue.topic}/${queue.queueId} is damaged in the commitlog: it is left out`;
    this.#logger.error(told);
    if (this.#lost.size < MAX_KNOWN) this.#lost.add(name);
    return undefined;
  }

  #search(queue: ConsumeQueue, queueOffset: number): PlaceInQueue | undefined {
    const { segments, minOffset, writtenOffset } = this.#commitLog;
    const before = this.#neighbour(queue, queueOffset, -1);
    const after = this.#neighbour(queue, queueOffset, 1);
    const from = before === undefined ? minOffset : before.physicOffset + before.size;
    const to = Math.min(after?.physicOffset ?? writtenOffset, from + MAX_BYTES);
    const records = new RecordWalk(segments, true);
    let place: PlaceInQueue | undefined;
    for (let at: number | undefined = from; at !== undefined && at < to && place === undefined; ) {
      const end = records.run(at, (record) => {
        if (record.physicOffset >= to) return false;
        if (!isMessage(record, queue, queueOffset)) return true;
        place = { queueId: queue.queueId, queueOffset, physicOffset: record.physicOffset, size: record.size };
        queue.rewrite(place, this.#tagsCode(record));
        return false;
      });
      at = findRecord(segments, Math.max(end, at + 1), to);
    }
    return place;
  }

  /** The next message on one side whose unit leads to it. */
  #neighbour(queue: ConsumeQueue, queueOffset: number, step: 1 | -1): PlaceInQueue | undefined {
    const { queueId, minOffset, maxOffset } = queue;
    for (let distance = 1; distance <= MAX_NEIGHBOURS; distance++) {
      const at = queueOffset + distance * step;
      if (at < minOffset || at >= maxOffset) return undefined;
      queue.read(at, 1, view);
      if (view.count === 0) return undefined;
      const { buffer, position } = view;
      const [physicOffset, size] = [unitPhysicOffset(buffer, position), unitSize(buffer, position)];
      const place = { queueId, queueOffset: at, physicOffset, size };
      if (this.#commitLog.isRecordOf(place)) return place;
    }
    return undefined;
  }

  #tagsCode({ buffer, topic, propertiesStart, propertiesEnd, storeTimestamp }: FoundRecord): number {
    const properties = buffer.subarray(propertiesStart, propertiesEnd);
    return recordTagsCode(topic, properties, storeTimestamp, this.#delayLevels);
  }
}

function isMessage(record: FoundRecord, queue: ConsumeQueue, queueOffset: number): boolean {
  return record.queueId === queue.queueId && record.queueOffset === queueOffset && record.topic === queue.topic;
}
