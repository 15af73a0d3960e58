/**
 * A json or yaml document whose first member is a list that may be long: its elements are written as they come, so that a
 * whole topic can be printed without keeping it. What is printed together is the document machineText would make.
 */

import { plainOf } from './machine-output.ts';

type Out = (text: string) => void;
type Stringify = (value: unknown) => string;

export interface MachineStream {
  /** Adds an element to the list. */
  add(element: unknown): void;
  /** Ends the list and the document; `rest` are the members behind it. */
  end(rest: Readonly<Record<string, unknown>>): void;
}

/** Writes nothing before the first call. The yaml package is loaded only when asked for. */
export async function machineStream(format: 'json' | 'yaml', listName: string, out: Out): Promise<MachineStream> {
  if (format === 'json') return new JsonStream(listName, out);
  const { stringify } = await import('yaml');
  return new YamlStream(listName, out, stringify);
}

const json = (value: unknown, indent: string): string =>
  JSON.stringify(plainOf(value), undefined, 2).replaceAll('\n', `\n${indent}`);

class JsonStream implements MachineStream {
  readonly #head: string;
  readonly #out: Out;
  #isEmpty = true;

  constructor(listName: string, out: Out) {
    this.#head = `{\n  ${JSON.stringify(listName)}: [`;
    this.#out = out;
  }

  add(element: unknown): void {
    this.#out(`${this.#isEmpty ? this.#head : ','}\n    ${json(element, '    ')}`);
    this.#isEmpty = false;
  }

  end(rest: Readonly<Record<string, unknown>>): void {
    const members = Object.entries(rest).map(([name, value]) => `,\n  ${JSON.stringify(name)}: ${json(value, '  ')}`);
    this.#out(`${this.#isEmpty ? `${this.#head}]` : '\n  ]'}${members.join('')}\n}\n`);
  }
}

class YamlStream implements MachineStream {
  readonly #listName: string;
  readonly #out: Out;
  readonly #stringify: Stringify;
  #isEmpty = true;

  constructor(listName: string, out: Out, stringify: Stringify) {
    this.#listName = listName;
    this.#out = out;
    this.#stringify = stringify;
  }

  add(element: unknown): void {
    const lines = this.#stringify([plainOf(element)]).replaceAll(/^(?=.)/gm, '  ');
    this.#out(`${this.#isEmpty ? `${this.#listName}:\n` : ''}${lines}`);
    this.#isEmpty = false;
  }

  end(rest: Readonly<Record<string, unknown>>): void {
    const list = this.#isEmpty ? `${this.#listName}: []\n` : '';
    this.#out(list + (Object.keys(rest).length === 0 ? '' : this.#stringify(plainOf(rest))));
  }
}
