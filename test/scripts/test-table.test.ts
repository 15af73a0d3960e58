/** The check of tables that name tests: what it takes for a fault, and docs/consumers.md with a test misnamed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { keyOf, parseTestTable, tableFaults } from '../../scripts/test-table.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OWN = 'test/scripts/test-table.test.ts';

const TABLE = `
| Feature | Go | ours |
|---|---|---|
| tags \`A \\|\\| B\` | \`tags\` | \`tags\`, \`own\` |
| batches | not shown | no such thing |

- \`tags\`: test/a.test.ts > on BROKER > CLIENT takes tags
- \`own\` (all): test/b.test.ts > some suite > some test
`;
const BOTH = ['our broker', 'the real broker'];
const LISTED = new Set([
  ...BOTH.flatMap((broker) => ['Go', 'ours'].map((client) => `test/a.test.ts > on ${broker} > ${client} takes tags`)),
  'test/b.test.ts > some suite > some test',
]);
const passed = (client: string, status = 'passed') => ({
  file: 'test/a.test.ts',
  title: `on our broker > ${client} takes tags`,
  status,
});
const faults = (text: string, ...ran: ReturnType<typeof passed>[]): string[] =>
  tableFaults(parseTestTable(text), LISTED, ran.length === 0 ? undefined : ran);

describe('a table of tests', () => {
  it('is right when every test is there, and those ran that had to', () => {
    expect(parseTestTable(TABLE).tests).toHaveLength(5);
    expect(faults(TABLE)).toEqual([]);
    expect(faults(TABLE, passed('Go'), passed('ours'))).toEqual([]);
  });

  it('names what did not run and what did not pass in one of several runs', () => {
    expect(faults(TABLE, passed('Go'))).toEqual([
      'tags `A \\|\\| B`, ours: did not run: test/a.test.ts > on our broker > ours takes tags',
    ]);
    expect(faults(TABLE, passed('Go'), passed('ours'), passed('ours', 'failed'))).toEqual([
      'tags `A \\|\\| B`, ours: did not pass: test/a.test.ts > on our broker > ours takes tags',
    ]);
  });

  it.each([
    [
      'a column without its test',
      TABLE.replace('| Go |', '| Rust |'),
      'there is no test test/a.test.ts > on our broker > Rust',
    ],
    [
      'a misnamed test',
      TABLE.replace('takes tags', 'takes tagz'),
      'there is no test test/a.test.ts > on our broker > Go takes tagz',
    ],
    ['an unknown name', TABLE.replace('| `tags` |', '| `tagz` |'), '`tagz` is not in the list'],
    ['a name that is not used', TABLE.replace(', `own`', ''), '`own` is in no cell'],
    ['an empty cell', TABLE.replace('not shown', ''), 'batches, Go: names no test'],
    ['a missing cell', TABLE.replace(' no such thing |', ''), 'batches: 1 cells'],
    ['no table', 'nothing', 'no test is named'],
  ])('is wrong with %s', (_, text, sentence) => {
    expect(faults(text).join('\n')).toContain(sentence);
  });
});

describe('docs/consumers.md', () => {
  const text = readFileSync(join(ROOT, 'docs/consumers.md'), 'utf8');

  it('fails with any of its tests misnamed', () => {
    const table = parseTestTable(text);
    const listed = new Set(table.tests.map(keyOf));
    expect(tableFaults(table, listed, undefined)).toEqual([]);
    const lines = text.split('\n');
    const entries = lines.filter((line) => line.startsWith('- `'));
    expect(entries.length).toBeGreaterThan(30);
    for (const entry of entries) {
      const mutated = lines.map((line) => (line === entry ? `${line}x` : line)).join('\n');
      expect(tableFaults(parseTestTable(mutated), listed, undefined), entry).not.toEqual([]);
    }
  });
});

describe('scripts/check-test-table.ts', () => {
  function check(title: string): { status: number | null; stdout: string } {
    const folder = mkdtempSync(join(tmpdir(), 'pocketmq-table-'));
    const file = join(folder, 'table.md');
    writeFileSync(file, `| Feature | ours |\n|---|---|\n| this | \`a\` |\n\n- \`a\`: ${OWN} > ${title}\n`);
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/check-test-table.ts', file], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    return { status, stdout: stdout.replaceAll(file, 'table.md') };
  }

  it('asks vitest for the tests there are', () => {
    expect(check('a table of tests > is wrong with no table')).toEqual({
      status: 0,
      stdout: 'table.md: all 1 tests named are there\n',
    });
    expect(check('a table of tests > is wrong with no tabel')).toEqual({
      status: 1,
      stdout: `table.md: this, ours: there is no test ${OWN} > a table of tests > is wrong with no tabel\n`,
    });
  });
});
