/**
 * Bugs planted on purpose, each of which the other parts must notice: without them a table full of zeros proves nothing.
 */
import { fileURLToPath } from 'node:url';
import { killRounds } from './kill.ts';
import { powerCuts } from './power.ts';
import { type Ack, type Found, judge, type Verdict } from './promises.ts';

const LATE_BROKER = fileURLToPath(new URL('programs/late-broker.ts', import.meta.url));
const MOST_ROUNDS = 8;
const MOST_CASES = 40;

export interface Plant {
  readonly name: string;
  /** How it was noticed; undefined when it was not. */
  readonly caughtBy: string | undefined;
}

export async function plants(seed: number): Promise<Plant[]> {
  const planted = checkerPlants();
  for (const [plant, name] of [
    ['early', 'acknowledged before the fsync'],
    ['directories', 'directories are not synced'],
  ] as const) {
    const { faults } = await powerCuts({ cases: MOST_CASES, seed, plant, untilFault: true });
    planted.push({ name, caughtBy: faults[0] });
  }
  const entry = ['--import', 'tsx', LATE_BROKER];
  const { lost, faults } = await killRounds({ rounds: MOST_ROUNDS, seed, entry, untilFault: true });
  planted.push({ name: 'acknowledged before the write', caughtBy: lost > 0 ? faults[0] : undefined });
  return planted;
}

/** What a broker did right, altered in one place: the judge of the kill rounds has to tell each. */
function checkerPlants(): Plant[] {
  const { acks, found } = goodRun();
  const at = Math.floor(found.length / 2);
  const one = found[at] as Found;
  const rest = found.filter((message) => message !== one);
  const renumbered = (messages: readonly Found[]): Found[] => {
    const next = new Map<number, number>();
    return messages.map((message) => {
      const queueOffset = next.get(message.queueId) ?? 0;
      next.set(message.queueId, queueOffset + 1);
      return { ...message, queueOffset };
    });
  };
  const before = found.findLastIndex(
    ({ queueId, key }, i) => i < at && queueId === one.queueId && key.startsWith(`${one.key.split('-')[0]}-`),
  );
  const swapped = renumbered(found.with(before, one).with(at, found[before] as Found));
  const cases: [name: string, messages: readonly Found[], notices: (verdict: Verdict) => number][] = [
    ['a message is missing', rest, ({ lost }) => lost],
    ['a message is missing, those behind it move up', renumbered(rest), ({ lost, altered }) => Math.min(lost, altered)],
    ['a message is there twice', renumbered([...found, one]), ({ doubled }) => doubled],
    ['two messages changed places', swapped, ({ disordered }) => disordered],
    ['a body was altered', found.with(at, { ...one, crc: one.crc ^ 1 }), ({ altered }) => altered],
    ['an offset id leads elsewhere', found.with(at, { ...one, offsetMsgId: 'FF' }), ({ altered }) => altered],
  ];
  const right = judge(acks, found);
  if (right.faults.length > 0 || right.found !== acks.length) {
    return [{ name: `nothing is wrong, and yet: ${right.faults[0]}`, caughtBy: undefined }];
  }
  return cases.map(([name, messages, notices]) => {
    const verdict = judge(acks, messages);
    return { name, caughtBy: notices(verdict) > 0 ? verdict.faults[0] : undefined };
  });
}

/** Three senders in turn over two queues; every seventh message was not acknowledged. */
function goodRun(): { acks: Ack[]; found: Found[] } {
  const found: Found[] = Array.from({ length: 60 }, (_, i) => ({
    ...{ queueId: i % 2, queueOffset: Math.floor(i / 2), msgId: `ID${i}`, offsetMsgId: `OFF${i}` },
    ...{ key: `${i % 3}-${Math.floor(i / 3)}`, crc: i * 7919 },
  }));
  const acks = found
    .filter((_, i) => i % 7 !== 3)
    .map(({ key, ...message }) => {
      const [sender = 0, number = 0] = key.split('-').map(Number);
      return { ...message, sender, number };
    });
  return { acks, found };
}
