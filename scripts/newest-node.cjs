// Runs the README's tests on the newest Node: `node scripts/newest-node.cjs [vitest arguments]`. The binary comes from the
// npm package node-<platform>-<arch> and is kept in node_modules/.cache; `--install` only fetches it.
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const packageName = `node-${process.platform}-${process.arch}`;
const cache = join(root, 'node_modules', '.cache', 'newest-node');
const newestNode = join(cache, 'node_modules', packageName, 'bin', 'node');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const args = process.argv.slice(2);
const installOnly = args[0] === '--install';
if (installOnly || !existsSync(newestNode)) {
  run('npm', [
    'install',
    '--no-save',
    '--no-package-lock',
    '--loglevel=error',
    '--prefix',
    cache,
    `${packageName}@latest`,
  ]);
}
if (!installOnly) {
  run(newestNode, ['--version']);
  run(newestNode, [vitest, 'run', ...args]);
}
