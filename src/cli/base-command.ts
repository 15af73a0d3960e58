/**
 * What every command is: an oclif Command whose options are read in mqadmin's way and whose result can be printed as text,
 * json or yaml. A command declares its flags and `run()`; parsing, help, usage faults and exit codes are here and in main.ts.
 */

import { Command, type Interfaces } from '@oclif/core';
import { checkRequired, type OptionGroup, parseArgv } from './argv.ts';
import { startClusterIfAsked } from './autostart.ts';
import { HelpRequest } from './faults.ts';
import { type CommandOption, flagValues, type GlobalFlags, mqadminFlags, optionsOf, ownFlags } from './flags.ts';
import { type Io, ioOf } from './io.ts';
import { machineText } from './machine-output.ts';
import { moreText, ownOptionsText, usageText } from './usage.ts';

/** What main.ts and the build read of a command without running it. */
export interface CommandFacts {
  readonly id: string;
  readonly summary?: string | undefined;
  readonly listPosition: number | undefined;
  readonly javaClass: string | undefined;
  readonly aliases: readonly string[];
  readonly optionGroups: readonly OptionGroup[];
  readonly takesNamesrv: boolean;
  readonly operands: string | undefined;
  readonly hidden: boolean;
  readonly program: string | undefined;
  readonly usesCluster: boolean;
  readonly notes: string | undefined;
  readonly examples: readonly unknown[];
  readonly flags: Interfaces.FlagInput;
  readonly baseFlags: Interfaces.FlagInput;
}

export interface CommandClass extends CommandFacts {
  new (argv: string[], config: Interfaces.Config): BaseCommand;
}

export abstract class BaseCommand extends Command {
  /** Place in mqadmin's list of commands, from 1; undefined: a command mqadmin does not have. */
  static listPosition: number | undefined = undefined;
  /** Simple name of the Java class, which the original prints when the command fails. */
  static javaClass: string | undefined = undefined;
  /** Groups of options of which exactly one must be given. */
  static optionGroups: readonly OptionGroup[] = [];
  /** False for a command that has nothing to ask a name server: it has no -n. */
  static takesNamesrv = true;
  /** What stands behind the command's name in its usage, for a command with operands. */
  static operands: string | undefined = undefined;
  /** The program's name in its usage, for what a launcher in bin/ runs: its options are RocketMQ's, ours stand apart. */
  static program: string | undefined = undefined;
  /** False for a command that makes the cluster instead of using one: it has no --start. */
  static usesCluster = true;
  /** Of a command of ours: what its help says below the options. Paragraphs are lines, folded at 80 columns. */
  static notes: string | undefined = undefined;
  /** Of a command of ours: lines to try, below the notes. */
  static override examples: string[] = [];
  static override baseFlags = { ...mqadminFlags, ...ownFlags };

  /** Where this run writes. */
  protected get io(): Io {
    return ioOf(this.config);
  }

  /**
   * Reads argv in mqadmin's way into typed flags. Operands fill the declared args in order; surplus ones are ignored.
   * Throws UsageFault, ValueFault or HelpRequest.
   */
  protected override async parse<
    F extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    B extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    A extends Interfaces.OutputArgs<Interfaces.ArgInput>,
  >(input?: Interfaces.Input<F, B, A>, argv: string[] = this.argv): Promise<Interfaces.ParserOutput<F, B, A>> {
    const command = this.constructor as typeof BaseCommand;
    const options = commandOptions(command);
    const parsed = parseArgv(argv, options);
    if (parsed.values.has('help')) throw new HelpRequest();
    checkRequired(parsed, options, command.optionGroups);
    const flags = await flagValues({ ...command.baseFlags, ...command.flags }, parsed);
    if (command.takesNamesrv && command.usesCluster) {
      await startClusterIfAsked(flags as unknown as GlobalFlags, { root: this.config.root, io: this.io });
    }
    const names = Object.keys(input?.args ?? {});
    const args = Object.fromEntries(names.map((name, i) => [name, parsed.operands[i]]));
    const result = { flags, args, argv: [...parsed.operands], raw: [], metadata: { flags: {} }, nonExistentFlags: [] };
    return result as unknown as Interfaces.ParserOutput<F, B, A>;
  }

  /** Prints the result in the form asked for: `text` makes mqadmin's, `document` what json and yaml show. */
  protected async print<R>(
    flags: Pick<GlobalFlags, 'output'>,
    result: R,
    text: (result: R) => string,
    document: (result: R) => unknown = (same) => same,
  ): Promise<void> {
    const { output } = flags;
    this.io.out(output === 'text' ? text(result) : await machineText(output, document(result)));
  }

  /** Whether to colour what goes to stdout. */
  protected colored(flags: Pick<GlobalFlags, 'color' | 'no-color'>): boolean {
    if (flags['no-color'] || this.io.env.NO_COLOR) return false;
    return flags.color || this.io.stdoutIsTerminal;
  }
}

/** The usage text of a command, for one of mqadmin's the block about what PocketMQ adds to it, for one of ours notes and examples. */
export function usageTexts(command: CommandFacts): { usage: string; own: string; more: string } {
  const options = commandOptions(command);
  const name = command.program ?? `mqadmin ${command.id}`;
  return {
    usage: usageText(
      command.operands === undefined ? name : `${name} ${command.operands}`,
      options,
      command.optionGroups,
      isOurs(command),
    ),
    own: ownOptionsText(options),
    more: moreText(command.notes, command.examples.map(String)),
  };
}

type Declared = 'flags' | 'baseFlags' | 'takesNamesrv' | 'listPosition' | 'program' | 'usesCluster';

const isOurs = ({ listPosition, program }: Pick<CommandFacts, 'listPosition' | 'program'>): boolean =>
  listPosition === undefined && program === undefined;

/** All options of a command of ours count as its own text's. */
function commandOptions(command: Pick<CommandFacts, Declared>) {
  const options: CommandOption[] = optionsOf(command.flags ?? {}, command.baseFlags);
  const without = [
    ...(command.takesNamesrv ? [] : ['namesrvAddr']),
    ...(command.takesNamesrv && command.usesCluster ? [] : ['start']),
  ];
  const taken = options.filter(({ long }) => !without.includes(long));
  return isOurs(command) ? taken.map((option) => ({ ...option, own: false })) : taken;
}
