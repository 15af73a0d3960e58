/** Rules and findings as tests need them. */

import type { AlarmEvent } from '../../../../src/core/client/monitor/alarm-book.ts';
import type { AlarmAction, Finding, MonitorRule } from '../../../../src/core/client/monitor/monitor-rule.ts';

export function ruleOf(rule: Partial<MonitorRule> = {}): MonitorRule {
  return {
    name: 'late',
    group: '*',
    limits: new Map([['messagesBehind', 10]]),
    forMs: 0,
    repeatMs: 3_600_000,
    actions: [],
    ...rule,
  };
}

export function findingOf(rule: MonitorRule, finding: Partial<Finding> = {}): Finding {
  return {
    rule,
    condition: 'messagesBehind',
    consumerGroup: 'G',
    topic: 'T',
    value: 12,
    limit: 10,
    text: 'G is 12 messages behind in T',
    ...finding,
  };
}

export function eventOf(actions: readonly AlarmAction[], finding: Partial<Finding> = {}): AlarmEvent {
  return { state: 'firing', finding: findingOf(ruleOf({ actions }), finding), since: 1000, at: 2000 };
}
