/**
 * Makes oclif start fast inside a bundle, without changing what we use of it:
 *
 *   - `@oclif/core` means the three parts we use; its index would load everything, semver included.
 *   - Its loader and its help are left out: cli/catalog.ts reads the manifest, and help is mqadmin's.
 *   - Packages it needs only now and then (colours, wrapping, spinners) are put off: a stand-in loads the real one, from
 *     dist/vendor, when it is first used. `debug` is loaded only where DEBUG is set.
 *   - It looks at process.stdout and process.stderr while it loads. That alone makes a pipe non-blocking for all who share
 *     it (see cli/io.ts), so those lines are replaced.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, relative } from 'node:path';
import type { Plugin } from 'esbuild';

export const OCLIF = '@oclif/core';

const PARTS = { Args: 'args', Command: 'command', Flags: 'flags' };

const PARTS_LEFT_OUT = ['config', 'help'];

/** Packages loaded on first use. */
const PACKAGES_PUT_OFF = [
  'ansi-escapes',
  'ansis',
  'clean-stack',
  'cli-spinners',
  'debug',
  'ejs',
  'wordwrap',
  'indent-string',
  'string-width',
  'supports-color',
  'wrap-ansi',
];

const BUILT_INS_PUT_OFF = ['node:readline', 'node:fs/promises'];

/** By file of oclif's lib: a line that touches a standard stream while it loads, and what stands there instead. */
const STREAM_LINES: Readonly<Record<string, readonly [line: RegExp, instead: string]>> = {
  'command.js': [/^process\.stdout\.on\('error', [\s\S]*?^\}\);$/m, ''],
  'screen.js': [/termwidth\(process\.std(out|err)\)/g, '80'],
  'ux/action/base.js': [/stdmockOrigs = \{[^}]*\};/, 'stdmockOrigs = {};'],
  'ux/index.js': [/process\.stderr\.isTTY/g, "require('node:tty').isatty(2)"],
};

const requireFromOclif = createRequire(createRequire(import.meta.url).resolve(OCLIF));
const lib = dirname(requireFromOclif.resolve(OCLIF));

/** Entry points of what is put off, by the name of its bundle in dist/vendor. */
export const putOffEntries: Readonly<Record<string, string>> = Object.fromEntries(
  PACKAGES_PUT_OFF.map((name) => [name, requireFromOclif.resolve(name)]),
);

export const leanOclif: Plugin = {
  name: 'lean-oclif',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${OCLIF}$`) }, () => ({ path: OCLIF, namespace: 'lean' }));
    onLoad({ filter: /./, namespace: 'lean' }, () => ({ contents: partsModule(), loader: 'js', resolveDir: lib }));
    onResolve({ filter: new RegExp(`^\\.\\.?/(${PARTS_LEFT_OUT.join('|')})(/index)?$`) }, ({ path, importer }) =>
      importer.startsWith(lib) ? { path, namespace: 'left-out' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
    onLoad({ filter: /[\\/]@oclif[\\/]core[\\/]lib[\\/].*\.js$/ }, ({ path }) => {
      const found = STREAM_LINES[relative(lib, path).replaceAll('\\', '/')];
      if (found === undefined) return undefined;
      const text = readFileSync(path, 'utf8');
      const contents = text.replace(...found);
      if (contents === text) throw new Error(`${path} has changed: look at STREAM_LINES`);
      return { contents, loader: 'js' };
    });
    const names = [...PACKAGES_PUT_OFF, ...BUILT_INS_PUT_OFF];
    onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path, importer }) =>
      importer.startsWith(lib) ? { path, namespace: 'put-off' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'put-off' }, ({ path }) => ({ contents: standInModule(path), loader: 'js' }));
    onResolve({ filter: /./, namespace: 'put-off' }, ({ path }) => ({ path, external: true }));
  },
};

function partsModule(): string {
  const lines = Object.entries(PARTS).map(([name, file]) => {
    const part = `require(${JSON.stringify(`./${file}`)})`;
    return `exports.${name} = ${file === 'command' ? `${part}.${name}` : part};`;
  });
  return lines.join('\n');
}

function standInModule(name: string): string {
  const load = `require(${JSON.stringify(name.startsWith('node:') ? name : `./vendor/${name}.cjs`)})`;
  if (name === 'debug') {
    return `module.exports = process.env.DEBUG ? ${load} : (namespace) => Object.assign(() => {}, { namespace, enabled: false });`;
  }
  // __importDefault asks for __esModule at once, so that is found out beforehand.
  const isEsModule = requireFromOclif(name).__esModule === true;
  return `module.exports = new Proxy(function () {}, {
    get: (_, key) => (key === '__esModule' ? ${isEsModule} : ${load}[key]),
    apply: (_, self, args) => ${load}.apply(self, args),
  });`;
}
