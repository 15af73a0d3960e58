/**
 * The usage text of a command, character for character as mqadmin 4.9 prints it (width 110; its formatter is commons-cli's).
 * What is ours alone, a command or the options added to one of mqadmin's, fits a terminal of 80 columns, and no line ends
 * inside of an option.
 * Options stand in the order of their short names without regard to case. In the first line an exclusive group takes the
 * place of its first member; the other members leave only the blank that would have followed them, which is why two blanks
 * come after a group. Lines fold at the last blank before the width.
 */

import type { OptionGroup } from './argv.ts';
import type { CommandOption } from './flags.ts';

const MQADMIN_WIDTH = 110;
const OWN_WIDTH = 80;
/** Stands for a blank that no line ends at. */
const GLUE = '\0';
const ARGUMENT = ' <arg>';

/** What mqadmin prints for the command: only its own options. `ours`: mqadmin has no such command. */
export function usageText(
  app: string,
  options: readonly CommandOption[],
  groups: readonly OptionGroup[],
  ours = false,
): string {
  const sorted = inOrder(options.filter((option) => !option.own));
  const intro = 'usage: ';
  const width = ours ? OWN_WIDTH : MQADMIN_WIDTH;
  const words = synopsis(sorted, groups);
  const line = `${intro}${app} ${ours ? words.replaceAll(ARGUMENT, ARGUMENT.replace(' ', GLUE)) : words}`;
  return `${fold(line, intro.length, width).replaceAll(GLUE, ' ')}\n${optionList(sorted, width)}`;
}

/** The block about options that PocketMQ adds, empty where a command has none. */
export function ownOptionsText(options: readonly CommandOption[]): string {
  const own = inOrder(options.filter((option) => option.own));
  return own.length === 0 ? '' : `\nPocketMQ also takes:\n${optionList(own, OWN_WIDTH)}`;
}

/** What stands below the options of a command of ours: paragraphs, and lines to try. */
export function moreText(notes: string | undefined, examples: readonly string[]): string {
  const paragraphs = (notes ?? '').split('\n').map((line) => `${fold(line, 0, OWN_WIDTH)}\n`);
  const tries = examples.map((line) => `  ${line}\n`).join('');
  return (notes === undefined ? '' : `\n${paragraphs.join('')}`) + (tries === '' ? '' : `\nEXAMPLES\n${tries}`);
}

const sortKey = (option: CommandOption): string => (option.short ?? option.long).toLowerCase();

function inOrder(options: readonly CommandOption[]): CommandOption[] {
  return [...options].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : sortKey(a) > sortKey(b) ? 1 : 0));
}

function synopsis(sorted: readonly CommandOption[], groups: readonly OptionGroup[]): string {
  const printed = new Set<OptionGroup>();
  return sorted
    .map((option) => {
      const group = groups.find((members) => members.includes(option.long));
      if (group === undefined) return option.required ? synopsisOf(option) : `[${synopsisOf(option)}]`;
      if (printed.has(group)) return '';
      printed.add(group);
      const members = sorted.filter((other) => group.includes(other.long)).map(synopsisOf);
      return members.join(' | ');
    })
    .join(' ');
}

const synopsisOf = (option: CommandOption): string =>
  (option.short === undefined ? `--${option.printedLong}` : `-${option.short}`) + (option.takesValue ? ARGUMENT : '');

function optionList(sorted: readonly CommandOption[], width: number): string {
  const labels = sorted.map(labelOf);
  const indent = Math.max(0, ...labels.map((label) => label.length)) + 3;
  return sorted.map((option, i) => `${fold((labels[i] ?? '').padEnd(indent) + option.help, indent, width)}\n`).join('');
}

function labelOf(option: CommandOption): string {
  const names = option.short === undefined ? `   --${option.printedLong}` : `-${option.short},--${option.printedLong}`;
  return ` ${names}${option.takesValue ? ARGUMENT : ''}`;
}

/** Folds at the last blank at or before the width; following lines are indented. A word longer than a line stays whole. */
function fold(text: string, indent: number, width: number): string {
  const lines: string[] = [];
  let rest = text;
  for (;;) {
    const cut = foldAt(rest, lines.length === 0 ? 0 : indent, width);
    if (cut === -1) break;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = ' '.repeat(indent) + rest.slice(cut).trim();
  }
  lines.push(lines.length === 0 ? rest.trimEnd() : rest);
  return lines.join('\n');
}

function foldAt(text: string, indent: number, width: number): number {
  if (text.length <= width) return -1;
  const before = text.lastIndexOf(' ', width);
  if (before >= indent && before > 0) return before;
  return text.indexOf(' ', width);
}
