/*
 * npm runs this after installing in a clone: builds dist/. A package that was installed or unpacked holds dist/ already and
 * has neither sources nor esbuild: nothing to do there.
 */
'use strict';

const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

function canBuild() {
  try {
    require.resolve('esbuild');
    require.resolve('tsx');
  } catch {
    return false;
  }
  return existsSync(join(root, 'src', 'cli', 'main.ts'));
}

if (canBuild()) {
  const built = spawnSync(process.execPath, ['--import', 'tsx', join(__dirname, 'bundle.ts')], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = built.status ?? 1;
} else if (!existsSync(join(root, 'dist', 'cli.cjs'))) {
  console.warn('PocketMQ was not built: the development dependencies are not installed.');
}
