/**
 * Running the cases of parity-cases.ts: with either tool, on either cluster, and what has to hold between two runs.
 */
import type { ParityCase } from './parity-case.ts';
import { SET_UP } from './parity-cases.ts';
import type { Finished } from './process.ts';
import type { Cluster } from './traffic.ts';

export type Tool = (args: readonly string[]) => Promise<Finished>;
export type Outputs = ReadonlyMap<string, Finished>;

const commandLine = (args: readonly string[], { namesrvAddr }: Cluster): string[] =>
  args[0] === 'help' ? [...args] : [...args, '-n', namesrvAddr];

/** Throws unless every command of SET_UP succeeded. */
export async function setUpParity(tool: Tool, cluster: Cluster): Promise<void> {
  for (const args of SET_UP) {
    const result = await tool(commandLine(args(cluster), cluster));
    if (withoutLogging(result.stderr) !== '' || result.code !== 0)
      throw new Error(`${args(cluster).join(' ')}: ${result.stderr}`);
  }
}

export async function runCases(tool: Tool, cluster: Cluster, cases: readonly ParityCase[]): Promise<Outputs> {
  const outputs = new Map<string, Finished>();
  for (const { name, args } of cases) outputs.set(name, await tool(commandLine(args(cluster), cluster)));
  return outputs;
}

/** Who printed something: the real mqadmin always runs first on a cluster. */
export interface Run {
  readonly tool: 'real' | 'our';
  readonly outputs: Outputs;
}

/**
 * What is wrong with a run beside the run of the real mqadmin on the real cluster: one text for each difference, none
 * when all is well.
 */
export function parityFaults(one: ParityCase, expected: Run, actual: Run): string[] {
  const [reference, result] = [expected, actual].map(({ outputs }) => outputs.get(one.name));
  if (reference === undefined || result === undefined) return [`${one.name} did not run`];
  const first = actual.tool === 'real';
  const shown = (stdout: string): string => one.compare?.(stdout, first) ?? stdout;
  const due = first ? reference.stdout : (one.deliberate?.(reference.stdout) ?? reference.stdout);
  const faults: string[] = [];
  faults.push(...lineFaults(shown(due), shown(result.stdout)));
  const code = first ? 0 : (one.code ?? 0);
  if (result.code !== code) faults.push(`exit code ${result.code} where ${code} was due: ${result.stderr}`);
  faults.push(...stderrFaults('real', reference.stderr, one), ...stderrFaults(actual.tool, result.stderr, one));
  return faults;
}

/** Lines, where they are not too many; the rest is cut. */
function lineFaults(due: string, is: string): string[] {
  if (due === is) return [];
  const [wanted, got] = [due.split('\n'), is.split('\n')];
  const texts = Array.from({ length: Math.max(wanted.length, got.length) }, (_, index) =>
    wanted[index] === got[index] ? [] : [`line ${index}: "${got[index]}" where "${wanted[index]}" was due`],
  );
  return texts.flat().slice(0, 20);
}

/** Tools of 4.9.1 say on stderr that nobody configured their logging. */
const withoutLogging = (stderr: string): string => stderr.replaceAll(/^RocketMQLog:WARN .*\n/gm, '');

function stderrFaults(tool: Run['tool'], stderr: string, one: ParityCase): string[] {
  const due = tool === 'real' ? one.stderr?.real : one.stderr?.ours;
  const right = due === undefined ? withoutLogging(stderr) === '' : due.test(stderr);
  return right ? [] : [`stderr of the ${tool} mqadmin, where ${due ?? 'nothing'} was due: ${stderr.slice(0, 500)}`];
}
