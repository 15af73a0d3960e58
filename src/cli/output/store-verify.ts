/** What `mqadmin store verify` prints: a line each file with a fault, the notes, then what was looked at. */

import type { Fault } from '../../core/store/tools/findings.ts';
import { timedPendingText } from '../../core/store/tools/timed-pending.ts';
import type { VerifyResult } from '../../core/store/tools/verify-store.ts';

export function renderVerify(result: VerifyResult): string {
  const { store, sound, crashed, faults, notes, timedPending } = result;
  const verdict = sound ? 'is sound' : `is damaged: ${counted(faults.length, 'file')}`;
  const counts = [
    counted(result.commitLogFiles, 'commitlog file'),
    counted(result.messages, 'message'),
    counted(result.queues, 'queue'),
    counted(result.units, 'unit'),
    counted(result.indexFiles, 'index file'),
    counted(result.indexEntries, 'entry', 'entries'),
  ];
  return [
    ...faults.map((fault) => `${faultText(fault)}\n`),
    ...notes.map((note) => `note: ${faultText(note)}\n`),
    ...(timedPending > 0 ? [`note: ${timedPendingText(timedPending, crashed)}\n`] : []),
    ...(crashed ? ['note: the last stop was a crash; the next start recovers the store\n'] : []),
    `${store} ${verdict}: ${counts.join(', ')}\n`,
  ].join('');
}

function faultText({ file, offset, reason, other, more }: Fault): string {
  const elsewhere = other === undefined ? '' : ` [see ${other.file}: byte ${other.offset}]`;
  return `${file}: byte ${offset}: ${reason}${elsewhere}${more > 0 ? ` (and ${more} more)` : ''}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
