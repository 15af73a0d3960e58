/**
 * A table of features that names the tests which show them (docs/consumers.md), as Markdown:
 *
 *   | Feature | Go | ours |
 *   |---|---|---|
 *   | tags | `tags` | `tags`, `more` |
 *   | batches | not shown | no such thing |
 *
 *   - `tags`: test/a.test.ts > on BROKER > CLIENT takes tags
 *   - `more` (all): test/b.test.ts > some suite > some test
 *
 * The first column is the feature, each other one a client; in a title CLIENT stands for the column's name and BROKER for `our broker`, with
 * the same title for `the real broker` as the proof that the case is right. `(all)` is a test of `npm run interop:all` only.
 */

/** A test that a table names. */
export interface NamedTest {
  /** Where in the table: its row and column. */
  readonly cell: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Suites and test, joined by ` > `. */
  readonly title: string;
  /** Whether it must have run, not only be there. */
  readonly mustRun: boolean;
}

export interface TestTable {
  readonly tests: NamedTest[];
  /** What is wrong with the table by itself. */
  readonly faults: string[];
}

interface Entry {
  readonly file: string;
  readonly title: string;
  readonly onlyAll: boolean;
}

const ENTRY = /^- `([^`]+)`( \(all\))?: (\S+\.test\.ts) > (.+)$/;
/** What a cell may say instead of naming tests. */
const ADMISSION = /\b(no such thing|not shown)\b/;

export function parseTestTable(text: string): TestTable {
  const entries = new Map<string, Entry>();
  const faults: string[] = [];
  const lines = text.split('\n');
  for (const line of lines) {
    const [, code = '', all, file = '', title = ''] = ENTRY.exec(line) ?? [];
    if (code === '') continue;
    if (entries.has(code)) faults.push(`\`${code}\` is there twice`);
    entries.set(code, { file, title, onlyAll: all !== undefined });
  }
  const [head, , ...rows] = lines.filter((line) => line.startsWith('|')).map(cellsOf);
  const tests: NamedTest[] = [];
  const used = new Set<string>();
  for (const [feature = '', ...cells] of rows) {
    if (cells.length + 1 !== head?.length) faults.push(`${feature}: ${cells.length} cells`);
    cells.forEach((cell, i) => {
      const client = head?.[i + 1] ?? '';
      const where = `${feature}, ${client}`;
      const codes = [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');
      if (codes.length === 0 && !ADMISSION.test(cell)) faults.push(`${where}: names no test and does not say so`);
      for (const code of codes) {
        used.add(code);
        const entry = entries.get(code);
        if (entry === undefined) faults.push(`${where}: \`${code}\` is not in the list of tests`);
        else tests.push(...testsOf(entry, where, client));
      }
    });
  }
  for (const code of entries.keys()) if (!used.has(code)) faults.push(`\`${code}\` is in no cell`);
  if (tests.length === 0) faults.push('no test is named');
  return { tests, faults };
}

/** A bar of an expression is written \| in a cell. */
function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function testsOf({ file, title, onlyAll }: Entry, cell: string, client: string): NamedTest[] {
  const own = title.replace(/\bCLIENT\b/g, () => client);
  if (!/\bBROKER\b/.test(own)) return [{ cell, file, title: own, mustRun: !onlyAll }];
  return [
    { cell, file, title: own.replace(/\bBROKER\b/, 'our broker'), mustRun: !onlyAll },
    { cell, file, title: own.replace(/\bBROKER\b/, 'the real broker'), mustRun: false },
  ];
}

/** One run of a test in a report of vitest. */
export interface RanTest {
  readonly file: string;
  readonly title: string;
  readonly status: string;
}

/** The test with its file, to look it up by. */
export const keyOf = ({ file, title }: Pick<NamedTest, 'file' | 'title'>): string => `${file} > ${title}`;

/**
 * What is wrong with what a table says, a sentence each: a test that is not in the sources; when there are reports, one that
 * did not run or did not pass.
 */
export function tableFaults(
  table: TestTable,
  listed: ReadonlySet<string>,
  ran: readonly RanTest[] | undefined,
): string[] {
  const faults = [...table.faults];
  const states = new Map<string, Set<string>>();
  for (const one of ran ?? []) {
    const key = keyOf(one);
    states.set(key, (states.get(key) ?? new Set()).add(one.status));
  }
  for (const test of table.tests) {
    const key = keyOf(test);
    const seen = states.get(key);
    if (!listed.has(key)) faults.push(`${test.cell}: there is no test ${key}`);
    else if (ran !== undefined && seen === undefined && test.mustRun) faults.push(`${test.cell}: did not run: ${key}`);
    else if ([...(seen ?? [])].some((status) => status !== 'passed')) faults.push(`${test.cell}: did not pass: ${key}`);
  }
  return faults;
}
