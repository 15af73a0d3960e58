/**
 * 1,000 groups of 10 members on one broker, each member with a connection of its own, as Java's push consumers wait for
 * messages: a heartbeat every 30 s, the members of the group asked for every 20 s for its topic and its retry topic, and a pull
 * of its queue held for 15 s, sent again as soon as it is answered.
 */
import { createConnection, type Socket } from 'node:net';
import { decodeFrame, encodeFrame, splitAddr, type WireRequest } from '../test/interop/support/wire.ts';

const GROUPS = 1000;
const MEMBERS = 10;
const HEART_BEAT = 34;
const GET_CONSUMER_LIST_BY_GROUP = 38;
const PULL_MESSAGE = 11;
const PULL_NOT_FOUND = 19;
const NOTIFY_CONSUMER_IDS_CHANGED = 40;
const HEARTBEAT_MS = 30_000;
const REBALANCE_MS = 20_000;
const HOLD_MS = 15_000;
/** Of the topic, in which there are no messages. */
const QUEUES = 4;
/** The broker may hold the pull. */
const SUSPEND = '2';
/** Opaque of what is sent first. */
const FIRST_HEARTBEAT = 1;
/** Connections made at a time. */
const AT_ONCE = 200;

export class GroupLoad {
  readonly members = GROUPS * MEMBERS;
  answered = 0;
  /** The first thing that went wrong. */
  fault: string | undefined;
  readonly #all: Member[] = [];

  /** Resolves when every member is connected and has sent its first heartbeat. */
  static async start(addr: string, topic: string): Promise<GroupLoad> {
    const load = new GroupLoad();
    for (let first = 0; first < load.members; first += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, load.members - first) }, (_, i) => first + i);
      load.#all.push(...(await Promise.all(some.map((number) => load.#join(addr, topic, number)))));
    }
    return load;
  }

  async for(seconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }

  stop(): void {
    for (const member of this.#all) member.stop();
  }

  #join(addr: string, topic: string, number: number): Promise<Member> {
    return Member.connect(addr, {
      topic,
      group: `bench_group_${number % GROUPS}`,
      queueId: Math.floor(number / GROUPS) % QUEUES,
      clientId: `127.0.0.1@${number}`,
      // Members are not in step.
      phase: (number * 0.618) % 1,
      onAnswer: () => {
        this.answered++;
      },
      onFault: (fault) => {
        this.fault ??= fault;
      },
    });
  }
}

interface MemberOptions {
  readonly topic: string;
  readonly group: string;
  readonly queueId: number;
  readonly clientId: string;
  /** From 0 to 1: where in its periods it begins. */
  readonly phase: number;
  readonly onAnswer: () => void;
  readonly onFault: (fault: string) => void;
}

class Member {
  readonly #socket: Socket;
  readonly #options: MemberOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  #received: Buffer = Buffer.alloc(0);
  #opaque = 0;
  /** Opaque of the pull under way. */
  #pulling = 0;

  private constructor(socket: Socket, options: MemberOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => options.onFault(error.message));
    socket.on('close', () => options.onFault('the broker closed a connection'));
  }

  static connect(addr: string, options: MemberOptions): Promise<Member> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ ...splitAddr(addr), noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        const member = new Member(socket, options);
        member.#heartbeat();
        resolve(member);
      });
    });
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#socket.removeAllListeners('close').destroy();
  }

  #begin(): void {
    this.#pull();
    this.#every(HEARTBEAT_MS, () => this.#heartbeat());
    this.#every(REBALANCE_MS, () => {
      for (let i = 0; i < 2; i++) {
        this.#send({ code: GET_CONSUMER_LIST_BY_GROUP, extFields: { consumerGroup: this.#options.group } });
      }
    });
  }

  #every(periodMs: number, work: () => void): void {
    const begin = (): void => {
      work();
      this.#timers.push(setInterval(work, periodMs));
    };
    this.#timers.push(setTimeout(begin, periodMs * this.#options.phase));
  }

  #heartbeat(): void {
    const { clientId, group, topic } = this.#options;
    const subscription = (name: string) => ({
      ...{ classFilterMode: false, codeSet: [], expressionType: 'TAG', subString: '*', subVersion: 1, tagsSet: [] },
      topic: name,
    });
    const consumer = {
      ...{ consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET', consumeType: 'CONSUME_PASSIVELY', messageModel: 'CLUSTERING' },
      groupName: group,
      subscriptionDataSet: [subscription(topic), subscription(`%RETRY%${group}`)],
      unitMode: false,
    };
    const body = { clientID: clientId, consumerDataSet: [consumer], producerDataSet: [] };
    this.#send({ code: HEART_BEAT, body: Buffer.from(JSON.stringify(body)) });
  }

  #pull(): void {
    const { topic, group, queueId } = this.#options;
    const extFields = {
      ...{ consumerGroup: group, topic, queueId: String(queueId), queueOffset: '0', maxMsgNums: '32' },
      ...{ sysFlag: SUSPEND, commitOffset: '0', suspendTimeoutMillis: String(HOLD_MS), subVersion: '1' },
      ...{ subscription: '*', expressionType: 'TAG' },
    };
    this.#pulling = this.#send({ code: PULL_MESSAGE, extFields });
  }

  #send(request: WireRequest): number {
    this.#opaque++;
    this.#socket.write(encodeFrame(request, this.#opaque));
    return this.#opaque;
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)) {
      const end = 4 + this.#received.readInt32BE(0);
      this.#answer(this.#received.subarray(0, end));
      this.#received = this.#received.subarray(end);
    }
  }

  #answer(frame: Buffer): void {
    const { code, remark, opaque } = decodeFrame(frame);
    if (code === NOTIFY_CONSUMER_IDS_CHANGED) return;
    this.#options.onAnswer();
    if (opaque === this.#pulling) {
      if (code === PULL_NOT_FOUND) this.#pull();
      else this.#options.onFault(`pull: code ${code} ${remark}`);
    } else if (code !== 0) {
      this.#options.onFault(`code ${code} ${remark}`);
    } else if (opaque === FIRST_HEARTBEAT) {
      // Before the broker knows the group it refuses everything else.
      this.#begin();
    }
  }
}
