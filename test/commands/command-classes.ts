/**
 * The command classes by name, read from the sources, so that a test runs them without a build.
 */

import { readdirSync } from 'node:fs';
import type { CommandClass } from '../../src/cli/base-command.ts';

const files = readdirSync(new URL('../../src/commands', import.meta.url), { recursive: true, encoding: 'utf8' });
const names = files.filter((file) => file.endsWith('.ts')).map((file) => file.replace(/\.ts$/, ''));

async function load(name: string): Promise<CommandClass> {
  const module: { default: CommandClass } = await import(
    /* @vite-ignore */ new URL(`../../src/commands/${name}.ts`, import.meta.url).href
  );
  return module.default;
}

export const commandClasses: Readonly<Record<string, CommandClass>> = Object.fromEntries(
  await Promise.all(names.map(async (name) => [name.replace('/', ' '), await load(name)])),
);
