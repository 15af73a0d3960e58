import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileHandles } from '../../../src/core/store/file-handles.ts';
import { tempDir, testDisk } from './store-fixture.ts';

function handlesOf(limit: number): { handles: FileHandles; path: (name: string) => string; closed: number[] } {
  const disk = testDisk();
  const dir = tempDir();
  const closed: number[] = [];
  const { close } = disk;
  const path = (name: string): string => join(dir, name);
  for (const name of ['a', 'b', 'c', 'd']) close(disk.open(path(name), 'w'));
  disk.close = (fd) => {
    closed.push(fd);
    close(fd);
  };
  return { handles: new FileHandles(disk, limit), path, closed };
}

describe('file handles', () => {
  it('stay open up to the limit; the one used longest ago goes first', () => {
    const { handles, path, closed } = handlesOf(2);
    const a = handles.use(path('a'));
    const b = handles.use(path('b'));
    expect(handles.use(path('a'))).toBe(a);
    handles.use(path('c'));
    expect(closed).toEqual([b]);
    expect(handles.use(path('a'))).toBe(a);
    expect(handles.openCount).toBe(2);
    handles.closeAll();
    expect(handles.openCount).toBe(0);
    expect(closed).toHaveLength(3);
  });

  it('stay open while they are pinned, even when the file is forgotten', () => {
    const { handles, path, closed } = handlesOf(1);
    const pinned = handles.pin(path('a'));
    handles.use(path('b'));
    handles.use(path('c'));
    expect(closed).not.toContain(pinned.fd);
    handles.forget(path('a'));
    expect(closed).not.toContain(pinned.fd);
    handles.unpin(pinned);
    expect(closed).toContain(pinned.fd);
    handles.closeAll();
  });

  it('are opened anew after they were forgotten', () => {
    const { handles, path, closed } = handlesOf(4);
    const fd = handles.use(path('a'));
    handles.forget(path('a'));
    expect(closed).toEqual([fd]);
    handles.use(path('a'));
    expect(handles.openCount).toBe(1);
    handles.closeAll();
  });
});
