/**
 * Checks that every test a table names is there, and with reports that it ran and passed: see test-table.ts for the table.
 *
 *   tsx scripts/check-test-table.ts docs/consumers.md [--report vitest.json]...
 *
 * Reports are those of vitest's json reporter. Exit code 1 with a line for each fault.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keyOf, parseTestTable, type RanTest, tableFaults } from './test-table.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

/** The tests of some files as vitest names them, those of `interop:all` included. */
function listTests(files: readonly string[]): Set<string> {
  const interop = (file: string): boolean => file.startsWith('test/interop/');
  const found = new Set<string>();
  const list = (names: readonly string[], ...options: string[]): void => {
    if (names.length === 0) return;
    const folder = mkdtempSync(join(tmpdir(), 'pocketmq-tests-'));
    try {
      // Into a file: it ends before a pipe has taken it all.
      const output = join(folder, 'list.json');
      const args = [VITEST, 'list', `--json=${output}`, ...options, ...names];
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
      if (status !== 0) throw new Error(`vitest list failed: ${stderr.slice(-1000)}`);
      for (const { file, name } of JSON.parse(readFileSync(output, 'utf8')) as { file: string; name: string }[]) {
        found.add(keyOf({ file: relative(ROOT, file), title: name }));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  list(files.filter(interop), '--config', 'vitest.interop.config.ts', '--mode', 'all');
  list(files.filter((file) => !interop(file)));
  return found;
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

function ranTests(reportFile: string): RanTest[] {
  const { testResults } = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({
      file: relative(ROOT, name),
      title: [...ancestorTitles, title].join(' > '),
      status,
    })),
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { report: { type: 'string', multiple: true } },
});
if (positionals.length === 0) throw new Error('usage: check-test-table.ts TABLE.md... [--report vitest.json]...');
const tables = positionals.map((file) => ({ file, table: parseTestTable(readFileSync(file, 'utf8')) }));
const listed = listTests([...new Set(tables.flatMap(({ table }) => table.tests.map(({ file }) => file)))]);
const ran = values.report?.flatMap(ranTests);
for (const { file, table } of tables) {
  const faults = tableFaults(table, listed, ran);
  for (const fault of faults) process.stdout.write(`${file}: ${fault}\n`);
  const how = ran === undefined ? 'are there' : 'are there and ran';
  if (faults.length === 0) process.stdout.write(`${file}: all ${table.tests.length} tests named ${how}\n`);
  else process.exitCode = 1;
}
