/**
 * What a monitor looks for: rules that name groups, topics and conditions, as data. A rule with several conditions is several
 * alarms; each condition holds of a group, the first two of a group in one topic, the last of the cluster.
 */

/** A condition's name is its field in a rules file. */
export const conditions = {
  /** More than so many messages of a topic are not consumed; of the group's retry topic, too. */
  messagesBehind: 'count',
  /** The next message of a topic has waited for more than so many seconds. */
  secondsBehind: 'seconds',
  /** Nobody of the group is connected to any of its brokers. */
  noMember: 'flag',
  /** Members of the group subscribe to different topics or tags. Told when the first has run for two minutes. */
  unequalSubscriptions: 'flag',
  /** A member holds messages and its listener has not taken one for a minute, or it does not get the lock of a queue. */
  memberBlocked: 'flag',
  /** More than so many dead letters of the group have come within the last hour. */
  deadLettersPerHour: 'count',
  /** No name server answers, or no broker is registered. */
  clusterUnreachable: 'flag',
} as const;

export type Condition = keyof typeof conditions;

export interface LogAction {
  readonly kind: 'log';
}

/** An HTTP POST of the alarm as JSON; repeated when the server is busy or not there. */
export interface WebhookAction {
  readonly kind: 'webhook';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of one attempt. */
  readonly timeoutMs: number;
}

/** A program that gets the alarm as JSON on stdin and in environment variables. */
export interface CommandAction {
  readonly kind: 'command';
  /** Program and arguments; there is no shell. */
  readonly argv: readonly [string, ...string[]];
  readonly timeoutMs: number;
}

export type AlarmAction = LogAction | WebhookAction | CommandAction;

export interface MonitorRule {
  /** Unique among the rules. */
  readonly name: string;
  /** Names with `*` for any characters and `?` for one. */
  readonly group: string;
  /** As group; undefined: every topic of the group. */
  readonly topic?: string | undefined;
  /** Condition -> limit; 0 for a flag. It holds when the value is above. */
  readonly limits: ReadonlyMap<Condition, number>;
  /** How long a condition must hold before the alarm fires. */
  readonly forMs: number;
  /** Shortest time between two notices about the same alarm, whether it goes on or comes back. */
  readonly repeatMs: number;
  readonly actions: readonly AlarmAction[];
}

/** One thing a rule has found. `text` says it in words, without the rule's name. */
export interface Finding {
  readonly rule: MonitorRule;
  readonly condition: Condition;
  /** Undefined: the cluster. */
  readonly consumerGroup?: string | undefined;
  readonly topic?: string | undefined;
  /** Above the limit; 1 for a flag. */
  readonly value: number;
  readonly limit: number;
  readonly text: string;
}

/** A name that says which one it is, with neither `*` nor `?`. */
export const isExactName = (pattern: string): boolean => !/[*?]/.test(pattern);

/** Whether a name has the form of a pattern. Takes time in proportion to both lengths. */
export function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let i = 0;
  /** Where to go on when the rest does not fit: behind the last star, one character further in the name. */
  let star = -1;
  let retry = 0;
  while (i < name.length) {
    if (pattern[at] === '*') {
      star = at++;
      retry = i;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++retry;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
