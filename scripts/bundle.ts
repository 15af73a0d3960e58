/**
 * Builds dist/: sources to CommonJS bundles that start fast.
 *
 *   dist/cli.cjs            oclif and what every command shares, loaded at each start
 *   dist/parts/P.cjs        what the shared bundle needs only now and then
 *   dist/commands/X.cjs     one command with the parts of the core it needs; what cli.cjs holds is taken from there
 *   dist/vendor/P.cjs       third-party packages that only some runs need
 *   dist/index.cjs          the API for programs, one file; index.mjs hands the same objects to import
 *   dist/index.d.cts        its types (bundle-types.ts); index.d.ts hands them to import
 *   dist/LICENSES.txt       the licences of what is bundled (bundle-licenses.ts)
 *   dist/cache/…            V8's code cache of all of them (bundle-code-cache.ts)
 *   oclif.manifest.json     the list of commands, so that a start loads one of them (bundle-manifest.ts)
 *
 * The measurements behind each choice are in docs/DESIGN.md.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { recordCodeCache } from './bundle-code-cache.ts';
import { writeLicenses } from './bundle-licenses.ts';
import { writeManifest } from './bundle-manifest.ts';
import { leanOclif, OCLIF, putOffEntries } from './bundle-oclif.ts';
import { bundleTypes } from './bundle-types.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');
const dist = join(root, 'dist');
const mainFile = join(root, 'src/cli/main.ts');
const commandsDir = join(root, 'src/commands');
const apiFile = join(root, 'src/core/index.ts');
const VENDORS = ['yaml', 'chalk', 'cli-table3'];
/** Modules of src/cli that main.ts imports lazily and that bring much of the core along. */
const PARTS = ['start-cluster'];

const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  // oclif's development helper would drag all of TypeScript in.
  external: ['typescript', 'ts-node', 'tsx'],
  // import() becomes require(): a script with a code cache cannot import().
  supported: { 'dynamic-import': false },
  logLevel: 'warning',
  metafile: true,
} as const satisfies BuildOptions;

/** Vendor packages stay outside: `dist` is the path from the bundle to dist/. */
const vendorsOutside = (toDist: string): Plugin => ({
  name: 'vendors-outside',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^(${VENDORS.join('|')})$`) }, ({ path }) => ({
      path: `${toDist}/vendor/${path}.cjs`,
      external: true,
    }));
  },
});

/** In cli.cjs: its parts stay outside. */
const partsOutside: Plugin = {
  name: 'parts-outside',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`/(${PARTS.join('|')})\\.ts$`) }, ({ path }) => ({
      path: path.replace(/^.*\/(.*)\.ts$/, './parts/$1.cjs'),
      external: true,
    }));
  },
};

/** Modules that cli.cjs holds are taken from it, so that each exists once (instanceof must work across bundles). */
const sharedFromCli = (shared: ReadonlySet<string>): Plugin => ({
  name: 'shared-from-cli',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.\/cli\.cjs$/, namespace: 'shared' }, ({ path }) => ({ path, external: true }));
    onResolve({ filter: new RegExp(`^${OCLIF}$`) }, () => ({ path: OCLIF, namespace: 'shared' }));
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const key = relative(root, join(resolveDir, path));
      return shared.has(key) ? { path: key, namespace: 'shared' } : undefined;
    });
    onLoad({ filter: /./, namespace: 'shared' }, ({ path }) => ({
      contents: `module.exports = require('../cli.cjs').modules[${JSON.stringify(path)}];`,
      loader: 'js',
      resolveDir: join(dist, 'commands'),
    }));
  },
});

/** Sources of ours in the import tree of main.ts. */
async function findShared(): Promise<Set<string>> {
  const result = await build({
    ...common,
    entryPoints: [mainFile],
    write: false,
    plugins: [vendorsOutside('.'), partsOutside, leanOclif],
  });
  return new Set(Object.keys(result.metafile.inputs).filter((path) => path.startsWith('src/')));
}

function cliEntry(shared: ReadonlySet<string>): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const paths = [...shared];
  return [
    ...paths.map((path, i) => `import * as m${i} from './${path}';`),
    `import * as oclif from '${OCLIF}';`,
    `import { main } from './src/cli/main.ts';`,
    `export const modules = { '${OCLIF}': oclif, ${paths.map((path, i) => `'${path}': m${i}`).join(', ')} };`,
    `export const run = (argv, root) => main({ argv, root, version: '${version}' });`,
  ].join('\n');
}

const bundleNameOf = (file: string): string => file.replace(/\.ts$/, '').replace(sep, '-');

async function bundleCommands(commandFiles: readonly string[]): Promise<Metafile[]> {
  const shared = await findShared();
  rmSync(dist, { recursive: true, force: true });
  const results = await Promise.all([
    build({
      ...common,
      stdin: { contents: cliEntry(shared), resolveDir: root, loader: 'ts', sourcefile: 'cli-entry.ts' },
      outfile: join(dist, 'cli.cjs'),
      plugins: [vendorsOutside('.'), partsOutside, leanOclif],
    }),
    build({
      ...common,
      entryPoints: Object.fromEntries(commandFiles.map((file) => [bundleNameOf(file), join(commandsDir, file)])),
      outdir: join(dist, 'commands'),
      outExtension: { '.js': '.cjs' },
      plugins: [vendorsOutside('..'), sharedFromCli(shared)],
    }),
    build({
      ...common,
      entryPoints: PARTS.map((name) => join(root, 'src/cli', `${name}.ts`)),
      outdir: join(dist, 'parts'),
      outExtension: { '.js': '.cjs' },
      plugins: [vendorsOutside('..'), sharedFromCli(shared)],
    }),
    build({
      ...common,
      entryPoints: { ...Object.fromEntries(VENDORS.map((name) => [name, name])), ...putOffEntries },
      outdir: join(dist, 'vendor'),
      outExtension: { '.js': '.cjs' },
    }),
  ]);
  return results.map(({ metafile }) => metafile);
}

/** The API once, as CommonJS: a program that both imports and requires it has one PocketError, not two. */
async function bundleApi(): Promise<Metafile> {
  const outfile = join(dist, 'index.cjs');
  const { metafile } = await build({ ...common, entryPoints: [apiFile], outfile });
  const names = Object.keys(createRequire(import.meta.url)(outfile)).sort();
  const importing = `import api from './index.cjs';\n\nexport const { ${names.join(', ')} } = api;\n`;
  writeFileSync(join(dist, 'index.mjs'), importing);
  writeFileSync(join(dist, 'index.d.cts'), bundleTypes(root, apiFile));
  writeFileSync(join(dist, 'index.d.ts'), "export * from './index.cjs';\n");
  return metafile;
}

const started = performance.now();
const commandFiles = readdirSync(commandsDir, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
/** `store/verify.ts` is the command `store verify`, and its bundle `store-verify.cjs`: all bundles lie side by side. */
const ids = commandFiles.map((file) => file.replace(/\.ts$/, '').replace(sep, ' '));
writeLicenses(root, [...(await bundleCommands(commandFiles)), await bundleApi()]);
writeManifest(root, ids);
const bundled = performance.now();
await recordCodeCache(root, ids);
const seconds = (from: number): string => ((performance.now() - from) / 1000).toFixed(1);
console.log(`built ${ids.length} commands in ${seconds(started)} s (code cache ${seconds(bundled)} s)`);
