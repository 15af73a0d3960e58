/**
 * What `store verify` found, a file at a time: the first bad byte and how many findings there were beside it. A note is no
 * fault: what a crash leaves and recovery puts right.
 */

export interface Place {
  /** Path of the file. */
  readonly file: string;
  /** Byte of the file, from 0. */
  readonly offset: number;
}

export interface Finding extends Place {
  readonly reason: string;
  /** Where the other of two files that contradict each other says otherwise. */
  readonly other?: Place | undefined;
}

export interface Fault extends Finding {
  /** Further faults of the same file. */
  readonly more: number;
}

export class Findings {
  readonly #faults = new Map<string, { first: Finding; count: number }>();
  readonly #notes = new Map<string, { first: Finding; count: number }>();

  fault(finding: Finding): void {
    add(this.#faults, finding);
  }

  note(finding: Finding): void {
    add(this.#notes, finding);
  }

  hasFault(file: string): boolean {
    return this.#faults.has(file);
  }

  get faults(): Fault[] {
    return listOf(this.#faults);
  }

  get notes(): Fault[] {
    return listOf(this.#notes);
  }
}

type Table = Map<string, { first: Finding; count: number }>;

function add(table: Table, finding: Finding): void {
  const known = table.get(finding.file);
  if (known === undefined) {
    table.set(finding.file, { first: finding, count: 1 });
    return;
  }
  known.count++;
  if (finding.offset < known.first.offset) known.first = finding;
}

function listOf(table: Table): Fault[] {
  return [...table.values()].map(({ first, count }) => ({ ...first, more: count - 1 }));
}

/** Says so when a file has not the length it must have. */
export function tellLength(findings: Findings, file: { path: string; length: number }, wanted: number): void {
  if (file.length === wanted) return;
  const offset = Math.min(file.length, wanted);
  findings.fault({ file: file.path, offset, reason: `the file has ${file.length} bytes, not ${wanted}` });
}
