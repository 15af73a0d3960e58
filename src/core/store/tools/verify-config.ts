/**
 * The files beside the log: checkpoint and configuration, held against what the log and the queues hold.
 */

import { join } from 'node:path';
import { parseFastJson } from '../../common/fastjson.ts';
import { readInt64 } from '../../message/int64.ts';
import { isKeptWithoutConfig, Topic } from '../../message/topic-validator.ts';
import { readFully } from '../disk.ts';
import type { Findings } from './findings.ts';
import type { StoreDir } from './store-dir.ts';

const CHECKPOINT_LENGTH = 4096;
const CHECKPOINT_FIELDS = ['physicMsgTimestamp', 'logicsMsgTimestamp', 'indexMsgTimestamp'] as const;

export type CheckpointTimes = Record<(typeof CHECKPOINT_FIELDS)[number], number>;

const checkpointPath = (dir: StoreDir): string => join(dir.paths.root, 'checkpoint');

/** A missing or short file counts as zeros, as for recovery. */
export function readCheckpoint(dir: StoreDir): CheckpointTimes {
  const bytes = Buffer.alloc(8 * CHECKPOINT_FIELDS.length);
  if (dir.disk.info(checkpointPath(dir)) !== undefined) {
    const fd = dir.disk.open(checkpointPath(dir), 'r');
    try {
      readFully(dir.disk, fd, { buffer: bytes, start: 0, end: bytes.length }, 0);
    } finally {
      dir.disk.close(fd);
    }
  }
  const [physicMsgTimestamp, logicsMsgTimestamp, indexMsgTimestamp] = [0, 8, 16].map((at) => readInt64(bytes, at));
  return { physicMsgTimestamp, logicsMsgTimestamp, indexMsgTimestamp } as CheckpointTimes;
}

/** `newest`: the largest storeTimestamp of the log, or the time now where the log is empty. */
export function verifyCheckpoint(dir: StoreDir, findings: Findings, log: { newest: number; isEmpty: boolean }): void {
  const file = checkpointPath(dir);
  const length = dir.disk.info(file)?.size;
  if (length === undefined) {
    if (log.isEmpty) return;
    const finding = { file, offset: 0, reason: 'the file is missing' };
    if (dir.crashed) findings.note({ ...finding, reason: `${finding.reason}: recovery reads the whole log` });
    else findings.fault(finding);
    return;
  }
  if (length !== CHECKPOINT_LENGTH) {
    const reason = `the file has ${length} bytes, not ${CHECKPOINT_LENGTH}`;
    findings.fault({ file, offset: Math.min(length, CHECKPOINT_LENGTH), reason });
  }
  const times = readCheckpoint(dir);
  for (const [i, name] of CHECKPOINT_FIELDS.entries()) {
    const time = times[name];
    if (time >= 0 && time <= log.newest) continue;
    const reason = `${name} is ${time}, but the newest message is of ${log.newest}`;
    findings.fault({ file, offset: 8 * i, reason });
  }
}

export interface KnownQueue {
  readonly topic: string;
  readonly queueId: number;
  readonly maxOffset: number;
  readonly hasFiles: boolean;
}

/** Topics that topics.json names; undefined when there is none that can be read. */
export function configuredTopics(dir: StoreDir, findings: Findings): ReadonlySet<string> | undefined {
  const table = tableOf(readJson(dir, 'topics.json', findings), 'topicConfigTable');
  return table === undefined ? undefined : new Set(Object.keys(table));
}

/** Topics that have queues must be in topics.json; nobody may have consumed more than there is. */
export function verifyConfig(
  dir: StoreDir,
  findings: Findings,
  known: { topics: ReadonlySet<string> | undefined; queues: readonly KnownQueue[] },
): void {
  const { topics, queues } = known;
  if (topics !== undefined) {
    const file = dir.configPath('topics.json');
    const used = new Set(queues.filter(({ hasFiles }) => hasFiles).map(({ topic }) => topic));
    for (const topic of used) {
      if (topics.has(topic) || isKeptWithoutConfig(topic)) continue;
      const offset = endOfTable(dir, file);
      findings.fault({ file, offset, reason: `the topic ${topic} has messages, but is not in the table` });
    }
  }
  const maxOffsets = new Map(queues.map(({ topic, queueId, maxOffset }) => [`${topic}/${queueId}`, maxOffset]));
  const offsets = tableOf(readJson(dir, 'consumerOffset.json', findings), 'offsetTable') ?? {};
  for (const [key, perQueue] of Object.entries(offsets)) {
    const topic = key.slice(0, key.lastIndexOf('@'));
    // What groups had consumed of a deleted topic stays, as in Java.
    if (topics?.has(topic) !== true) continue;
    for (const [queueId, offset] of entriesOf(perQueue)) {
      tellBeyond(dir, findings, { name: 'consumerOffset.json', key, queue: `${topic}/${queueId}`, offset, maxOffsets });
    }
  }
  const delays = tableOf(readJson(dir, 'delayOffset.json', findings), 'offsetTable') ?? {};
  for (const [level, offset] of entriesOf(delays)) {
    const queue = `${Topic.SCHEDULE}/${level - 1}`;
    tellBeyond(dir, findings, { name: 'delayOffset.json', key: String(level), queue, offset, maxOffsets });
  }
  readJson(dir, 'subscriptionGroup.json', findings);
}

interface Consumed {
  readonly name: string;
  readonly key: string;
  readonly queue: string;
  readonly offset: number;
  readonly maxOffsets: ReadonlyMap<string, number>;
}

function tellBeyond(dir: StoreDir, findings: Findings, { name, key, queue, offset, maxOffsets }: Consumed): void {
  const maxOffset = maxOffsets.get(queue) ?? 0;
  if (offset <= maxOffset) return;
  const file = dir.configPath(name);
  const text = Buffer.from(dir.disk.readText(file) ?? '');
  const at = text.indexOf(`"${key}"`);
  const reason = `${key} is at ${offset} of ${queue}, which ends at ${maxOffset}`;
  findings.fault({ file, offset: Math.max(0, at), reason });
}

/** Where a topic would have to stand: behind the last byte of the table is good enough for whoever looks. */
function endOfTable(dir: StoreDir, file: string): number {
  return Math.max(0, Buffer.from(dir.disk.readText(file) ?? '').indexOf('"topicConfigTable"'));
}

type Members = Readonly<Record<string, unknown>>;

function tableOf(document: unknown, name: string): Members | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const table = (document as Members)[name];
  return typeof table === 'object' && table !== null ? (table as Members) : undefined;
}

/** Of a table by numbers. */
function entriesOf(table: unknown): [key: number, value: number][] {
  if (typeof table !== 'object' || table === null) return [];
  return Object.entries(table).flatMap(([key, value]) =>
    /^\d+$/.test(key) && typeof value === 'number' ? [[Number(key), value] as [number, number]] : [],
  );
}

/** The document of a configuration file, of its .bak where it is missing or empty; undefined where there is none. */
function readJson(dir: StoreDir, name: string, findings: Findings): unknown {
  for (const file of [dir.configPath(name), dir.configPath(`${name}.bak`)]) {
    const text = dir.disk.readText(file);
    if (text === undefined || text.trim() === '') continue;
    try {
      return parseFastJson(text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const characters = Number(/ at offset (\d+)$/.exec(why)?.[1] ?? 0);
      const offset = Buffer.byteLength(text.slice(0, characters));
      findings.fault({ file, offset, reason: `the file cannot be read: ${why.replace(/ at offset \d+$/, '')}` });
    }
  }
  return undefined;
}
