import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BodyFiles, type BodyFilesOptions } from '../../src/cli/body-files.ts';
import type { Io } from '../../src/cli/io.ts';
import { pulled } from '../core/client/consumer/message-fixture.ts';

let dir: string;
let stderr: string;
let folders: string[];
/** Private folders that were made in place of an unsafe one. */
let made: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pocketmq-bodies-'));
  stderr = '';
  made = [];
  folders = [join(dir, 'rocketmq'), join(dir, 'rocketmq', 'msgbodys')];
});
afterEach(() => {
  for (const path of [dir, ...made]) rmSync(path, { recursive: true, force: true });
});

const io: Io = {
  env: {},
  stdoutIsTerminal: false,
  stderrIsTerminal: false,
  columns: 80,
  out: () => {},
  err: (text) => {
    stderr += text;
  },
};

const files = (options: Partial<BodyFilesOptions> = {}): BodyFiles =>
  new BodyFiles({ io, outDir: undefined, defaultFolders: folders, ...options });
const message = (msgId: string, body = 'body') =>
  pulled(0, { msgId, offsetMsgId: '7F00000100002A9F0000000000000000', body: Buffer.from(body) });
const modeOf = (path: string): number => lstatSync(path).mode & 0o777;
const last = (): string => folders[1] ?? '';

describe('the folder of mqadmin', () => {
  it('is made for this user only, with the body under the unique id', () => {
    const path = files().write(message('C0A8'));
    expect(path).toBe(join(last(), 'C0A8'));
    expect(readFileSync(path, 'utf8')).toBe('body');
    expect([...folders, path].map(modeOf)).toEqual([0o700, 0o700, 0o600]);
    expect(stderr).toBe('');
  });

  it('is used as it is when it is there, an older file of the id is replaced', () => {
    mkdirSync(last(), { recursive: true, mode: 0o755 });
    writeFileSync(join(last(), 'C0A8'), 'a longer body from before', { mode: 0o644 });
    const path = files().write(message('C0A8'));
    expect([readFileSync(path, 'utf8'), modeOf(path), modeOf(last())]).toEqual(['body', 0o600, 0o755]);
    expect(readdirSync(last())).toEqual(['C0A8']);
  });

  it('messages of one id have a number', () => {
    const bodies = files();
    expect(bodies.write(message('C0A8', 'one'))).toBe(join(last(), 'C0A8'));
    expect(bodies.write(message('C0A8', 'two'), 1)).toBe(join(last(), 'C0A8_1'));
    expect(readdirSync(last())).toEqual(['C0A8', 'C0A8_1']);
  });

  it('a link in place of the file is replaced, what it leads to stays', () => {
    const precious = join(dir, 'precious');
    writeFileSync(precious, 'precious');
    mkdirSync(last(), { recursive: true });
    symlinkSync(precious, join(last(), 'C0A8'));
    const path = files().write(message('C0A8'));
    expect([lstatSync(path).isFile(), readFileSync(path, 'utf8')]).toEqual([true, 'body']);
    expect(readFileSync(precious, 'utf8')).toBe('precious');
  });

  it.each(['../../precious', '/etc/passwd', '..', '.hidden', 'a b', '', `${'A'.repeat(300)}`, 'a\0b'])(
    'the id %j is replaced by the offset id',
    (msgId) => {
      expect(files().write(message(msgId))).toBe(join(last(), '7F00000100002A9F0000000000000000'));
      expect(readdirSync(dir)).toEqual(['rocketmq']);
    },
  );
});

describe('a folder that is not safe is left alone for a new private one', () => {
  function expectElsewhere(bad: string | undefined): void {
    const bodies = files();
    const path = bodies.write(message('C0A8'));
    const folder = join(path, '..');
    made.push(folder);
    expect(folder.startsWith(join(tmpdir(), 'pocketmq-msgbodys-'))).toBe(true);
    expect([modeOf(folder), modeOf(path)]).toEqual([0o700, 0o600]);
    expect(stderr).toBe(
      `${bad} is not this user's own directory, so the body goes to ${folder}; --out-dir names another one.\n`,
    );
    expect(join(bodies.write(message('C0A9')), '..')).toBe(folder);
    expect(stderr.split('\n')).toHaveLength(2);
  }

  it('a link', () => {
    mkdirSync(join(dir, 'elsewhere'));
    symlinkSync(join(dir, 'elsewhere'), folders[0] ?? '');
    expectElsewhere(folders[0]);
    expect(readdirSync(join(dir, 'elsewhere'))).toEqual([]);
  });

  it('a file', () => {
    writeFileSync(folders[0] ?? '', '');
    expectElsewhere(folders[0]);
  });

  it('a directory to which all may write', () => {
    mkdirSync(last(), { recursive: true });
    chmodSync(last(), 0o777);
    expectElsewhere(last());
    expect(readdirSync(last())).toEqual([]);
  });

  it("somebody else's directory", () => {
    mkdirSync(last(), { recursive: true });
    const uid = vi
      .spyOn(process as { getuid: () => number }, 'getuid')
      .mockReturnValue(process.getuid?.() === 1 ? 2 : 1);
    try {
      expectElsewhere(folders[0]);
    } finally {
      uid.mockRestore();
    }
  });
});

describe('--out-dir', () => {
  it('is made where it is missing, and open to whom the user lets', () => {
    const outDir = join(dir, 'a', 'b');
    const umask = process.umask(0o022);
    try {
      const path = files({ outDir }).write(message('C0A8'));
      expect([path, readFileSync(path, 'utf8'), modeOf(path)]).toEqual([join(outDir, 'C0A8'), 'body', 0o644]);
    } finally {
      process.umask(umask);
    }
    expect(existsSync(folders[0] ?? '')).toBe(false);
  });

  it('that cannot be used is a failure', () => {
    writeFileSync(join(dir, 'file'), '');
    expect(() => files({ outDir: join(dir, 'file') }).write(message('C0A8'))).toThrow(/EEXIST|ENOTDIR/);
  });
});
