/**
 * Requests as no client sends them: recorded ones with fields, bodies, lengths and bytes changed, and every code a server
 * serves with fields and bodies of others. The same seed and index always give the same frame.
 *
 * Names in the recorded frames are not those of the well-behaved clients, so nothing here asks for what would rightly
 * disturb them; the one request that could, a change of the configuration, is sent with keys nobody has.
 */
import { readFileSync } from 'node:fs';
import { Random } from './random.ts';

export interface HostileFrame {
  readonly kind: Kind;
  readonly bytes: Buffer;
  /** The receiver will probably close the connection. */
  readonly breaks: boolean;
}

export type Kind = 'fields' | 'body' | 'binary' | 'bytes' | 'length' | 'noise';

interface Base {
  readonly code: number;
  readonly header: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** UPDATE_BROKER_CONFIG and UPDATE_NAMESRV_CONFIG. */
const CONFIG_CHANGES: ReadonlySet<number> = new Set([25, 318]);

const bases: readonly Base[] = readFileSync(new URL('../conformance/frames.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { request: number; response: number | null; frame: string })
  .filter(({ request, response }) => response === null && !CONFIG_CHANGES.has(request))
  .map(({ request, frame }) => baseOf(request, Buffer.from(frame, 'hex')));

function baseOf(code: number, frame: Buffer): Base {
  const headerEnd = 8 + frame.readUIntBE(5, 3);
  const body = frame.subarray(headerEnd);
  if (frame[4] === 0) return { code, header: JSON.parse(frame.toString('utf8', 8, headerEnd)), body };
  return { code, header: { code, extFields: {}, flag: 0, language: 'CPP', opaque: 1, version: 407 }, body };
}

const basesOfCode = new Map<number, Base[]>();
for (const base of bases) basesOfCode.set(base.code, [...(basesOfCode.get(base.code) ?? []), base]);

const fieldNames: readonly string[] = [
  ...new Set(bases.flatMap(({ header }) => Object.keys((header.extFields as object | undefined) ?? {}))),
  '__proto__',
  'constructor',
  '',
];

const long = 'x'.repeat(70_000);
const texts: readonly string[] = [
  ...['', ' ', '0', '-1', '1', '7', '255', '65536', '2147483647', '2147483648', '-2147483649', '4294967296', '1e3'],
  ...['9007199254740993', '9223372036854775807', '-9223372036854775808', '9223372036854775808', '0x10', '1.5', 'NaN'],
  ...[
    'null',
    'true',
    'false',
    'undefined',
    '__proto__',
    'constructor',
    'toString',
    '../../../etc/passwd',
    'a/b',
    '.',
    '..',
  ],
  ...['%RETRY%', '%DLQ%', '%RETRY%hostile', '%LMQ%x', 'TBW102', 'SCHEDULE_TOPIC_XXXX', 'RMQ_SYS_TRANS_HALF_TOPIC', '*'],
  ...[
    '||',
    'a || b',
    '\u0001',
    '\u0002',
    'DELAY\u00013',
    'TAGS\u0001\u0002',
    '\u0000',
    '\ud800',
    '\u{1f4a3}',
    '消息',
    "'",
    '"',
  ],
  ...['{}', '[]', '{"a":', '[[', '\\', '\n', '%s', '$(id)', 'hostile', 'T_hostile', long, long.slice(0, 300)],
];
const oddValues: readonly unknown[] = [null, 0, -1, 1.5, 1e300, true, false, [], {}, [[[]]], { a: { b: [1] } }];

const depth = 100_000;
const bodies: readonly Buffer[] = [
  ...[
    '',
    '{}',
    '[]',
    'null',
    '""',
    '0',
    '{',
    '{"',
    "{'a':",
    '{{}:{}}',
    '{0:1,2:3}',
    '{"__proto__":{"a":1}}',
    '[1,2,3]',
  ].map((text) => Buffer.from(text)),
  ...[
    `{"consumerDataSet":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    `{"consumerDataSet":[{"subscriptionDataSet":[{"tagsSet":${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}}]}]}`,
    `{"mqSet":[${'{"queueId":1,"topic":"t","brokerName":"b"},'.repeat(2000)}]}`,
    `${'['.repeat(5000)}`,
    `{"a":"${long}"}`,
    `{clientID:'x',consumerDataSet:[{groupName:'hostile',subscriptionDataSet:[{topic:'t',subVersion:1e400}]}]}`,
    `{"clientID":"x","producerDataSet":[${'{"groupName":"hostile"},'.repeat(1500)}{}]}`,
  ].map((text) => Buffer.from(text)),
  Buffer.alloc(3000, 0xff),
  Buffer.alloc(3000),
  Buffer.from('789c030000000001', 'hex'),
  ...bases.map(({ body }) => body).filter((body) => body.length > 0),
];

const words = /"[^"]*"|-?\d+(?:\.\d+)?|true|false|null|[{}[\],:]/g;

export class Mutator {
  readonly #random: Random;
  readonly #codes: readonly number[];

  /** `codes` are those the receiver serves: requests of other codes are mostly sent under one of them. */
  constructor(seed: number, codes: readonly number[]) {
    this.#random = new Random(seed);
    this.#codes = codes;
  }

  next(): HostileFrame {
    const random = this.#random;
    const dice = random.below(100);
    if (dice < 45) return this.#fields('fields', false);
    if (dice < 75) return this.#fields('body', true);
    if (dice < 88) return this.#binary();
    if (dice < 95) return this.#bytes();
    if (dice < 98) return this.#length();
    return { kind: 'noise', bytes: this.#noise(), breaks: true };
  }

  #base(): Base {
    const random = this.#random;
    const base = random.pick(bases);
    if (this.#codes.includes(base.code) && random.chance(60)) return base;
    const code = random.chance(3) ? random.below(70_000) - 1000 : random.pick(this.#codes);
    const same = basesOfCode.get(code) ?? [];
    return { ...(same.length > 0 && random.chance(80) ? random.pick(same) : base), code };
  }

  #extFields(base: Base): Record<string, unknown> {
    const random = this.#random;
    const fields = Object.entries({ ...(base.header.extFields as Record<string, unknown> | undefined) });
    for (let changes = random.below(4); changes >= 0; changes--) {
      const place = random.below(fields.length + 1);
      const field = fields[place];
      if (field === undefined) fields.push([random.pick(fieldNames), random.pick(texts)]);
      else if (random.chance(20)) fields.splice(place, 1);
      else fields[place] = [random.chance(10) ? random.pick(fieldNames) : field[0], this.#value(field[1])];
    }
    const table: Record<string, unknown> = Object.create(null);
    for (const [name, value] of fields) table[name] = value;
    return table;
  }

  #value(old: unknown): unknown {
    const random = this.#random;
    if (random.chance(8)) return random.pick(oddValues);
    if (random.chance(70)) return random.pick(texts);
    const text = String(old);
    const at = random.below(text.length + 1);
    return random.chance(50) ? text.slice(0, at) : text.slice(0, at) + random.pick(texts).slice(0, 50) + text.slice(at);
  }

  #header(base: Base): Record<string, unknown> {
    const random = this.#random;
    const header: Record<string, unknown> = { ...base.header, code: base.code, extFields: this.#extFields(base) };
    if (random.chance(10)) header.flag = random.pick([0, 1, 2, 3, -1, 2 ** 31 - 1]);
    if (random.chance(5)) header.version = random.pick([0, 1, 36, 37, 121, 407, 500, -1]);
    if (random.chance(3)) header.language = random.pick(['GO', '', 12, null, 'nobody', '__proto__']);
    if (random.chance(3)) delete header[random.pick(['opaque', 'flag', 'language', 'version', 'extFields'])];
    return header;
  }

  #body(base: Base, change: boolean): Buffer {
    const random = this.#random;
    if (CONFIG_CHANGES.has(base.code)) return Buffer.from(`nobodysKey=${random.pick(texts)}`);
    if (!change) return base.body;
    const body = random.chance(75) && base.body.length > 0 ? base.body : random.pick(bodies);
    if (body.length === 0 || random.chance(20)) return body;
    if (random.chance(50)) {
      // Words of the text are exchanged, so that it stays readable for longer.
      const text = body.toString('latin1');
      const seen = text.match(words)?.length ?? 0;
      const at = new Set(Array.from({ length: 1 + random.below(6) }, () => random.below(seen + 1)));
      let index = 0;
      return Buffer.from(
        text.replace(words, (word) => (at.has(index++) ? JSON.stringify(random.pick(texts)) : word)),
        'latin1',
      );
    }
    const copy = Buffer.from(body.subarray(0, random.chance(30) ? random.below(body.length) : body.length));
    for (let i = random.below(6); i >= 0 && copy.length > 0; i--)
      copy[random.below(copy.length)] = random.next() & 0xff;
    return copy;
  }

  #fields(kind: Kind, changeBody: boolean): HostileFrame {
    const base = this.#base();
    const bytes = frameOf(0, Buffer.from(JSON.stringify(this.#header(base))), this.#body(base, changeBody));
    return { kind, bytes, breaks: false };
  }

  #binary(): HostileFrame {
    const random = this.#random;
    const base = this.#base();
    const fields: Buffer[] = [];
    for (const [name, value] of Object.entries(this.#extFields(base))) {
      const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(String(value))];
      fields.push(int(nameBytes.length, 2), nameBytes, int(valueBytes.length, 4), valueBytes);
    }
    const all = Buffer.concat(fields);
    const remark = random.chance(10) ? Buffer.from(random.pick(texts)) : Buffer.alloc(0);
    const header = Buffer.concat([
      ...[int(base.code & 0xffff, 2), int(random.below(14), 1), int(407, 2), int(random.below(1000), 4)],
      ...[int(random.chance(10) ? 2 : 0, 4), int(remark.length, 4), remark, int(all.length, 4), all],
    ]);
    const isHarmed = random.chance(25);
    if (isHarmed) header[9 + random.below(header.length - 9)] = random.next() & 0xff;
    return { kind: 'binary', bytes: frameOf(1, header, this.#body(base, random.chance(40))), breaks: isHarmed };
  }

  /** Bytes of the header change, the lengths hold. */
  #bytes(): HostileFrame {
    const random = this.#random;
    const base = this.#base();
    const header = Buffer.from(JSON.stringify(this.#header(base)));
    // The code stays: another one could be that of a change of the configuration.
    const from = Math.min(30, header.length - 1);
    for (let i = random.below(5); i >= 0; i--) {
      header[from + random.below(header.length - from)] = random.chance(50) ? random.next() & 0xff : 0x22;
    }
    return { kind: 'bytes', bytes: frameOf(random.chance(3) ? 2 : 0, header, this.#body(base, false)), breaks: true };
  }

  #length(): HostileFrame {
    const random = this.#random;
    const { bytes } = this.#fields('length', false);
    const odd = [0, 1, 3, 4, -1, -(2 ** 31), 2 ** 31 - 1, 2 ** 24, 2 ** 24 + 1, bytes.length, bytes.length - 5];
    if (random.chance(50)) bytes.writeInt32BE(random.pick(odd), 0);
    else bytes.writeUIntBE(random.pick([0xffffff, bytes.length, bytes.length - 3]), 5, 3);
    return { kind: 'length', bytes, breaks: true };
  }

  #noise(): Buffer {
    const random = this.#random;
    return random.pick([
      () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      () => Buffer.from('16030100c8010000c40303', 'hex'),
      () => Buffer.from('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n'),
      () => random.bytes(1 + random.below(2000)),
      () => frameOf(0, random.bytes(1 + random.below(300)), Buffer.alloc(0)),
      () => frameOf(1, random.bytes(1 + random.below(300)), random.bytes(random.below(50))),
      () =>
        frameOf(
          0,
          Buffer.from(`{"code":34,"extFields":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`),
          random.bytes(3),
        ),
    ])();
  }
}

function int(value: number, bytes: 1 | 2 | 4): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  if (bytes === 1) buffer.writeUInt8(value);
  else if (bytes === 2) buffer.writeUInt16BE(value & 0xffff);
  else buffer.writeInt32BE(value);
  return buffer;
}

function frameOf(serializeType: number, header: Buffer, body: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(8 + header.length + body.length);
  frame.writeInt32BE(4 + header.length + body.length, 0);
  frame.writeInt32BE(header.length, 4);
  frame[4] = serializeType;
  header.copy(frame, 8);
  body.copy(frame, 8 + header.length);
  return frame;
}
