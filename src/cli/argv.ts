/**
 * The words of a command line, read as mqadmin 4.9 reads them (its parser is the POSIX one of commons-cli 1.2):
 * `-t X`, `-tX`, `--topic X`, `--topic=X`, joined switches (`-ts`), the long name behind one hyphen and the short one behind
 * two; words that belong to no option are operands (mqadmin ignores them); the first value of a repeated option counts; `--`
 * ends the options; a value that names an option of the command is a fault, any other value may start with a hyphen; one
 * pair of double quotes around a value is taken off and blanks at both ends are cut. Long names cannot be abbreviated.
 *
 * It runs in two steps, as the original's: `flatten` takes joined words apart, `collect` gives options their values. A word
 * that looks joined is taken apart even where a value stands (`-v -kfoo` with an option `-k` is a fault in mqadmin, too).
 * Difference: where a value is expected, only mqadmin's own options count as names. An option that PocketMQ added never
 * turns a value mqadmin accepts into a fault.
 */

import { UsageFault } from './faults.ts';

export interface OptionName {
  /** Long name; the key of the result. */
  readonly long: string;
  readonly short: string | undefined;
  readonly takesValue: boolean;
  readonly required: boolean;
  /** Added by PocketMQ. */
  readonly own: boolean;
}

/** Options of which exactly one must be given, by long name. */
export type OptionGroup = readonly string[];

export interface ParsedArgv {
  /** Long name -> value; a switch has the value ''. */
  readonly values: ReadonlyMap<string, string>;
  /** Long name -> every value that was given, in their order: for options of ours that may be repeated. */
  readonly all: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
}

type Word = { readonly kind: 'option'; readonly text: string } | { readonly kind: 'text'; readonly text: string };

class OptionTable {
  readonly #byName = new Map<string, OptionName>();

  constructor(options: readonly OptionName[]) {
    for (const option of options) {
      this.#byName.set(option.long, option);
      if (option.short !== undefined) this.#byName.set(option.short, option);
    }
  }

  /** The option a word such as `-t`, `-topic` or `--topic` names. */
  find(word: string, wanted: 'any' | 'mqadmin' = 'any'): OptionName | undefined {
    if (!word.startsWith('-')) return undefined;
    const option = this.#byName.get(word.slice(word.startsWith('--') ? 2 : 1));
    return wanted === 'mqadmin' && option?.own ? undefined : option;
  }
}

/** Does not look at required options: `-h` is an answer to a line that lacks them. */
export function parseArgv(argv: readonly string[], options: readonly OptionName[]): ParsedArgv {
  const table = new OptionTable(options);
  return collect(flatten(argv, table), table);
}

function flatten(argv: readonly string[], table: OptionTable): Word[] {
  const words: Word[] = [];
  let awaitsValue = false;
  const push = (kind: Word['kind'], text: string): void => {
    words.push({ kind, text });
    awaitsValue = kind === 'option' && table.find(text)?.takesValue === true;
  };
  for (const word of argv) {
    const wanted = awaitsValue ? 'mqadmin' : 'any';
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals === -1 ? word : word.slice(0, equals);
      if (table.find(name, wanted) === undefined) push(awaitsValue ? 'text' : 'option', word);
      else {
        push('option', name);
        if (equals !== -1) push('text', word.slice(equals + 1));
      }
    } else if (word.length > 2 && word.startsWith('-') && table.find(word, wanted) === undefined) {
      burst(word, { table, wanted, awaitsValue, push });
    } else {
      const named = table.find(word, wanted) !== undefined;
      push(word.startsWith('-') && word !== '-' && (named || !awaitsValue) ? 'option' : 'text', word);
    }
  }
  return words;
}

interface Flattening {
  readonly table: OptionTable;
  readonly wanted: 'any' | 'mqadmin';
  readonly awaitsValue: boolean;
  readonly push: (kind: Word['kind'], text: string) => void;
}

/** `-lt` -> `-l -t`, `-tX` -> `-t X`; at the first letter that is no option the whole word stands for itself. */
function burst(word: string, { table, wanted, awaitsValue, push }: Flattening): void {
  for (let i = 1; i < word.length; i++) {
    const letter = `-${word.charAt(i)}`;
    const option = table.find(letter, wanted);
    if (option === undefined) {
      push(awaitsValue && i === 1 ? 'text' : 'option', word);
      return;
    }
    push('option', letter);
    if (option.takesValue && i + 1 < word.length) {
      push('text', word.slice(i + 1));
      return;
    }
  }
}

function collect(words: readonly Word[], table: OptionTable): ParsedArgv {
  const values = new Map<string, string>();
  const all = new Map<string, string[]>();
  const operands: string[] = [];
  let position = 0;
  while (position < words.length) {
    const word = words[position++];
    if (word === undefined) break;
    if (word.text === '--') {
      for (const rest of words.slice(position)) if (rest.text !== '--') operands.push(rest.text);
      break;
    }
    if (word.kind === 'text') {
      operands.push(word.text);
      continue;
    }
    const option = table.find(word.text);
    if (option === undefined) throw new UsageFault(`There is no option ${word.text}.`);
    let value = '';
    if (option.takesValue) {
      const next = words[position];
      if (next === undefined || next.kind === 'option') throw new UsageFault(`Option ${word.text} needs a value.`);
      value = unquote(next.text).trim();
      position++;
    }
    const given = all.get(option.long);
    if (given === undefined) all.set(option.long, [value]);
    else given.push(value);
    if (!values.has(option.long)) values.set(option.long, value);
  }
  return { values, all, operands };
}

/** One pair of double quotes is taken off; a value with further quotes inside is left alone. */
function unquote(text: string): string {
  const quoted = text.length > 1 && text.startsWith('"') && text.endsWith('"');
  const inner = quoted ? text.slice(1, -1) : text;
  return inner.includes('"') ? text : inner;
}

/** Throws a UsageFault that names what is missing or given twice. */
export function checkRequired(
  { values }: ParsedArgv,
  options: readonly OptionName[],
  groups: readonly OptionGroup[],
): void {
  for (const group of groups) {
    const given = group.filter((long) => values.has(long));
    const names = group.map((long) => nameOf(long, options));
    if (given.length === 0) throw new UsageFault(`One of ${names.join(' and ')} is required.`);
    if (given.length > 1) throw new UsageFault(`Only one of ${names.join(' and ')} may be given.`);
  }
  const missing = options.filter((option) => option.required && !values.has(option.long));
  if (missing.length === 0) return;
  const names = missing.map((option) => nameOf(option.long, options)).join(' and ');
  throw new UsageFault(`${names} ${missing.length === 1 ? 'is' : 'are'} required.`);
}

function nameOf(long: string, options: readonly OptionName[]): string {
  const short = options.find((option) => option.long === long)?.short;
  return short === undefined ? `--${long}` : `-${short} (--${long})`;
}
