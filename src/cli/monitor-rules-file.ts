/**
 * The rules file of startMonitoring, YAML (conf/monitor.yaml shows every field):
 *
 *   interval: 60s
 *   actions: [log]                        # of rules that name none
 *   rules:
 *     - name: billing is late
 *       group: 'billing*'
 *       topic: orders
 *       messagesBehind: 10000
 *       for: 2m
 *       actions: [log, {webhook: 'https://example.com/hook'}, {command: [./notify.sh]}]
 *
 * Whatever cannot be meant is refused with its line and field, a field that is not known among them: a rule that does not watch
 * must not look as if it did.
 */

import { readFileSync } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type AlarmAction, type Condition, conditions, type MonitorRule } from '../core/client/monitor/monitor-rule.ts';
import { ValueFault } from './faults.ts';
import { nearestName } from './suggest.ts';

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_RULES = 1000;
const MAX_PATTERN = 255;
const DEFAULT_INTERVAL_MS = 60_000;
const MIN_INTERVAL_MS = 1000;
const DEFAULT_REPEAT_MS = 3_600_000;
const DEFAULT_WEBHOOK_MS = 10_000;
const DEFAULT_COMMAND_MS = 30_000;
/** What a timer can wait. */
const MAX_DURATION_MS = 2 ** 31 - 1;

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const conditionNames = Object.keys(conditions) as Condition[];
const ruleFields = ['name', 'group', 'topic', 'for', 'repeat', 'actions', ...conditionNames];

export interface MonitorRules {
  readonly intervalMs: number;
  readonly rules: readonly MonitorRule[];
}

/** Throws ValueFault: with line and field for what the file says, or because it cannot be read. */
export function readMonitorRules(file: string): MonitorRules {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new ValueFault(`The rules cannot be read: ${error instanceof Error ? error.message : error}.`);
  }
  if (bytes.length > MAX_FILE_BYTES) throw new ValueFault(`${file} is larger than 1 MiB.`);
  return parseMonitorRules(bytes.toString('utf8').replace(/^\uFEFF/, ''), file);
}

/** As readMonitorRules, from the text. */
export function parseMonitorRules(text: string, file: string): MonitorRules {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const why = error.message.startsWith('Alias') ? 'what begins with * must stand in quotes' : error.message;
    throw new ValueFault(`${file}, line ${lines.linePos(error.pos[0]).line}: ${why.replace(/\.$/, '')}.`);
  }
  const place: Place = { file, lines };
  const top = fieldsOf(document.contents as Node | null, 'the file', ['interval', 'actions', 'rules'], place);
  const defaults = top.has('actions') ? actionsOf(top.get('actions') as Field) : [{ kind: 'log' as const }];
  const list = top.get('rules');
  if (list === undefined || !isSeq(list.node) || list.node.items.length === 0) {
    throw fault(list ?? { ...place, name: 'rules', node: document.contents as Node | null }, 'is a list of rules');
  }
  if (list.node.items.length > MAX_RULES) throw fault(list, `has at most ${MAX_RULES} rules`);
  const rules = list.node.items.map((item) => ruleOf({ ...list, node: item as Node | null }, defaults));
  const names = new Set<string>();
  rules.forEach(({ name, field }) => {
    if (names.has(name)) throw fault(field, `"${name}" stands there twice`);
    names.add(name);
  });
  return {
    intervalMs: durationOf(top.get('interval'), { fallback: DEFAULT_INTERVAL_MS, least: MIN_INTERVAL_MS }),
    rules: rules.map(({ field: _, ...rule }) => rule),
  };
}

interface Place {
  readonly file: string;
  readonly lines: LineCounter;
}

/** A value and where it stands. */
interface Field extends Place {
  readonly name: string;
  readonly node: Node | null;
}

function ruleOf(at: Field, defaults: readonly AlarmAction[]): MonitorRule & { readonly field: Field } {
  const fields = fieldsOf(at.node, 'a rule', ruleFields, at);
  const name = textOf(fields.get('name') ?? { ...at, name: 'name', node: at.node });
  const limits = new Map<Condition, number>();
  for (const condition of conditionNames) {
    const field = fields.get(condition);
    const limit = field && limitOf(field, condition);
    if (limit !== undefined) limits.set(condition, limit);
  }
  if (limits.size === 0) throw fault({ ...at, name: `rule "${name}"` }, `needs one of ${conditionNames.join(', ')}`);
  const actions = fields.get('actions');
  const topic = fields.get('topic');
  const rule = {
    name,
    group: fields.has('group') ? patternOf(fields.get('group') as Field) : '*',
    topic: topic && patternOf(topic),
    limits,
    forMs: durationOf(fields.get('for'), { fallback: 0, least: 0 }),
    repeatMs: durationOf(fields.get('repeat'), { fallback: DEFAULT_REPEAT_MS, least: 0 }),
    actions: actions === undefined ? defaults : actionsOf(actions),
  };
  if (topic !== undefined && !limits.has('messagesBehind') && !limits.has('secondsBehind')) {
    throw fault(topic, 'goes with messagesBehind and secondsBehind only');
  }
  return { ...rule, field: fields.get('name') as Field };
}

/** Undefined: the flag is false. */
function limitOf(field: Field, condition: Condition): number | undefined {
  const value = scalarOf(field);
  if (conditions[condition] === 'flag') {
    if (typeof value !== 'boolean') throw fault(field, 'is true or false', value);
    return value ? 0 : undefined;
  }
  if (conditions[condition] === 'seconds' && typeof value === 'string') {
    return durationOf(field, { fallback: 0, least: 0 }) / 1000;
  }
  const form = conditions[condition] === 'seconds' ? 'seconds, or a time such as 5m' : 'a number from 0';
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw fault(field, `is ${form}`, value);
  return value as number;
}

function actionsOf(field: Field): AlarmAction[] {
  const { node } = field;
  if (!isSeq(node)) throw fault(field, 'is a list of log, {webhook: URL} and {command: [PROGRAM, ARGUMENT]}');
  return node.items.map((item) => actionOf({ ...field, node: item as Node | null }));
}

function actionOf(field: Field): AlarmAction {
  if (isScalar(field.node)) {
    if (field.node.value !== 'log')
      throw fault(field, 'knows log, {webhook: URL} and {command: [PROGRAM]}', field.node.value);
    return { kind: 'log' };
  }
  const fields = fieldsOf(field.node, 'an action', ['webhook', 'headers', 'command', 'timeout'], field);
  const webhook = fields.get('webhook');
  const command = fields.get('command');
  const headers = fields.get('headers');
  if ((webhook === undefined) === (command === undefined)) throw fault(field, 'has either webhook or command');
  if (webhook !== undefined) {
    const timeoutMs = durationOf(fields.get('timeout'), { fallback: DEFAULT_WEBHOOK_MS, least: 1000 });
    return {
      kind: 'webhook',
      url: urlOf(webhook),
      headers: headers === undefined ? {} : headersOf(headers),
      timeoutMs,
    };
  }
  if (headers !== undefined) throw fault(headers, 'goes with webhook only');
  const timeoutMs = durationOf(fields.get('timeout'), { fallback: DEFAULT_COMMAND_MS, least: 1000 });
  return { kind: 'command', argv: argvOf(command as Field), timeoutMs };
}

function argvOf(field: Field): [string, ...string[]] {
  const words = isSeq(field.node) ? field.node.items.map((item) => scalarOf({ ...field, node: item as Node })) : [];
  const [program, ...args] = words.map((word) => (typeof word === 'number' ? String(word) : word));
  const isWord = (word: unknown): word is string => typeof word === 'string' && !word.includes('\0');
  if (!isWord(program) || program === '' || !args.every(isWord)) {
    throw fault(field, 'is a list of a program and its arguments, such as [./notify.sh, --loud]');
  }
  return [program, ...args];
}

function urlOf(field: Field): string {
  const text = textOf(field);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  // fetch refuses an address with a password in it.
  if (!isHttp || url.username !== '' || url.password !== '') {
    throw fault(field, 'is an http or https address without a user', text);
  }
  return text;
}

function headersOf(field: Field): Record<string, string> {
  if (!isMap(field.node)) throw fault(field, 'is a table of names and texts');
  const entries = field.node.items.map(({ key, value }): [string, string] => [
    String(isScalar(key) ? key.value : key),
    textOf({ ...field, node: value as Node | null }),
  ]);
  try {
    return Object.fromEntries(new Headers(entries));
  } catch {
    throw fault(field, 'has a name or a text that HTTP does not allow');
  }
}

function durationOf(field: Field | undefined, { fallback, least }: { fallback: number; least: number }): number {
  if (field === undefined) return fallback;
  const value = scalarOf(field);
  const match = typeof value === 'string' ? /^(\d{1,9})\s*([smhd])$/.exec(value) : undefined;
  const ms = value === 0 ? 0 : Number(match?.[1]) * (unitMs[match?.[2] ?? ''] ?? Number.NaN);
  if (!(ms >= least && ms <= MAX_DURATION_MS)) {
    const from = least > 0 ? ` from ${least / 1000}s` : '';
    throw fault(field, `is a time${from} up to 24d such as 30s, 5m or 2h`, value);
  }
  return ms;
}

function patternOf(field: Field): string {
  const text = textOf(field);
  if (text.length > MAX_PATTERN) throw fault(field, `has at most ${MAX_PATTERN} characters`);
  return text;
}

/** A number counts as the text it is written as: names may be digits. */
function textOf(field: Field): string {
  const value = scalarOf(field);
  const text = typeof value === 'number' && isScalar(field.node) ? (field.node.source ?? String(value)) : value;
  if (typeof text !== 'string' || text.trim() === '' || /[\0\r\n]/.test(text))
    throw fault(field, 'is a text of one line', value);
  return text;
}

function scalarOf(field: Field): unknown {
  if (field.node === null) return null;
  if (isAlias(field.node)) throw fault(field, 'begins with *, so it must stand in quotes');
  if (!isScalar(field.node)) throw fault(field, 'is a single value');
  return field.node.value;
}

/** The fields of a table; one that is not among `known` is refused. */
function fieldsOf(node: Node | null, what: string, known: readonly string[], place: Place): Map<string, Field> {
  if (!isMap(node)) throw fault({ ...place, name: what, node }, `is a table with ${known.join(', ')}`);
  const fields = new Map<string, Field>();
  for (const { key, value } of node.items) {
    const name = String(isScalar(key) ? key.value : key);
    const at = { ...place, name, node: key as Node };
    if (!known.includes(name)) {
      const nearest = nearestName(name, known);
      throw fault(at, nearest === undefined ? `is no field of ${what}` : `is no field; did you mean ${nearest}?`);
    }
    // A field without a value has no place of its own.
    fields.set(name, { ...place, name, node: isScalar(value) && value.value === null ? nullAt(at) : (value as Node) });
  }
  return fields;
}

function nullAt({ node, ...at }: Field): Node | null {
  if (!isScalar(node)) return null;
  throw fault({ ...at, node }, 'has no value');
}

/** `rules.yaml, line 7: for is a time up to 24d such as 30s, 5m or 2h, not "long".` */
function fault({ file, lines, name, node }: Field, rule: string, value?: unknown): ValueFault {
  const offset = node?.range?.[0];
  const where = offset === undefined ? file : `${file}, line ${lines.linePos(offset).line}`;
  const not = value === undefined ? '' : `, not ${JSON.stringify(value)}`;
  return new ValueFault(`${where}: ${name} ${rule}${not}${rule.endsWith('?') ? '' : '.'}`);
}
