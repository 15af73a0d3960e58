import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bodies, drain, openStore, put, tempDir } from './store-fixture.ts';

const program = fileURLToPath(new URL('programs/put-until-killed.ts', import.meta.url));
const FILES = { mappedFileSizeCommitLog: 256 * 1024, mappedFileSizeConsumeQueue: undefined };

/** Runs the program until it has acknowledged `enough` messages, kills it, and returns the numbers it acknowledged. */
async function putUntilKilled(rootDir: string, enough: number, ...args: string[]): Promise<number[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, rootDir, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    if (text.length > enough * 4) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  // The last line may be cut.
  return text.split('\n').slice(0, -1).map(Number);
}

describe('kill -9', () => {
  it('loses nothing that was acknowledged, twice in a row, and keeps the numbering', async () => {
    const rootDir = tempDir();
    let before = 0;
    for (let round = 0; round < 2; round++) {
      const acknowledged = await putUntilKilled(rootDir, 2000);
      expect(acknowledged.length).toBeGreaterThan(1000);
      const { store } = await openStore({ rootDir, ...FILES });
      const found = [0, 1, 2, 3].map((queueId) => bodies(store, 'T', queueId));
      const all = new Set(found.flat());
      expect(acknowledged.filter((number) => !all.has(`m${number}`))).toEqual([]);
      const total = found.reduce((sum, queue) => sum + queue.length, 0);
      expect(total).toBeGreaterThanOrEqual(before + acknowledged.length);
      for (const queueId of [0, 1, 2, 3]) {
        const offsets = drain(store, 'T', queueId).map((message) => message.queueOffset);
        expect(offsets).toEqual(offsets.map((_, i) => i));
      }
      expect((await put(store, { body: `after ${round}` })).status).toBe('PUT_OK');
      await store.stop();
      before = total + 1;
    }
  });

  it('loses no message of a batch that was acknowledged, and keeps each batch together', async () => {
    const rootDir = tempDir();
    const acknowledged = await putUntilKilled(rootDir, 500, '30');
    expect(acknowledged.length).toBeGreaterThan(250);
    const { store } = await openStore({ rootDir, ...FILES });
    const found = new Map<string, number[]>();
    for (const queueId of [0, 1, 2, 3]) {
      for (const [place, { body, queueOffset }] of drain(store, 'T', queueId).entries()) {
        expect(queueOffset).toBe(place);
        const text = body.toString();
        const offsets = found.get(text) ?? [];
        found.set(text, [...offsets, queueOffset]);
      }
    }
    for (const number of acknowledged) {
      const [first = -1, ...rest] = found.get(`m${number}`) ?? [];
      expect(rest).toEqual(Array.from({ length: 29 }, (_, i) => first + 1 + i));
    }
  });
});
