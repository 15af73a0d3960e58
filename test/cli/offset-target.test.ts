import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOffsetFile, writeOffsetFile } from '../../src/cli/offset-file.ts';
import { parseOffsetTarget } from '../../src/cli/offset-target.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pocketmq-offsets-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const NOW = new Date(2026, 0, 31, 12).getTime();
const target = (text: string) => parseOffsetTarget(text, 'T', NOW);

describe('parseOffsetTarget', () => {
  it.each([
    ['earliest', { kind: 'earliest' }],
    ['latest', { kind: 'latest' }],
    ['-30s', { kind: 'time', timestamp: NOW - 30_000 }],
    ['-15m', { kind: 'time', timestamp: NOW - 900_000 }],
    ['-2h', { kind: 'time', timestamp: NOW - 7_200_000 }],
    ['-1d', { kind: 'time', timestamp: NOW - 86_400_000 }],
    ['+100', { kind: 'shift', messages: 100 }],
    ['-100', { kind: 'shift', messages: -100 }],
    ['1769817600000', { kind: 'time', timestamp: 1_769_817_600_000 }],
    ['2026-01-30#08:00:00:000', { kind: 'time', timestamp: new Date(2026, 0, 30, 8).getTime() }],
    ['2026-01-30', { kind: 'time', timestamp: new Date(2026, 0, 30).getTime() }],
    ['2026-01-30T08:30', { kind: 'time', timestamp: new Date(2026, 0, 30, 8, 30).getTime() }],
    ['2026-01-30T08:30Z', { kind: 'time', timestamp: Date.UTC(2026, 0, 30, 8, 30) }],
  ])('%s', (text, expected) => {
    expect(target(text)).toEqual(expected);
  });

  it.each(['2026-13-45', 'nowhere', '-2y', ''])('refuses %j', (text) => {
    expect(() => target(text)).toThrow(expect.objectContaining({ name: 'ValueFault' }));
  });
});

describe('a file of offsets', () => {
  const plan = {
    consumerGroup: 'G',
    topic: 'T',
    queues: [
      { mq: { topic: 'T', brokerName: 'b', queueId: 0 }, minOffset: 0, maxOffset: 9, before: 4, after: 9 },
      { mq: { topic: 'T', brokerName: 'b', queueId: 1 }, minOffset: 0, maxOffset: 9, before: undefined, after: 9 },
    ],
  };

  it('holds what was committed, and is never written over', () => {
    const file = join(dir, 'undo.json');
    writeOffsetFile(file, plan);
    expect(target(file)).toEqual({ kind: 'offsets', offsets: [{ mq: plan.queues[0]?.mq, offset: 4 }] });
    const text = readFileSync(file, 'utf8');
    expect(() => writeOffsetFile(file, plan)).toThrow(/EEXIST/);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it.each([
    ['no JSON', '{'],
    ['another topic', '{"topic":"Other","queues":[]}'],
    ['no queues', '{"topic":"T"}'],
    ['a negative offset', '{"topic":"T","queues":[{"brokerName":"b","queueId":0,"offset":-1}]}'],
    ['a queue without a broker', '{"topic":"T","queues":[{"queueId":0,"offset":1}]}'],
    ['null', 'null'],
  ])('is refused with %s', (_, text) => {
    const file = join(dir, 'bad.json');
    writeFileSync(file, text);
    expect(() => readOffsetFile(file, 'T')).toThrow(expect.objectContaining({ name: 'ValueFault' }));
  });
});
