/**
 * SQL92 subscriptions: our evaluation against the real broker's filter on random expressions and properties, and a real Java
 * consumer that subscribes by an expression to our broker and to the real one.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileSql92, Sql92Error } from '../../src/core/broker/filter/sql92.ts';
import { JavaCluster, runProgram } from './support/java-cluster.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { Consumer, collect, send } from './support/traffic.ts';

const CASES = 20_000;

interface Case {
  readonly text: string;
  readonly properties: Readonly<Record<string, string>>;
}

const name = fc.constantFrom('a', 'b', 'TAGS', '$x_1');
const text = fc.constantFrom("''", "'x'", "'1'", "'true'", "'it''s'");
const integer = fc.constantFrom('0', '1', '2L', '10', '2147483647', '2147483648', '9223372036854775807');
const float = fc.constantFrom('0.5', '1.0', '1.', '.5', '1e1', '10.0', '5E-1');
const literal = fc.oneof(text, integer, float, fc.constantFrom('TRUE', 'FALSE', 'NULL', 'true'));
const operand = fc.oneof({ weight: 3, arbitrary: name }, { weight: 2, arbitrary: literal });
const number = fc.oneof(
  name,
  integer,
  float,
  integer.map((one) => `-${one}`),
);
const { expression } = fc.letrec<{ expression: string; condition: string }>((tie) => ({
  condition: fc.oneof(
    fc.tuple(operand, fc.constantFrom('=', '<>'), operand).map((parts) => parts.join(' ')),
    fc.tuple(number, fc.constantFrom('<', '<=', '>', '>='), number).map((parts) => parts.join(' ')),
    fc
      .tuple(name, fc.constantFrom('', 'NOT '), number, number)
      .map(([a, not, b, c]) => `${a} ${not}BETWEEN ${b} AND ${c}`),
    fc
      .tuple(name, fc.constantFrom('', 'not '), fc.array(text, { minLength: 1, maxLength: 6 }))
      .map(([a, not, list]) => `${a} ${not}IN (${list.join(', ')})`),
    fc.tuple(operand, fc.constantFrom('', 'NOT ')).map(([a, not]) => `${a} IS ${not}NULL`),
    name,
  ),
  expression: fc.oneof(
    { maxDepth: 4 },
    tie('condition'),
    fc.tuple(tie('expression'), fc.constantFrom('AND', 'or'), tie('expression')).map((parts) => parts.join(' ')),
    tie('expression').map((inner) => `NOT (${inner})`),
    fc.tuple(tie('expression'), fc.constantFrom('=', '<>'), operand).map(([a, sign, b]) => `(${a}) ${sign} ${b}`),
  ),
}));
const soup = fc
  .array(
    fc.oneof(
      operand,
      fc.constantFrom('AND', 'OR', 'NOT', 'IN', 'IS', 'BETWEEN', '(', ')', ',', '=', '<', '>', '-', '+'),
    ),
    {
      maxLength: 8,
    },
  )
  .map((tokens) => tokens.join(' '));
const value = fc.constantFrom(
  '',
  'x',
  '1',
  '10',
  '-1',
  '0.5',
  '1e1',
  ' 1',
  'true',
  'FALSE',
  "it's",
  '2147483648',
  'NaN',
  '1f',
);
const properties = fc.dictionary(name, value, { maxKeys: 4 });

let peer: Peer;
beforeAll(async () => {
  peer = await ensurePeer('4.9.7');
});

function ours({ text: expressionText, properties: of }: Case): string {
  try {
    return String(compileSql92(expressionText)(of));
  } catch (error) {
    if (error instanceof Sql92Error) return 'refused';
    throw error;
  }
}

async function real(cases: readonly Case[]): Promise<string[]> {
  const lines = cases.map(({ text: expressionText, properties: of }) =>
    [expressionText, ...Object.entries(of).map(([key, one]) => `${key}=${one}`)].join('\t'),
  );
  const { stdout } = await runProgram(peer, 'SqlFilter', [], { stdin: `${lines.join('\n')}\n` });
  return stdout.trimEnd().split('\n');
}

describe('our SQL92 filter', () => {
  it('agrees with the real one on expressions of the grammar', async () => {
    const cases = fc.sample(fc.record({ text: expression, properties }), { numRuns: CASES, seed: 20_261_127 });
    const verdicts = await real(cases);
    const different = cases.flatMap((one, i) => {
      const mine = ours(one);
      return mine === verdicts[i] ? [] : [{ ...one, ours: mine, real: verdicts[i] }];
    });
    expect(different).toEqual([]);
    // All three are common, or the comparison would say nothing.
    for (const verdict of ['true', 'false', 'refused']) {
      expect(verdicts.filter((other) => other === verdict).length).toBeGreaterThan(CASES / 50);
    }
  });

  it('takes nothing that the real one refuses, and means the same by what it takes', async () => {
    const cases = fc.sample(fc.record({ text: soup, properties }), { numRuns: CASES, seed: 20_261_128 });
    const verdicts = await real(cases);
    const different = cases.flatMap((one, i) => {
      const mine = ours(one);
      return mine === 'refused' || mine === verdicts[i] ? [] : [{ ...one, ours: mine, real: verdicts[i] }];
    });
    expect(different).toEqual([]);
  });
});

describe.each(['our broker', 'the real broker'])('a Java consumer that subscribes by SQL92, on %s', (where) => {
  let cluster: OurCluster | JavaCluster;

  beforeAll(async () => {
    const broker = { enablePropertyFilter: 'true', transactionCheckInterval: '3600000' };
    cluster = where === 'our broker' ? await OurCluster.start({ broker }) : await JavaCluster.start({ broker });
  });

  afterAll(() => cluster?.stop());

  it('gets what its expression says, of old messages and of new ones', async () => {
    await send(cluster, peer, { topic: 'SqlTopic', count: 2000 });
    const jvm = ["-Dpocketmq.sql=KEYS IN ('k3', 'k1999', 'k2001') AND UNIQ_KEY IS NOT NULL"];
    const consumer = await Consumer.start(cluster, peer, { topic: 'SqlTopic', group: 'GID_sql', minQueues: 4, jvm });
    await send(cluster, peer, { topic: 'SqlTopic', count: 5, first: 2000 });
    const [got = []] = await collect([consumer], 3);
    expect(got.map(({ key }) => key).sort()).toEqual(['k1999', 'k2001', 'k3']);
  });

  it('is told at its start when the expression is wrong', async () => {
    const jvm = ["-Dpocketmq.sql=KEYS > 'x'"];
    const consumer = await Consumer.start(cluster, peer, { topic: 'SqlTopic', group: 'GID_sql_wrong', jvm });
    await expect(consumer.finish()).rejects.toThrow(/CODE: 23/);
  });
});
