/** The table "Request codes" of docs/COMPAT.md against the codes and the processor tables themselves. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { servedCodes as servedByBroker } from '../../src/core/broker/processors/index.ts';
import { clientProcessors } from '../../src/core/client/client-processors.ts';
import { RequestTable } from '../../src/core/client/producer/request-table.ts';
import { systemClock } from '../../src/core/common/clock.ts';
import { silentLogger } from '../../src/core/common/logger.ts';
import { servedCodes as servedByNamesrv } from '../../src/core/namesrv/processors/index.ts';
import { RequestCode } from '../../src/core/protocol/request-code.ts';
import { schemaByCode } from '../support/request-schemas.ts';

interface Row {
  code: number;
  name: string;
  askedOf: string;
  state: string;
}

/** What a program that uses core/client answers or acts on. */
const servedByClient = clientProcessors(
  { consumer: () => undefined, producer: () => undefined },
  new RequestTable(systemClock, silentLogger),
  silentLogger,
).codes();

const served = 'served';
const answeredWith3 = 'answered with 3';

const [, section = ''] = readFileSync(new URL('../../docs/COMPAT.md', import.meta.url), 'utf8').split(
  '\n## Request codes\n',
);
const rows: Row[] = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| (\d+) \| (\w+) \| (\w+) \| ([\w ]+) \|/gm)].map(
  ([, code, name = '', askedOf = '', state = '']) => ({ code: Number(code), name, askedOf, state }),
);

function servedRows(askedOf: string): number[] {
  return rows.filter((row) => row.askedOf === askedOf && row.state === served).map(({ code }) => code);
}

function ascending(codes: readonly number[]): number[] {
  return [...codes].sort((a, b) => a - b);
}

describe('the table of request codes', () => {
  it('has every code, by its name', () => {
    const named = new Map(rows.map(({ code, name }) => [name, code]));
    expect(Object.fromEntries(named)).toEqual(RequestCode);
  });

  it('is in order of code, with two rows only where two sides are asked', () => {
    expect(rows.map(({ code }) => code)).toEqual(ascending(rows.map(({ code }) => code)));
    const sides = rows.map(({ code, askedOf }) => `${code} ${askedOf}`);
    expect(new Set(sides).size).toBe(sides.length);
  });

  it('knows the sides and states it uses', () => {
    expect(new Set(rows.map(({ askedOf }) => askedOf))).toEqual(new Set(['broker', 'namesrv', 'client', 'controller']));
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set([served, answeredWith3]));
  });

  it.each([
    ['broker', servedByBroker],
    ['namesrv', servedByNamesrv],
    ['client', servedByClient],
    ['controller', []],
  ])('says served where the %s serves, and nowhere else', (askedOf, codes) => {
    expect(servedRows(askedOf)).toEqual(ascending(codes));
  });

  it('serves nothing that is not declared', () => {
    const undeclared = rows.filter(({ code, state }) => state === served && !schemaByCode.has(code));
    expect(undeclared).toEqual([]);
  });
});
