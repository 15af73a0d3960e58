/**
 * How commands declare options: oclif flags whose description is the help text of mqadmin, made by the four constructors
 * below, and read back as plain data for the parser (argv.ts) and the usage text (usage.ts). Options PocketMQ adds carry the
 * help group `OWN`; an option without it belongs to mqadmin and must stay as it is.
 */

import { Flags, type Interfaces } from '@oclif/core';
import type { OptionName, ParsedArgv } from './argv.ts';
import { ValueFault } from './faults.ts';

export const OWN = 'pocketmq';

export interface CommandOption extends OptionName {
  readonly help: string;
  /** The long name as usage prints it: a few of mqadmin's end in a blank. */
  readonly printedLong: string;
}

type FlagTable = Interfaces.FlagInput;

/** The text of an integer as Java's Long.parseLong takes it. */
export function parseWholeNumber(text: string, name: string): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new ValueFault(`${name} must be a whole number, not "${text}".`);
  return value;
}

/** An option whose value is an integer. */
export const wholeNumber = Flags.custom<number>({
  parse: async (text, _context, flag) =>
    parseWholeNumber(text, flag.char === undefined ? `--${flag.name}` : `-${flag.char}`),
});

/** An option with the value true or false by Java's rule: anything but "true", in any case, is false. */
export const javaBoolean = Flags.custom<boolean>({ parse: async (text) => text.toLowerCase() === 'true' });

/** mqadmin's options that every command takes. */
export const mqadminFlags = {
  help: Flags.boolean({ char: 'h', description: 'Print help' }),
  namesrvAddr: Flags.string({
    char: 'n',
    description: "Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'",
  }),
};

export const outputFormats = ['text', 'json', 'yaml'] as const;

/** Options of PocketMQ that every command takes. `-o` is given to `output` where the command has no `-o` of its own. */
export const ownFlags = {
  output: Flags.option({ options: outputFormats })({
    helpGroup: OWN,
    default: 'text',
    description: 'form of the result on stdout: text, json or yaml',
  }),
  'data-dir': Flags.string({
    helpGroup: OWN,
    description: 'directory of the local cluster; default: POCKETMQ_DATA_DIR, else .pocketmq in the home directory',
  }),
  start: Flags.boolean({
    helpGroup: OWN,
    description: 'start the local cluster first where none runs; POCKETMQ_AUTOSTART=1 does so always',
  }),
  color: Flags.boolean({ helpGroup: OWN, description: 'colour even where stdout is no terminal' }),
  'no-color': Flags.boolean({ helpGroup: OWN, description: 'no colour' }),
  debug: Flags.boolean({ helpGroup: OWN, description: 'print the stack of a failure' }),
};

/** What base-command reads of the options every command has. */
export interface GlobalFlags {
  readonly namesrvAddr?: string | undefined;
  readonly output: (typeof outputFormats)[number];
  readonly 'data-dir': string | undefined;
  readonly start?: boolean | undefined;
  readonly color: boolean;
  readonly 'no-color': boolean;
  readonly debug: boolean;
}

/** The declarations of a command as data: its own flags first, then those every command has. */
export function optionsOf(flags: FlagTable, baseFlags: FlagTable): CommandOption[] {
  const all: FlagTable = { ...baseFlags, ...flags };
  const shortOTaken = Object.values(all).some((flag) => flag.char === 'o');
  return Object.entries(all).map(([long, flag]) => ({
    long,
    short: long === 'output' && !shortOTaken ? 'o' : flag.char,
    takesValue: flag.type === 'option',
    required: flag.required === true,
    own: flag.helpGroup === OWN,
    help: flag.description ?? '',
    printedLong: flag.helpLabel ?? long,
  }));
}

/** Texts -> typed values by the declared parsers, defaults for what was not given; a list for an option that may be repeated. */
export async function flagValues(
  flags: FlagTable,
  { values, all }: Pick<ParsedArgv, 'values' | 'all'>,
): Promise<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const text = values.get(name);
    if (flag.type !== 'boolean' && flag.multiple === true) result[name] = all.get(name);
    else if (flag.type === 'boolean') result[name] = text !== undefined;
    else if (text === undefined) result[name] = flag.default;
    else result[name] = await parseValue(name, flag, text);
  }
  return result;
}

async function parseValue(name: string, flag: Interfaces.OptionFlag<unknown>, text: string): Promise<unknown> {
  if (flag.options !== undefined && !flag.options.includes(text)) {
    throw new ValueFault(`--${name} is one of ${flag.options.join(', ')}, not "${text}".`);
  }
  // oclif's parsers want the command as context; ours look at the declaration only.
  const context = {} as Parameters<typeof flag.parse>[1];
  return flag.parse(text, context, { ...flag, name } as Parameters<typeof flag.parse>[2]);
}
