/**
 * From argv to an exit code: finds the command, runs it, and says in one sentence on stderr what went wrong. stdout holds
 * results and the texts mqadmin puts there (usage, unknown command). Never calls process.exit: the loop drains.
 */

import { tellStartFailure } from '../core/cluster/start-failure.ts';
import { type CommandClass, usageTexts } from './base-command.ts';
import { type Catalog, classCatalog, findNamed, groupListing, listing, manifestCatalog } from './catalog.ts';
import { ExitCode, exitCodeOf } from './exit-codes.ts';
import { CliFault, HelpRequest, Interruption, StdoutFault, UsageFault } from './faults.ts';
import { bindIo, type Io, LineKeepingIo, processIo } from './io.ts';
import { sentenceOf, stackOf } from './sentences.ts';
import { nearestName } from './suggest.ts';

export interface MainOptions {
  /** Words after the program's name. */
  readonly argv: readonly string[];
  /** Directory of package.json. */
  readonly root: string;
  /** Of the package. */
  readonly version: string;
  readonly io?: Io;
  /** Command classes by name, instead of the built ones. */
  readonly commands?: Readonly<Record<string, CommandClass>>;
}

/** Runs one command line and returns its exit code. */
export async function main(options: MainOptions): Promise<number> {
  const { argv, root, commands, version } = options;
  const io = new LineKeepingIo(options.io ?? processIo);
  try {
    const catalog = commands === undefined ? manifestCatalog(root) : classCatalog(root, commands);
    bindIo(catalog.config, io);
    return await dispatch(argv, { catalog, io, version });
  } catch (error) {
    return report(error, { io, debug: argv.includes('--debug') });
  } finally {
    io.finish();
  }
}

interface Context {
  readonly catalog: Catalog;
  readonly io: Io;
  readonly version: string;
}

async function dispatch(argv: readonly string[], context: Context): Promise<number> {
  const { catalog, io } = context;
  const [name] = argv;
  if (name === undefined || name === '-h' || name === '--help') {
    io.out(listing(catalog));
    return ExitCode.DONE;
  }
  if (name === '--version') {
    io.out(`pocketmq ${context.version} node ${process.version}\n`);
    return ExitCode.DONE;
  }
  if (name === 'help' && argv.length > 1) {
    const asked = await help(argv.slice(1), context);
    if (asked !== undefined) return asked;
  }
  const { entry, group, rest } = findNamed(catalog, argv);
  if (group !== undefined) {
    io.out(groupListing(group));
    return ExitCode.DONE;
  }
  if (entry === undefined) return notFound(argv, context);
  const command = await entry.load();
  try {
    await new command([...rest], catalog.config).run();
    return ExitCode.DONE;
  } catch (error) {
    return report(error, { io, command, debug: rest.includes('--debug') });
  }
}

/** Undefined for a line that asks for more than the help of one command. */
async function help(words: readonly string[], context: Context): Promise<number | undefined> {
  const { entry, group, rest } = findNamed(context.catalog, words);
  if (rest.length > 0) return undefined;
  if (group !== undefined) context.io.out(groupListing(group));
  else if (entry === undefined) return notFound(words, context);
  else printHelp(await entry.load(), context.io);
  return ExitCode.DONE;
}

/** stdout keeps mqadmin's text to the byte; what PocketMQ adds to one of its commands is told on stderr. */
function printHelp(command: CommandClass, io: Io): void {
  const { usage, own, more } = usageTexts(command);
  io.out(usage + more);
  if (own !== '') io.err(own);
}

/** Of a line that begins like the commands of two words both words are named. */
function notFound(words: readonly string[], { catalog, io }: Context): number {
  const isGroup = findNamed(catalog, words.slice(0, 1)).group !== undefined;
  const name = words.slice(0, isGroup ? 2 : 1).join(' ');
  io.out(`The sub command ${name} not exist.\n`);
  const nearest = nearestName(
    name,
    catalog.entries.map(({ id }) => id),
  );
  io.err(nearest === undefined ? "'mqadmin' alone lists the commands there are.\n" : `Did you mean '${nearest}'?\n`);
  return ExitCode.USAGE;
}

interface Failing {
  readonly io: Io;
  readonly command?: CommandClass;
  readonly debug: boolean;
}

function report(error: unknown, { io, command, debug }: Failing): number {
  if (error instanceof HelpRequest) {
    if (command !== undefined) printHelp(command, io);
    return ExitCode.DONE;
  }
  if (error instanceof UsageFault && command !== undefined) io.out(usageTexts(command).usage);
  if (error instanceof StdoutFault) io.out(error.message);
  else if (!(error instanceof Interruption)) io.err(`${debug ? stackOf(error) : sentenceOf(error)}\n`);
  // Log scrapers look for this line of the original; a person at a terminal does not need it.
  const scraped = command?.javaClass !== undefined && !(error instanceof CliFault) && !io.stderrIsTerminal;
  if (scraped) io.err(`SubCommandException: ${command.javaClass} command failed\n`);
  const exitCode = exitCodeOf(error);
  tellStartFailure(io.env, { sentence: sentenceOf(error), exitCode });
  return exitCode;
}
