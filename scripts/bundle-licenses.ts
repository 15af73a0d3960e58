/**
 * dist/LICENSES.txt: the licence of every package whose code is in the bundles, which travel without these packages.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** `metafiles`: what esbuild says of the bundles. */
export function writeLicenses(root: string, metafiles: readonly Metafile[]): void {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => licenseOf(join(root, folder)));
  writeFileSync(join(root, 'dist', 'LICENSES.txt'), texts.join(`\n${'-'.repeat(78)}\n\n`));
}

function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  return `${name} ${version} (${license})\n${text}`;
}
