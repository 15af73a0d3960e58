import { describe, expect, it } from 'vitest';
import { isRecordIn, marksFor } from '../../../src/core/store/commitlog/record-place.ts';
import { openStore, put } from './store-fixture.ts';

/** Memory of a log that begins with two records, and the place of the second. */
async function twoRecords() {
  const { store } = await openStore();
  const [first, second] = [await put(store, { body: 'one' }), await put(store, { body: 'two '.repeat(100) })];
  const parts = [first, second].map(({ physicOffset }) => store.lookMessageByOffset(physicOffset) as Buffer);
  const buffer = Buffer.concat(parts);
  const at = second.physicOffset;
  const place = { queueId: 0, queueOffset: 1, physicOffset: at, size: buffer.length - at };
  return { memory: { buffer, checked: new Uint8Array(marksFor(buffer.length)) }, at, place };
}

describe('isRecordIn', () => {
  it('does not take a record with a damaged body, asked once or twice', async () => {
    const { memory, at, place } = await twoRecords();
    memory.buffer[at + 200] = 0;
    expect(isRecordIn(memory, at, place)).toBe(false);
    expect(isRecordIn(memory, at, place)).toBe(false);
  });

  it('takes a record that was found whole for its own message only', async () => {
    const { memory, at, place } = await twoRecords();
    expect(isRecordIn(memory, at, place)).toBe(true);
    expect(isRecordIn(memory, at, place)).toBe(true);
    expect(isRecordIn(memory, at, { ...place, queueId: 1 })).toBe(false);
    expect(isRecordIn(memory, at, { ...place, size: place.size - 1 })).toBe(false);
    expect(isRecordIn(memory, at + 1, place)).toBe(false);
  });

  it('goes through the body again in memory without marks, and after they were wiped', async () => {
    const { memory, at, place } = await twoRecords();
    expect(isRecordIn(memory, at, place)).toBe(true);
    memory.buffer[at + 200] = 0;
    expect(isRecordIn(memory, at, place)).toBe(true);
    expect(isRecordIn({ buffer: memory.buffer }, at, place)).toBe(false);
    memory.checked.fill(0);
    expect(isRecordIn(memory, at, place)).toBe(false);
  });
});
