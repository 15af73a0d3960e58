/**
 * `mqadmin store export`: the messages of a stopped store in the order of its log, one at a time. What is damaged is passed
 * over and counted; the torn tail of a crash, which recovery cuts off, is not.
 */

import type { MessageLine } from '../../message/message-line.ts';
import { LogReader } from './log-walk.ts';
import { messageLineOf } from './message-line.ts';
import type { StoreDir } from './store-dir.ts';

export interface ExportOptions {
  /** All topics unless given. */
  readonly topic?: string | undefined;
  /** storeTimestamps in ms, both included. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly progress?: (done: number, total: number) => void;
}

export interface ExportResult {
  readonly exported: number;
  /** Damaged records and parts of the log that were passed over. */
  readonly damaged: number;
}

/** Calls `take` for each message. What it throws ends the export and comes through. Throws the disk's error. */
export function exportMessages(
  dir: StoreDir,
  { topic, from = 0, to = Number.POSITIVE_INFINITY, progress }: ExportOptions,
  take: (message: MessageLine) => void,
): ExportResult {
  const log = new LogReader(dir);
  const wanted = topic === undefined ? undefined : Buffer.from(topic);
  const { minOffset, segments } = dir;
  const total = (segments[segments.length - 1]?.start ?? 0) + log.fileSize - minOffset;
  let exported = 0;
  let damaged = 0;
  try {
    log.walk(minOffset, {
      record(look, flaw) {
        if (look.storeTimestamp < from || look.storeTimestamp > to) return;
        if (
          wanted !== undefined &&
          look.buffer.compare(wanted, 0, wanted.length, look.topicStart, look.topicEnd) !== 0
        ) {
          return;
        }
        if (flaw !== undefined) {
          damaged++;
          return;
        }
        take(messageLineOf(look));
        exported++;
      },
      gap(gap) {
        if (gap.to !== undefined) damaged++;
      },
      progress: (offset) => progress?.(offset - minOffset, total),
    });
  } finally {
    log.close();
  }
  return { exported, damaged };
}
