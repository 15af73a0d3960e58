/**
 * The files that queryMsgById and its kind write message bodies to. mqadmin writes to /tmp/rocketmq/msgbodys under the unique
 * id, whoever made that folder and whatever is in the id. Here
 *
 * - the folder must be a real directory of this user's own that not everybody may write to; else a new private one is made;
 * - an id that is more than a plain word, which could lead anywhere, is replaced by the offset message id;
 * - a file is written beside its place and moved there: a link that waits in its place is replaced, not followed;
 * - files of that folder can be read by this user only. With --out-dir the folder is the user's choice and so is who may read.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, lstatSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../core/common/errors.ts';
import type { MessageExt } from '../core/message/message.ts';
import type { Io } from './io.ts';

/** Each is made by the tool; what holds the first is not. */
const DEFAULT_FOLDERS = ['/tmp/rocketmq', '/tmp/rocketmq/msgbodys'];
const PLAIN_WORD = /^[0-9A-Za-z][\w.-]{0,199}$/;
const WRITABLE_BY_ALL = 0o002;
const OWNER_ONLY = 0o600;

export interface BodyFilesOptions {
  readonly io: Io;
  /** Undefined: mqadmin's folder. */
  readonly outDir: string | undefined;
  /** For tests; default DEFAULT_FOLDERS. */
  readonly defaultFolders?: readonly string[];
}

export class BodyFiles {
  readonly #options: BodyFilesOptions;
  #folder: string | undefined;

  constructor(options: BodyFilesOptions) {
    this.#options = options;
  }

  /** Writes the body and returns the file's path. `index` tells messages of one id apart. Throws the system's error. */
  write(message: MessageExt, index = 0): string {
    this.#folder ??= this.#openFolder();
    const { msgId, offsetMsgId, body } = message;
    const word = PLAIN_WORD.test(msgId) ? msgId : offsetMsgId;
    const path = join(this.#folder, index === 0 ? word : `${word}_${index}`);
    writeBeside(path, body, this.#options.outDir === undefined ? OWNER_ONLY : 0o666);
    return path;
  }

  #openFolder(): string {
    const { outDir, io, defaultFolders = DEFAULT_FOLDERS } = this.#options;
    if (outDir !== undefined) {
      mkdirSync(outDir, { recursive: true });
      return outDir;
    }
    const bad = defaultFolders.find((folder) => !isOwn(folder));
    const last = defaultFolders.at(-1);
    if (bad === undefined && last !== undefined) return last;
    const own = mkdtempSync(join(tmpdir(), 'pocketmq-msgbodys-'));
    io.err(`${bad} is not this user's own directory, so the body goes to ${own}; --out-dir names another one.\n`);
    return own;
  }
}

/** Makes the directory where it is not there. False for somebody else's, for a link, and for one all may write to. */
function isOwn(folder: string): boolean {
  try {
    mkdirSync(folder, 0o700);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') return false;
  }
  const info = lstatSync(folder);
  const isOwners = process.getuid === undefined || info.uid === process.getuid();
  return info.isDirectory() && isOwners && (info.mode & WRITABLE_BY_ALL) === 0;
}

function writeBeside(path: string, body: Buffer, mode: number): void {
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const fd = openSync(beside, 'wx', mode);
  try {
    writeFileSync(fd, body);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}
