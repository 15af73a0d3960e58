/**
 * Writes oclif.manifest.json: name, one line and bundle of each command. Flags are left out on purpose: the file is read at
 * every start, and a command's own bundle holds them.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { CommandClass } from '../src/cli/base-command.ts';

export function writeManifest(root: string, ids: readonly string[]): void {
  const require = createRequire(import.meta.url);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const commands = Object.fromEntries(
    [...ids].sort().map((id) => {
      const command: CommandClass = require(join(root, 'dist/commands', `${bundleOf(id)}.cjs`)).default;
      return [id, entryOf(id, command)];
    }),
  );
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify({ commands, version })}\n`);
}

function entryOf(id: string, command: CommandClass): object {
  return {
    id,
    summary: command.summary,
    listPosition: command.listPosition,
    aliases: command.aliases,
    hiddenAliases: [],
    args: {},
    flags: {},
    hidden: command.hidden,
    isESM: false,
    relativePath: ['dist', 'commands', `${bundleOf(id)}.cjs`],
  };
}

/** A command of two words has a bundle named with a hyphen. */
const bundleOf = (id: string): string => id.replace(' ', '-');
