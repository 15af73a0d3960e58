/**
 * Rules against one consumer group: asks what they need, each thing once, and tells what holds and what could not be known.
 */

import { PocketError } from '../../common/errors.ts';
import type { Admin } from '../admin/admin.ts';
import type { QueueTrouble } from '../admin/consumer-running.ts';
import { probeBacklog, probeDeadLetters, probeMembers, probeRunning } from './group-probes.ts';
import { type Condition, conditions, type Finding, type MonitorRule, matchesPattern } from './monitor-rule.ts';

export interface GroupFindings {
  readonly consumerGroup: string;
  readonly findings: readonly Finding[];
  /** Conditions of which nothing is known this time, and why. */
  readonly unknown: ReadonlyMap<Condition, PocketError>;
}

/** Never rejects for what a server does. */
export async function findForGroup(
  admin: Admin,
  consumerGroup: string,
  rules: readonly MonitorRule[],
): Promise<GroupFindings> {
  const asked = rules.filter((rule) => matchesPattern(rule.group, consumerGroup));
  const wants = (condition: Condition): MonitorRule[] => asked.filter(({ limits }) => limits.has(condition));
  const findings: Finding[] = [];
  const unknown = new Map<Condition, PocketError>();
  const add = (condition: Condition, value: number, text: string, among = asked, topic?: string): void => {
    for (const rule of among) {
      const limit = rule.limits.get(condition);
      if (limit === undefined || value <= limit) continue;
      findings.push({ rule, condition, consumerGroup, topic, value, limit, text });
    }
  };
  const probe = async (of: readonly Condition[], ask: () => Promise<void>): Promise<void> => {
    const needed = of.filter((condition) => wants(condition).length > 0);
    if (needed.length === 0) return;
    try {
      await ask();
    } catch (error) {
      if (!(error instanceof PocketError)) throw error;
      for (const condition of needed) unknown.set(condition, error);
    }
  };
  await Promise.all([
    probe(['messagesBehind', 'secondsBehind'], async () => {
      const about = (topic: string, condition: Condition): MonitorRule[] =>
        wants(condition).filter((rule) => rule.topic === undefined || matchesPattern(rule.topic, topic));
      const backlog = await probeBacklog(admin, consumerGroup, (topic) => ({
        messages: about(topic, 'messagesBehind').length > 0,
        waited: about(topic, 'secondsBehind').length > 0,
      }));
      for (const { topic, messages, waitedMs = 0 } of backlog) {
        const behind = `${consumerGroup} is ${counted(messages, 'message')} behind in ${topic}`;
        add('messagesBehind', messages, behind, about(topic, 'messagesBehind'), topic);
        const seconds = Math.floor(waitedMs / 1000);
        const late = `the next message of ${topic} has waited ${counted(seconds, 'second')} for ${consumerGroup}`;
        add('secondsBehind', seconds, late, about(topic, 'secondsBehind'), topic);
      }
    }),
    probe(['noMember'], async () => {
      const nobody = (await probeMembers(admin, consumerGroup)) === 0;
      add('noMember', nobody ? 1 : 0, `no member of ${consumerGroup} is connected`);
    }),
    probe(['unequalSubscriptions', 'memberBlocked'], async () => {
      const { sameSubscription, troubles } = await probeRunning(admin, consumerGroup);
      add('unequalSubscriptions', sameSubscription ? 0 : 1, `the members of ${consumerGroup} subscribe differently`);
      const [first] = troubles;
      if (first !== undefined) add('memberBlocked', 1, `${troubleText(first)} (${consumerGroup})`);
    }),
    probe(['deadLettersPerHour'], async () => {
      const letters = await probeDeadLetters(admin, consumerGroup);
      add('deadLettersPerHour', letters, `${consumerGroup} has ${counted(letters, 'dead letter')} of the last hour`);
    }),
  ]);
  return { consumerGroup, findings: findings.sort(byRule(asked)), unknown };
}

/** In the order of the rules, and of the conditions and topics in each, whoever answered first. */
function byRule(rules: readonly MonitorRule[]): (a: Finding, b: Finding) => number {
  const order = Object.keys(conditions);
  const placeOf = ({ rule, condition }: Finding): number =>
    rules.indexOf(rule) * order.length + order.indexOf(condition);
  return (a, b) => placeOf(a) - placeOf(b);
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function troubleText(trouble: QueueTrouble): string {
  const { clientId, mq } = trouble;
  const queue = `queue ${mq.queueId} of ${mq.topic} at ${mq.brokerName}`;
  if (trouble.kind === 'stuck')
    return `${clientId} has not consumed ${queue} for ${counted(Math.floor(trouble.ms / 1000), 'second')}`;
  if (trouble.kind === 'notLocked') return `${clientId} does not get the lock of ${queue}`;
  return `${clientId} does not give the lock of ${queue} back`;
}
