#!/usr/bin/env node
/*
 * Runs the command line from the sources, without a build: node bin/dev.js topicList -n 127.0.0.1:9876
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register();
const root = fileURLToPath(new URL('..', import.meta.url));
const { main } = await import('../src/cli/main.ts');
const commands = {};
for (const file of readdirSync(new URL('../src/commands', import.meta.url), { recursive: true })) {
  if (!file.endsWith('.ts')) continue;
  const { default: command } = await import(`../src/commands/${file.replaceAll('\\', '/')}`);
  commands[file.replace(/\.ts$/, '').replace(/[/\\]/, ' ')] = command;
}
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
process.exitCode = await main({ argv: process.argv.slice(2), root, version, commands });
