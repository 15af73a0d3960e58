/** What `mqadmin store stats` prints: a line a topic, then the log. */

import { timedPendingText } from '../../core/store/tools/timed-pending.ts';
import type { StoreStatsResult } from '../../core/store/tools/topic-stats.ts';
import { timeWithMillis } from './java-time.ts';

export function renderStoreStats(result: StoreStatsResult): string {
  const { topics, store, commitLogFiles, minOffset, maxOffset, allocatedBytes, crashed, timedPending } = result;
  const time = (millis: number | undefined): string => (millis === undefined ? '-' : timeWithMillis(millis));
  const rows = [
    ['#Topic', '#Queues', '#Messages', '#Bytes', '#Oldest', '#Newest'],
    ...topics.map(({ topic, queues, messages, bytes, oldest, newest }) => {
      return [topic, String(queues), String(messages), String(bytes), time(oldest), time(newest)];
    }),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map(
    (row) =>
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
  );
  const onDisk = allocatedBytes === undefined ? '' : `, ${allocatedBytes} bytes on the disk`;
  const files = `${commitLogFiles} commitlog file${commitLogFiles === 1 ? '' : 's'}`;
  return [
    ...table,
    `${store}: offsets ${minOffset} to ${maxOffset} in ${files}${onDisk}\n`,
    ...(timedPending > 0 ? [`Beware: ${timedPendingText(timedPending, crashed)}.\n`] : []),
    ...(crashed ? ['The last stop was a crash; the next start recovers the store.\n'] : []),
  ].join('');
}
