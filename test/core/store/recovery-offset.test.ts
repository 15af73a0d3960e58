/** The record that the checkpoint names: where a crash makes the log be gone through from, and when it is not believed. */
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { crc32InScript } from '../../../src/core/message/body-crc.ts';
import type { Disk } from '../../../src/core/store/disk.ts';
import { MessageStore } from '../../../src/core/store/message-store.ts';
import { PowerDisk, randomOf } from '../../chaos/power-disk.ts';
import {
  bodies,
  crashCopy,
  drain,
  HeldClock,
  hexOf,
  numbered,
  openStore,
  put,
  putMany,
  STORE_HOST,
  settle,
} from './store-fixture.ts';

const LOG = { mappedFileSizeCommitLog: 1024 * 1024 };
const NOTE_AT = 256;
const NOTE_LENGTH = 40;
const MAGIC = 0x504d5172;
const OFFSET_AT = 4;
const UNITS_AT = 12;
const LOGICS_AT = 28;

interface Crashed {
  copy: string;
  note: Buffer;
}

/** A store with 40 messages of T and 40 of U, a checkpoint, ten messages more, and then no end. */
async function crashed(): Promise<Crashed> {
  const { store, rootDir, clock } = await openStore(LOG);
  await putMany(store, 40, { topic: 'U' });
  await putMany(store, 40);
  const path = join(rootDir, 'checkpoint');
  const note = (): Buffer => Buffer.from(hexOf(path, NOTE_AT, NOTE_AT + NOTE_LENGTH), 'hex');
  const isWritten = (): boolean => {
    clock.advance(10_000);
    return existsSync(path) && note().readInt32BE(0) === MAGIC;
  };
  await expect.poll(isWritten).toBe(true);
  await putMany(store, 10, {}, 40);
  // The units are written behind; their fsync, and the next checkpoint, are not due yet.
  clock.advance(200);
  return { copy: crashCopy(rootDir), note: note() };
}

function writeNote(copy: string, note: Buffer): void {
  note.writeUInt32BE(crc32InScript(note, 0, NOTE_LENGTH - 4), NOTE_LENGTH - 4);
  patchCheckpoint(copy, note, NOTE_AT);
}

function patchCheckpoint(copy: string, bytes: Buffer, position: number): void {
  const fd = openSync(join(copy, 'checkpoint'), 'r+');
  writeSync(fd, bytes, 0, bytes.length, position);
  closeSync(fd);
}

/** Opens the store; returns how many records recovery looked at, having checked that no message is missing. */
async function recordsLookedAt(copy: string): Promise<number> {
  const lines: string[] = [];
  const logger = { ...silentLogger, info: (line: string): void => void lines.push(line) };
  const { store } = await openStore({ ...LOG, rootDir: copy, logger });
  expect(bodies(store)).toEqual(numbered(50));
  expect(bodies(store, 'U')).toEqual(numbered(40));
  const [, count] = /after a crash: (\d+) records/.exec(lines.join('\n')) ?? [];
  return Number(count);
}

it('only what came behind the checkpoint is looked at', async () => {
  const { copy } = await crashed();
  expect(await recordsLookedAt(copy)).toBe(11);
});

it.each<[string, (crash: Crashed) => void]>([
  ['that has another check sum', ({ copy, note }) => patchCheckpoint(copy, note.fill(1, 5, 6), NOTE_AT)],
  ['that names no record', ({ copy, note }) => writeNote(copy, shifted(note, OFFSET_AT, 1))],
  ['that names an older record', ({ copy, note }) => writeNote(copy, at(note, OFFSET_AT, 0n))],
  ['of another time than the checkpoint', ({ copy, note }) => writeNote(copy, shifted(note, LOGICS_AT, 1))],
  ['that counts a unit that the queues do not have', ({ copy, note }) => writeNote(copy, shifted(note, UNITS_AT, 1))],
  ['before a queue that is gone', ({ copy }) => rmSync(join(copy, 'consumequeue/U'), { recursive: true })],
])('a note %s is not believed', async (_, spoil) => {
  const crash = await crashed();
  spoil(crash);
  expect(await recordsLookedAt(crash.copy)).toBe(90);
});

function at(note: Buffer, position: number, value: bigint): Buffer {
  note.writeBigInt64BE(value, position);
  return note;
}

function shifted(note: Buffer, position: number, by: number): Buffer {
  return at(note, position, note.readBigInt64BE(position) + BigInt(by));
}

it('a note that a Java broker left behind an advanced checkpoint is not believed', async () => {
  const { copy } = await crashed();
  const physic = Buffer.from(hexOf(join(copy, 'checkpoint'), 0, 8), 'hex');
  patchCheckpoint(copy, at(physic, 0, physic.readBigInt64BE(0) - 1n), 0);
  expect(await recordsLookedAt(copy)).toBe(90);
});

/** A disk of a process that may die: nothing it does after that has any effect. */
function mortal(disk: Disk): { disk: Disk; kill: () => void } {
  let dead = false;
  const handler: ProxyHandler<Disk> = {
    get(target, name: keyof Disk) {
      const call = target[name].bind(target) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (dead) throw new Error('the process is dead');
        return call(...args);
      };
    },
  };
  return { disk: new Proxy(disk, handler), kill: () => (dead = true) };
}

it.each(Array.from({ length: 30 }, (_, i) => [i + 1]))(
  'what a killed process has written is synced before it is called durable (seed %s)',
  async (seed) => {
    let clock = new HeldClock();
    const power = new PowerDisk({ random: randomOf(seed), now: () => clock.now() });
    const open = async (disk: Disk): Promise<MessageStore> => {
      const store = new MessageStore({
        ...{ rootDir: '/store', storeHost: STORE_HOST, clock, logger: silentLogger, disk },
        ...{ mappedFileSizeCommitLog: 16_384, mappedFileSizeConsumeQueue: 1000 },
      });
      await store.start();
      return store;
    };
    const first = mortal(power);
    const killed = await open(first.disk);
    for (const [count, from, ms] of [
      [20, 0, 2000],
      [230, 20, 250],
    ] as const) {
      await putMany(killed, 30, { topic: 'U' }, from === 0 ? 0 : 30);
      await putMany(killed, count, { topic: 'V' }, from);
      // What comes first is synced and its files are in place, the rest is only written.
      clock.advance(ms);
      for (let turn = 0; turn < 20; turn++) await settle();
    }
    first.kill();
    if (power.info('/store/pocketmq.pid') !== undefined) power.unlink('/store/pocketmq.pid');
    const { time } = clock;
    clock = new HeldClock();
    clock.time = time + 10_000;
    const second = mortal(power);
    const store = await open(second.disk);
    await put(store, { body: 'm0' });
    for (let i = 0; i < 61; i++) {
      clock.advance(1000);
      for (let turn = 0; turn < 20; turn++) await settle();
    }
    expect(store.flushBehindBytes).toBe(0);
    const left = power.crashImage();
    if (left.info('/store/pocketmq.pid') !== undefined) left.unlink('/store/pocketmq.pid');
    const last = await open(left);
    expect(drain(last, 'U').map(({ body }) => body.toString())).toEqual(numbered(60));
    expect(drain(last, 'V').map(({ body }) => body.toString())).toEqual(numbered(250));
    expect(drain(last).map(({ body }) => body.toString())).toEqual(['m0']);
    await last.stop();
    second.kill();
  },
);
