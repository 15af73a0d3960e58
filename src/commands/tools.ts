/**
 * What bin/tools.sh runs: RocketMQ's example programs by the name of their class, and its benchmarks, which have options of
 * their own.
 */

import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { CliFault, UsageFault } from '../cli/faults.ts';
import { findNamesrvAddrs } from '../cli/find-namesrv.ts';
import { type GlobalFlags, ownFlags } from '../cli/flags.ts';
import { watchInterrupts } from '../cli/interrupt.ts';

const PACKAGE = 'org.apache.rocketmq.example.';
const BENCHMARK = `${PACKAGE}benchmark.`;

export default class Tools extends BaseCommand {
  static override summary = "Run an example program of RocketMQ's, as bin/tools.sh does";
  static override hidden = true;
  static override program = 'tools.sh';
  static override operands = 'CLASS';
  static override args = { className: Args.string() };

  override async run(): Promise<void> {
    const [first] = this.argv;
    const { program, flags } = first?.startsWith(BENCHMARK)
      ? await this.#benchmark(first.slice(BENCHMARK.length), this.argv.slice(1))
      : await this.#example();
    const namesrvAddrs = await findNamesrvAddrs(flags, this.io.env);
    const watch = watchInterrupts();
    try {
      await program({ namesrvAddrs, io: this.io, watch });
    } finally {
      watch.dispose();
    }
  }

  async #example() {
    const { flags, args } = await this.parse(Tools);
    const className = args.className as string | undefined;
    if (className === undefined) throw new UsageFault(`Name a program, such as ${PACKAGE}quickstart.Producer.`);
    const { examplePrograms } = await import('../cli/examples/example-programs.ts');
    const name = className.startsWith(PACKAGE) ? className.slice(PACKAGE.length) : '';
    const make = Object.hasOwn(examplePrograms, name) ? examplePrograms[name] : undefined;
    if (make === undefined) throw notFound(className, Object.keys(examplePrograms));
    return { program: make(), flags };
  }

  async #benchmark(name: string, argv: readonly string[]) {
    const { benchmarkPrograms } = await import('../cli/examples/benchmarks.ts');
    const make = Object.hasOwn(benchmarkPrograms, name) ? benchmarkPrograms[name] : undefined;
    if (make === undefined) {
      const names = Object.keys(benchmarkPrograms).map((known) => `benchmark.${known}`);
      throw notFound(BENCHMARK + name, names);
    }
    const { program, namesrvAddr } = make(argv);
    const flags: GlobalFlags = {
      ...{ namesrvAddr, output: ownFlags.output.default as 'text', 'data-dir': undefined },
      ...{ color: false, 'no-color': false, debug: false },
    };
    return { program, flags };
  }
}

function notFound(className: string, names: readonly string[]): CliFault {
  return new CliFault(`Could not find main class ${className}: ${PACKAGE} has ${names.join(', ')}.`, 1);
}
