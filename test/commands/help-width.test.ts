/** What is ours in the help fits a terminal of 80 columns; mqadmin's own texts stay as wide as mqadmin's. */
import { describe, expect, it } from 'vitest';
import { commandClasses } from './command-classes.ts';
import { runCommand } from './run-command.ts';

const WIDTH = 80;
const tooLong = (text: string): string[] => text.split('\n').filter((line) => line.length > WIDTH);

describe('at 80 columns', () => {
  it.each(Object.entries(commandClasses))('the help of %s', async (name, { listPosition, program }) => {
    const { stdout, stderr, exitCode } = await runCommand([...name.split(' '), '--help']);
    expect(exitCode).toBe(0);
    expect(tooLong(stderr)).toEqual([]);
    if (listPosition !== undefined || program !== undefined) return;
    expect(tooLong(stdout)).toEqual([]);
    expect(stdout).toMatch(/^usage: mqadmin .*/);
    // No line of the usage ends inside of [-o <arg>].
    for (const line of stdout.slice(0, stdout.search(/\n {1,4}-/)).split('\n')) {
      expect(line.split('[').length).toBe(line.split(']').length);
    }
  });

  it('the list of our commands', async () => {
    const { stdout } = await runCommand([]);
    expect(tooLong(stdout.slice(stdout.indexOf('\nThe local cluster:\n')))).toEqual([]);
  });
});
