/**
 * The commands there are: name, one line about each, and how to load it. In an installed package oclif.manifest.json lists
 * them (the file oclif's pattern strategy uses) and one bundle is loaded; from sources (bin/dev.js) and in tests a table of
 * classes stands in for that.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Interfaces } from '@oclif/core';
import type { CommandClass } from './base-command.ts';

export interface CatalogEntry {
  readonly id: string;
  readonly summary: string;
  readonly aliases: readonly string[];
  /** Not listed: it is there for a launcher. */
  readonly hidden: boolean;
  /** Place in mqadmin's list; undefined: ours. */
  readonly listPosition: number | undefined;
  load(): Promise<CommandClass>;
}

export interface Catalog {
  readonly config: Interfaces.Config;
  readonly entries: readonly CatalogEntry[];
}

/** What the build writes of a command; oclif's own fields are there for its tools. */
export interface ManifestEntry {
  readonly id: string;
  readonly summary: string;
  readonly listPosition?: number;
  readonly aliases: readonly string[];
  readonly hidden: boolean;
  readonly relativePath: readonly string[];
}

/** The catalog of a built package. */
export function manifestCatalog(root: string): Catalog {
  const text = readFileSync(join(root, 'oclif.manifest.json'), 'utf8');
  const { commands }: { commands: Record<string, ManifestEntry> } = JSON.parse(text);
  const entries = Object.values(commands).map(({ id, summary, aliases, hidden, listPosition, relativePath }) => ({
    id,
    summary,
    aliases,
    hidden,
    listPosition,
    load: async () => {
      const file = join(root, ...relativePath);
      const module: { default: CommandClass } = createRequire(file)(file);
      return Object.assign(module.default, { id });
    },
  }));
  return { config: configOf(root), entries };
}

/**
 * What a command gets as oclif's Config: where the package lies. Loading the whole (shell, theme, plugins, cache directories)
 * would cost files and milliseconds, and nothing here looks at it.
 */
const configOf = (root: string): Interfaces.Config => ({ root, bin: 'mqadmin' }) as Interfaces.Config;

/** A catalog of classes by name, without any file. */
export function classCatalog(root: string, classes: Readonly<Record<string, CommandClass>>): Catalog {
  const entries = Object.entries(classes).map(([id, command]) => ({
    id,
    summary: command.summary ?? '',
    aliases: command.aliases,
    hidden: command.hidden,
    listPosition: command.listPosition,
    load: async () => Object.assign(command, { id }),
  }));
  return { config: configOf(root), entries };
}

/** Names and aliases are compared without regard to case. */
export function findCommand(catalog: Catalog, name: string): CatalogEntry | undefined {
  const wanted = name.toLowerCase();
  return catalog.entries.find(
    ({ id, aliases }) => id.toLowerCase() === wanted || aliases.some((alias) => alias.toLowerCase() === wanted),
  );
}

/** What the words of a line name: a command, its name of one word or two; or the first word of several commands. */
export interface Named {
  readonly entry?: CatalogEntry | undefined;
  readonly group?: readonly CatalogEntry[] | undefined;
  /** The words behind the name. */
  readonly rest: readonly string[];
}

export function findNamed(catalog: Catalog, words: readonly string[]): Named {
  const [first = '', second, ...rest] = words;
  const entry = findCommand(catalog, first);
  if (entry !== undefined) return { entry, rest: words.slice(1) };
  const group = catalog.entries.filter(({ id }) => id.toLowerCase().startsWith(`${first.toLowerCase()} `));
  if (group.length === 0) return { rest: words.slice(1) };
  if (second === undefined || second === '-h' || second === '--help') return { group, rest };
  return { entry: findCommand({ ...catalog, entries: group }, `${first} ${second}`), rest };
}

/** What `mqadmin store` prints, the first word of several commands. */
export function groupListing(group: readonly CatalogEntry[]): string {
  return `The commands are:\n${group.map(lineOf).join('')}\nSee 'mqadmin help <command>' for more information on one of them.\n`;
}

const lineOf = ({ id, summary }: CatalogEntry): string => `   ${id.padEnd(20)} ${summary}\n`;

/** What `mqadmin` alone prints: mqadmin's list of the commands there are, then ours. */
export function listing(catalog: Catalog): string {
  const position = (entry: CatalogEntry): number => entry.listPosition ?? Number.MAX_SAFE_INTEGER;
  const listed = catalog.entries.filter(({ hidden }) => !hidden);
  const sorted = listed.sort((a, b) => position(a) - position(b) || (a.id < b.id ? -1 : 1));
  const original = sorted.filter((entry) => entry.listPosition !== undefined).map(lineOf);
  const own = sorted.filter((entry) => entry.listPosition === undefined).map(lineOf);
  return [
    'The most commonly used mqadmin commands are:\n',
    ...original,
    ...(own.length === 0 ? [] : ['\nThe local cluster:\n', ...own]),
    "\nSee 'mqadmin help <command>' for more information on a specific command.\n",
  ].join('');
}
