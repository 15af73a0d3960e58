/**
 * Comparing printed tables whose values differ by nature (rates, times) without hiding anything else.
 *
 * A masked column's value must have the form and the padding its column prescribes; only then is the value, and
 * nothing but the value, replaced by the column's name. Everything around it stays to be compared byte by byte.
 * A row that does not fit throws, so a mask can never swallow a difference it was not made for.
 */

export interface ColumnMask {
  /** Name as in the heading. */
  readonly column: string;
  /** The whole value must match. */
  readonly form: RegExp;
  /**
   * right: padded on the left to that width, `gap` blanks before it; `after` is the width of the column before it
   * when that one is padded on the right.
   * rest: the last column, from where its heading starts to the end of the line.
   */
  readonly place: RightAligned | 'rest';
}

interface RightAligned {
  readonly right: number;
  readonly gap: number;
  readonly after?: number;
}

/** Masks every row below the heading (the first line). */
export function maskColumns(output: string, masks: readonly ColumnMask[]): string {
  const [heading = '', ...rows] = output.split('\n');
  const names = headings(heading);
  for (const mask of masks) {
    if (!names.some((name) => name.text === mask.column)) {
      throw new Error(`there is no column ${mask.column} in "${heading}"`);
    }
  }
  return [heading, ...rows.map((row) => (row === '' ? row : maskRow(row, names, masks)))].join('\n');
}

/**
 * Masks values inside lines: a line that one of the patterns matches whole loses the text of the pattern's named groups,
 * which their names replace. The pattern is the form these values must have; everything else of the line stays, and a
 * line that fits no pattern stays as it is.
 */
export function maskLines(output: string, patterns: readonly RegExp[]): string {
  return output
    .split('\n')
    .map((line) => maskLine(line, patterns))
    .join('\n');
}

function maskLine(line: string, patterns: readonly RegExp[]): string {
  for (const pattern of patterns) {
    const match = wholeLine(pattern).exec(line);
    if (match === null) continue;
    const spans = Object.entries(match.indices?.groups ?? {}).filter(([, span]) => span !== undefined);
    let masked = '';
    let at = 0;
    for (const [name, [from, to]] of spans.sort(([, a], [, b]) => a[0] - b[0])) {
      masked += `${line.slice(at, from)}<${name}>`;
      at = to;
    }
    return masked + line.slice(at);
  }
  return line;
}

const wholeLines = new WeakMap<RegExp, RegExp>();

function wholeLine(pattern: RegExp): RegExp {
  let whole = wholeLines.get(pattern);
  if (whole === undefined) {
    whole = new RegExp(`^(?:${pattern.source})$`, `${pattern.flags}d`);
    wholeLines.set(pattern, whole);
  }
  return whole;
}

/** The lines in a fixed order, for output whose row order is a hash order; the first `keep` lines stay in front. */
export function sortRows(output: string, keep = 0): string {
  if (!output.endsWith('\n')) throw new Error(`the output does not end with a line end: ${JSON.stringify(output)}`);
  const lines = output.slice(0, -1).split('\n');
  return `${[...lines.slice(0, keep), ...lines.slice(keep).sort()].join('\n')}\n`;
}

interface Heading {
  readonly text: string;
  readonly at: number;
}

interface Cell {
  readonly blanks: string;
  readonly value: string;
}

/** Column names begin with # and may hold single blanks (`#Cluster Name`). */
function headings(line: string): Heading[] {
  return [...line.matchAll(/#\S+(?: [^\s#]+)*/g)].map((match) => ({ text: match[0], at: match.index }));
}

function maskRow(row: string, names: readonly Heading[], masks: readonly ColumnMask[]): string {
  const cells = [...row.matchAll(/( *)(\S+)/g)].map((match) => ({ blanks: match[1] ?? '', value: match[2] ?? '' }));
  let masked = '';
  for (const [index, name] of names.entries()) {
    const mask = masks.find((one) => one.column === name.text);
    if (mask?.place === 'rest') {
      if (index !== names.length - 1) throw new Error(`${name.text} is not the last column`);
      check(mask, row.slice(name.at), row);
      return `${row.slice(0, name.at)}<${name.text}>`;
    }
    const cell = cells[index];
    if (cell === undefined) throw new Error(`the row "${row}" has no value for ${name.text}`);
    const before = cells[index - 1]?.value.length ?? 0;
    masked += mask === undefined ? cell.blanks + cell.value : maskRight(mask, mask.place, before, cell, row);
  }
  const used = cells.slice(0, names.length).reduce((sum, cell) => sum + cell.blanks.length + cell.value.length, 0);
  return masked + row.slice(used);
}

function maskRight(mask: ColumnMask, place: RightAligned, before: number, cell: Cell, row: string): string {
  check(mask, cell.value, row);
  const gap = place.gap + Math.max(0, (place.after ?? 0) - before);
  const padding = gap + Math.max(0, place.right - cell.value.length);
  if (cell.blanks.length !== padding) {
    throw new Error(`${mask.column} has ${cell.blanks.length} blanks before it where ${padding} are due: "${row}"`);
  }
  return `${' '.repeat(gap)}<${mask.column}>`;
}

function check(mask: ColumnMask, value: string, row: string): void {
  if (!mask.form.test(value)) {
    throw new Error(`${mask.column} holds "${value}", which is not of the form ${mask.form}: "${row}"`);
  }
}

const TIME = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}/.source;

/**
 * When and from which port a message was sent, and when it was stored, in the two forms the tools print a message in. A value
 * of another form, or in another place, stays and shows.
 */
export function maskMessageTimes(output: string): string {
  return output
    .replaceAll(
      /, bornTimestamp=\d{13}, bornHost=\/127\.0\.0\.1:\d{4,5}, storeTimestamp=\d{13}, storeHost=/g,
      ', bornTimestamp=<ms>, bornHost=/127.0.0.1:<port>, storeTimestamp=<ms>, storeHost=',
    )
    .replaceAll(new RegExp(`^(Born Timestamp: {6}|Store Timestamp: {5})${TIME}$`, 'gm'), '$1<time>')
    .replaceAll(/^Born Host: {11}127\.0\.0\.1:\d{4,5}$/gm, 'Born Host:           127.0.0.1:<port>');
}
