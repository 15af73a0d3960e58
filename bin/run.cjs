#!/usr/bin/env node
/*
 * Runs the built command line. What dist/ holds is compiled with V8's code cache beside it (dist/cache, one folder for each
 * version of Node and processor), which saves about 30 ms a start. A cache V8 rejects is as good as none. The build writes
 * the caches: with POCKETMQ_RECORD_CODE_CACHE set, a run stores what it compiled when it ends.
 */
'use strict';

const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const vm = require('node:vm');

const OLDEST_NODE = 20;

const root = path.join(__dirname, '..');
const dist = path.join(root, 'dist') + path.sep;
const cacheDir = path.join(dist, 'cache', `${process.version}-${process.arch}`);
const compiled = new Map();

const cacheFileOf = (filename) => path.join(cacheDir, `${filename.slice(dist.length).replaceAll(path.sep, '-')}.cache`);

function readCache(filename) {
  try {
    return fs.readFileSync(cacheFileOf(filename));
  } catch {
    return undefined;
  }
}

function requireOf(module) {
  const requireFrom = (id) => module.require(id);
  requireFrom.resolve = (id, options) => Module._resolveFilename(id, module, false, options);
  requireFrom.main = require.main;
  requireFrom.cache = Module._cache;
  requireFrom.extensions = Module._extensions;
  return requireFrom;
}

const compileDirectly = Module.prototype._compile;
Module.prototype._compile = function compile(content, filename, ...rest) {
  if (!filename.startsWith(dist)) return compileDirectly.call(this, content, filename, ...rest);
  const script = new vm.Script(Module.wrap(content), { filename, cachedData: readCache(filename) });
  compiled.set(filename, script);
  const wrapper = script.runInThisContext();
  return wrapper.call(this.exports, this.exports, requireOf(this), this, filename, path.dirname(filename));
};

if (process.env.POCKETMQ_RECORD_CODE_CACHE) {
  process.once('exit', () => {
    fs.mkdirSync(cacheDir, { recursive: true });
    for (const [filename, script] of compiled) {
      const file = cacheFileOf(filename);
      fs.writeFileSync(`${file}.${process.pid}`, script.createCachedData());
      fs.renameSync(`${file}.${process.pid}`, file);
    }
  });
}

function run() {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    process.stderr.write(`PocketMQ needs Node.js 20.19 or newer; ${process.execPath} is ${process.version}.\n`);
    process.exitCode = 1;
    return;
  }
  if (!fs.existsSync(path.join(dist, 'cli.cjs'))) {
    process.stderr.write(`PocketMQ is not built: run 'npm run build' in ${root}.\n`);
    process.exitCode = 1;
    return;
  }
  require('../dist/cli.cjs')
    .run(process.argv.slice(2), root)
    .then((code) => {
      process.exitCode = code;
    });
}

run();
