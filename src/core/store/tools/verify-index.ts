/**
 * Commitlog against index. Entries lie in the order of the log, so both are walked side by side: each entry must name a message
 * and one of its keys (index-walk.ts has the chains). Keys that no file lists are a note at most: Java leaves some out after a
 * crash, and an index that was switched off for a while has holes.
 *
 * After a crash the files that the checkpoint does not vouch for are checked and completed by the next start: what is wrong in
 * them is a note.
 */
import { join } from 'node:path';
import { Property } from '../../message/properties.ts';
import { SysFlag, transactionType } from '../../message/sys-flag.ts';
import { indexFileLength } from '../index/index-file.ts';
import { indexKeyHash } from '../index/index-keys.ts';
import { tellLength } from './findings.ts';
import { IndexWalk, type IndexWalkOptions } from './index-walk.ts';
import type { RecordLook } from './record-look.ts';

type Given = Omit<IndexWalkOptions, 'lastOffset' | 'endBefore'>;

export class IndexVerifier {
  readonly #options: Given;
  readonly #paths: readonly string[];
  #fileCount = 0;
  #lastOffset = 0;
  #endBefore: number | undefined;
  #walk: IndexWalk | undefined;
  #unlisted = { physicOffset: 0, count: 0 };
  entryCount = 0;

  constructor(options: Given) {
    this.#options = options;
    this.#endBefore = options.dir.minOffset === 0 ? 0 : undefined;
    const { disk, paths } = options.dir;
    const names = (disk.list(paths.index) ?? []).filter((name) => /^\d{1,18}$/.test(name));
    this.#paths = names.map((name) => join(paths.index, name));
    this.#next();
  }

  get fileCount(): number {
    return this.#paths.length;
  }

  /** A record of the log, in its order. */
  record(look: RecordLook, topic: string, properties: Readonly<Record<string, string>>): void {
    if (this.#walk === undefined || transactionType(look.sysFlag) === SysFlag.TRANSACTION_ROLLBACK) return;
    const hashes = keyHashes(topic, properties);
    let listed = 0;
    for (let walk: IndexWalk | undefined = this.#walk; walk !== undefined; walk = this.#walk) {
      const { entry } = walk;
      if (entry === undefined) this.#next();
      else if (entry.phyOffset < look.offset) walk.skip();
      else if (entry.phyOffset > look.offset) {
        if (!walk.isAhead(look.offset)) break;
        walk.skip();
      } else {
        listed++;
        walk.take(look, hashes);
      }
    }
    if (listed >= hashes.length || this.#walk === undefined) return;
    if (this.#unlisted.count++ === 0) this.#unlisted.physicOffset = look.offset;
  }

  /** When the log was walked. */
  finish(): void {
    while (this.#walk !== undefined) {
      while (this.#walk.entry !== undefined) this.#walk.skip();
      this.#next();
    }
    const { count, physicOffset } = this.#unlisted;
    if (count === 0) return;
    const reason = `${count} messages are not listed under all of their keys, the first is at ${physicOffset} of the log`;
    this.#options.findings.note({ file: this.#options.dir.paths.index, offset: 0, reason });
  }

  /** On to the next file of the right length. */
  #next(): void {
    const { dir, findings } = this.#options;
    if (this.#walk !== undefined) {
      this.#walk.finish();
      this.entryCount += this.#walk.passed;
      this.#lastOffset = this.#walk.lastOffset;
      this.#endBefore = this.#walk.endTimestamp;
      this.#walk = undefined;
    }
    const length = indexFileLength({ hashSlotNum: dir.shape.maxHashSlotNum, indexNum: dir.shape.maxIndexNum });
    while (this.#walk === undefined && this.#fileCount < this.#paths.length) {
      const path = this.#paths[this.#fileCount++] as string;
      const size = dir.disk.info(path)?.size ?? 0;
      tellLength(findings, { path, length: size }, length);
      if (size !== length) continue;
      const before = { lastOffset: this.#lastOffset, endBefore: this.#endBefore };
      this.#walk = new IndexWalk(path, { ...this.#options, ...before });
    }
  }
}

/** The hashes under which the index lists a message. */
function keyHashes(topic: string, properties: Readonly<Record<string, string>>): number[] {
  const keys = (properties[Property.KEYS] ?? '').split(' ').filter((key) => key !== '');
  const uniqKey = properties[Property.UNIQ_KEY];
  return [...(uniqKey === undefined ? [] : [uniqKey]), ...keys].map((key) => indexKeyHash(topic, key));
}
