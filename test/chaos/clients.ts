/** The real Java clients of the chaos tests: senders that nobody retries for, a reader that is asked, a live consumer. */
import { setTimeout as delay } from 'node:timers/promises';
import { startProgram } from '../interop/support/java-cluster.ts';
import type { Peer } from '../interop/support/peers.ts';
import { pollUntil, type Spawned } from '../interop/support/process.ts';
import type { Ack, Found } from './promises.ts';

const START_LIMIT_MS = 60_000;
const ANSWER_LIMIT_MS = 60_000;

/** Gives each whole line of a program's output to `onLine`, once. */
function followLines(program: Spawned, onLine: (line: string) => void): void {
  let rest = '';
  program.child.stdout?.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    // What was read is not kept twice.
    program.stdout = '';
    for (const line of lines) onLine(line);
  });
}

export interface SendersOptions {
  readonly topic: string;
  readonly senders: number;
  /** Number of each sender's first message. */
  readonly first?: number;
}

/** KillSenders.java. */
export class Senders {
  readonly #program: Spawned;
  readonly #acks: Ack[] = [];
  #started = false;
  /** Sends that were not acknowledged: these messages may be there or not. */
  unanswered = 0;

  private constructor(program: Spawned) {
    this.#program = program;
    followLines(program, (line) => this.#read(line));
  }

  static async start(namesrvAddr: string, peer: Peer, options: SendersOptions): Promise<Senders> {
    const { topic, senders, first = 0 } = options;
    const program = await startProgram(peer, 'KillSenders', [namesrvAddr, topic, 'GID_kill_senders', senders, first]);
    const clients = new Senders(program);
    await waitFor(program, 'the senders', () => clients.#started, START_LIMIT_MS);
    return clients;
  }

  /** All so far. */
  get acks(): readonly Ack[] {
    return this.#acks;
  }

  /** Waits until `count` more messages are acknowledged. */
  async more(count: number): Promise<void> {
    const wanted = this.#acks.length + count;
    await waitFor(this.#program, `${count} acknowledgements`, () => this.#acks.length >= wanted, ANSWER_LIMIT_MS);
  }

  async finish(): Promise<void> {
    this.#program.closeStdin();
    await this.#program.wait(ANSWER_LIMIT_MS);
  }

  #read(line: string): void {
    const [kind, sender = '', number = '', msgId = '', offsetMsgId = '', queueId, queueOffset, crc] = line.split(' ');
    if (kind === 'STARTED') this.#started = true;
    else if (kind === 'NOT') this.unanswered++;
    else if (kind === 'ACK') {
      const place = { queueId: Number(queueId), queueOffset: Number(queueOffset) };
      this.#acks.push({
        ...{ sender: Number(sender), number: Number(number), msgId, offsetMsgId, ...place, crc: Number(crc) },
      });
    }
  }
}

export interface QueueContent {
  readonly minOffset: number;
  readonly maxOffset: number;
  readonly found: Found[];
}

/** ReadQueues.java. One question at a time. */
export class Reader {
  readonly #program: Spawned;
  #found: Found[] = [];
  #started = false;
  #answer: QueueContent | Error | undefined;

  private constructor(program: Spawned) {
    this.#program = program;
    followLines(program, (line) => this.#read(line));
  }

  static async start(namesrvAddr: string, peer: Peer): Promise<Reader> {
    const program = await startProgram(peer, 'ReadQueues', [namesrvAddr]);
    const reader = new Reader(program);
    await waitFor(program, 'the reader', () => reader.#started, START_LIMIT_MS);
    return reader;
  }

  /** A queue from an offset up to its end at this moment. */
  queue(topic: string, brokerName: string, queueId: number, from: number): Promise<QueueContent> {
    return this.#ask(`QUEUE ${topic} ${brokerName} ${queueId} ${from}`);
  }

  /** What the index has for a key; it is written behind the log, so that nothing is asked again for a while. */
  async byKey(topic: string, key: string): Promise<Found[]> {
    for (let attempt = 0; attempt < 40; attempt++) {
      const { found } = await this.#ask(`KEY ${topic} ${key}`);
      if (found.length > 0) return found;
      await delay(100);
    }
    return [];
  }

  async finish(): Promise<void> {
    this.#program.closeStdin();
    await this.#program.wait(ANSWER_LIMIT_MS);
  }

  async #ask(question: string): Promise<QueueContent> {
    this.#found = [];
    this.#answer = undefined;
    this.#program.child.stdin?.write(`${question}\n`);
    await waitFor(this.#program, `the answer to ${question}`, () => this.#answer !== undefined, ANSWER_LIMIT_MS);
    const answer: unknown = this.#answer;
    if (answer instanceof Error) throw answer;
    return answer as QueueContent;
  }

  #read(line: string): void {
    const [kind, first, second, msgId = '', offsetMsgId = '', key = '', crc] = line.split(' ');
    const numbers = [Number(first), Number(second)] as const;
    if (kind === 'STARTED') this.#started = true;
    else if (kind === 'ERROR') this.#answer = new Error(line);
    else if (kind === 'END') this.#answer = { minOffset: numbers[0], maxOffset: numbers[1], found: this.#found };
    else if (kind === 'MSG') {
      this.#found.push({ queueId: numbers[0], queueOffset: numbers[1], msgId, offsetMsgId, key, crc: Number(crc) });
    }
  }
}

/** PushConsume.java, from the first offset on while everything happens. */
export class LiveConsumer {
  readonly #program: Spawned;
  /** msgId -> the places it was delivered from, one for each delivery. */
  readonly #got = new Map<string, string[]>();
  #ready = false;

  private constructor(program: Spawned) {
    this.#program = program;
    followLines(program, (line) => this.#read(line));
  }

  static async start(
    namesrvAddr: string,
    peer: Peer,
    options: { topic: string; queues: number },
  ): Promise<LiveConsumer> {
    const { topic, queues } = options;
    const args = [namesrvAddr, topic, 'GID_live', 'first', queues, 'eof'];
    // A broker that was started again serves a group when it has heard of it.
    const jvm = ['-Dpocketmq.heartbeat=500'];
    const consumer = new LiveConsumer(await startProgram(peer, 'PushConsume', args, { jvm }));
    await waitFor(consumer.#program, 'the consumer', () => consumer.#ready, START_LIMIT_MS);
    return consumer;
  }

  /** Waits for the messages, and no longer than `timeoutMs`; how many did not come, and how many came more than once. */
  async verdict(
    messages: readonly Found[],
    timeoutMs: number,
  ): Promise<{ missing: number; again: number; wrong: number }> {
    const missing = (): number => messages.filter(({ msgId }) => !this.#got.has(msgId)).length;
    const deadline = Date.now() + timeoutMs;
    while (missing() > 0 && Date.now() < deadline) await delay(250);
    const again = [...this.#got.values()].filter((places) => places.length > 1).length;
    const placeById = new Map(messages.map(({ msgId, queueId, queueOffset }) => [msgId, `${queueId}/${queueOffset}`]));
    // What a consumer was given must still be there: a message it saw and that a crash took away was never one.
    const wrong = [...this.#got].filter(([msgId, places]) => places.some((place) => place !== placeById.get(msgId)));
    return { missing: missing(), again, wrong: wrong.length };
  }

  async finish(): Promise<void> {
    this.#program.closeStdin();
    await this.#program.wait(ANSWER_LIMIT_MS);
  }

  #read(line: string): void {
    const [kind, queueId, queueOffset, msgId = ''] = line.split(' ');
    if (kind === 'READY') this.#ready = true;
    if (kind !== 'MSG') return;
    const places = this.#got.get(msgId) ?? [];
    places.push(`${queueId}/${queueOffset}`);
    this.#got.set(msgId, places);
  }
}

async function waitFor(program: Spawned, what: string, condition: () => boolean, timeoutMs: number): Promise<void> {
  const check = (): boolean => {
    if (condition()) return true;
    if (program.finished === undefined) return false;
    throw new Error(
      `${program.name} ended (code ${program.finished.code}) before ${what}: ${program.stderr.slice(-2000)}`,
    );
  };
  await pollUntil(what, check, { timeoutMs, everyMs: 5 });
}
