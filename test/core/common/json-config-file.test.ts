import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PocketError } from '../../../src/core/common/errors.ts';
import { JsonConfigFile } from '../../../src/core/common/json-config-file.ts';
import { type Logger, silentLogger } from '../../../src/core/common/logger.ts';

const decode = (text: string): unknown => JSON.parse(text);
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pocketmq 配置 '));
  path = join(folder, 'config', 'topics.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function errorOf(run: () => unknown): PocketError {
  try {
    run();
  } catch (error) {
    if (error instanceof PocketError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('nothing written yet reads as undefined', () => {
  expect(new JsonConfigFile(path, silentLogger).read(decode)).toBeUndefined();
});

test('the last text is read back, the one before is the .bak, and no .tmp stays', async () => {
  const file = new JsonConfigFile(path, silentLogger);
  await file.write('{"a":1}');
  await file.write('{"a":"二"}');
  expect(new JsonConfigFile(path, silentLogger).read(decode)).toEqual({ a: '二' });
  expect(readFileSync(`${path}.bak`, 'utf8')).toBe('{"a":1}');
  expect(readdirSync(join(folder, 'config')).sort()).toEqual(['topics.json', 'topics.json.bak']);
});

test('a full disk: the write fails, no .tmp stays, the next one works', async () => {
  const file = new JsonConfigFile(path, silentLogger);
  await file.write('{"a":1}');
  symlinkSync('/dev/full', `${path}.tmp`);
  await expect(file.write('{"a":2}')).rejects.toMatchObject({ code: 'STORE' });
  expect(readdirSync(join(folder, 'config'))).toEqual(['topics.json']);
  await file.write('{"a":3}');
  expect(file.read(decode)).toEqual({ a: 3 });
});

test('writes that overlap end with the newest text', async () => {
  const file = new JsonConfigFile(path, silentLogger);
  await Promise.all(Array.from({ length: 20 }, (_, i) => file.write(`{"n":${i}}`)));
  expect(file.read(decode)).toEqual({ n: 19 });
});

test.each([
  ['half written', '{"a":'],
  ['empty', ''],
])('a %s file: its .bak is read and said so', async (_name, content) => {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
  const file = new JsonConfigFile(path, logger);
  await file.write('{"a":1}');
  await file.write('{"a":2}');
  writeFileSync(path, content);
  expect(file.read(decode)).toEqual({ a: 1 });
  expect(warnings).toEqual([expect.stringContaining('topics.json.bak')]);
});

test('a damaged file never replaces a good .bak', async () => {
  const first = new JsonConfigFile(path, silentLogger);
  await first.write('{"a":1}');
  await first.write('{"a":2}');
  writeFileSync(path, '{"a":');
  const second = new JsonConfigFile(path, silentLogger);
  second.read(decode);
  await second.write('{"a":3}');
  expect(readFileSync(`${path}.bak`, 'utf8')).toBe('{"a":1}');
  expect(readFileSync(path, 'utf8')).toBe('{"a":3}');
});

test('a crash between the two renames leaves a readable .bak', async () => {
  const file = new JsonConfigFile(path, silentLogger);
  await file.write('{"a":1}');
  await file.write('{"a":2}');
  rmSync(path);
  expect(new JsonConfigFile(path, silentLogger).read(decode)).toEqual({ a: 1 });
});

test('both unreadable: CONFIG with both names', () => {
  mkdirSync(join(folder, 'config'));
  writeFileSync(path, '{"a":');
  writeFileSync(`${path}.bak`, 'nonsense');
  const error = errorOf(() => new JsonConfigFile(path, silentLogger).read(decode));
  expect(error.code).toBe('CONFIG');
  expect(error.message).toContain(`${path} cannot be read`);
  expect(error.message).toContain(`${path}.bak cannot be read`);
});

test('a damaged file without a .bak is an error, not an empty start', () => {
  mkdirSync(join(folder, 'config'));
  writeFileSync(path, '{"a":');
  const error = errorOf(() => new JsonConfigFile(path, silentLogger).read(decode));
  expect(error.message).toContain(`${path}.bak is missing`);
});

test('a folder that cannot be made: STORE, and the next write works', async () => {
  writeFileSync(join(folder, 'config'), 'a file where the folder should be');
  const file = new JsonConfigFile(path, silentLogger);
  await expect(file.write('{"a":1}')).rejects.toMatchObject({ code: 'STORE' });
  rmSync(join(folder, 'config'));
  await file.write('{"a":2}');
  expect(file.read(decode)).toEqual({ a: 2 });
});
