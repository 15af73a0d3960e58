/**
 * The files that consumerStatus writes: the state of each member in `{milliseconds}/{client id}` below the working folder, as
 * mqadmin does. A client chooses its id itself: one that is more than a plain word has its other characters replaced, so that
 * it cannot lead out of the folder.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes one file, replacing what is there, and returns its path as mqadmin prints it. Throws the system's error. */
export function writeRunningInfo(folder: string, clientId: string, text: string): string {
  const word = clientId.replaceAll(/[^\w.@#-]/g, '_').replace(/^\.+$/, '_');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, word);
  writeFileSync(path, text);
  return path;
}
