/** The one table of a run. A count that must be something and is not makes the run fail. */

export interface Row {
  readonly part: string;
  readonly what: string;
  readonly count: number | string;
  /** What the count has to be; anything when undefined. */
  readonly must?: number | undefined;
  /** What the count may be at most. */
  readonly most?: number | undefined;
}

/** What is wrong with a row, undefined when nothing is. */
function faultOf({ count, must, most }: Row): string | undefined {
  if (must !== undefined && count !== must) return `must be ${must}`;
  return most !== undefined && !(Number(count) <= most) ? `must be at most ${most}` : undefined;
}

export const allRight = (rows: readonly Row[]): boolean => rows.every((row) => faultOf(row) === undefined);

export function renderTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const fault = faultOf(row);
    return [row.part, row.what, fault === undefined ? `${row.count}` : `${row.count}  ${fault}`] as const;
  });
  const widthOf = (column: 0 | 1): number => Math.max(...cells.map((line) => line[column].length));
  const widths = [widthOf(0), widthOf(1)] as const;
  return cells
    .map(([part, what, count]) => `${part.padEnd(widths[0])}  ${what.padEnd(widths[1])}  ${count}\n`)
    .join('');
}
