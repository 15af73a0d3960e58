/** The one table of a run. A count that must be something and is not makes the run fail. */

export interface Row {
  readonly part: string;
  readonly what: string;
  readonly count: number | string;
  /** What the count has to be; anything when undefined. */
  readonly must?: number | undefined;
}

const isRight = ({ count, must }: Row): boolean => must === undefined || count === must;

export const allRight = (rows: readonly Row[]): boolean => rows.every(isRight);

export function renderTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const wrong = isRight(row) ? '' : `  must be ${row.must}`;
    return [row.part, row.what, `${row.count}${wrong}`] as const;
  });
  const widthOf = (column: 0 | 1): number => Math.max(...cells.map((line) => line[column].length));
  const widths = [widthOf(0), widthOf(1)] as const;
  return cells
    .map(([part, what, count]) => `${part.padEnd(widths[0])}  ${what.padEnd(widths[1])}  ${count}\n`)
    .join('');
}
