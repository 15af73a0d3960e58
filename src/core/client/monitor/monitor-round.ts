/**
 * One look of a monitor at a whole cluster: every consumer group that a rule can be about. A group is known by its retry topic,
 * or because a rule names it exactly; those of RocketMQ's own tools count only when they are named so.
 */

import { PocketError } from '../../common/errors.ts';
import { RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import type { Admin } from '../admin/admin.ts';
import { mapBounded } from '../admin/bounded.ts';
import { clusterInfo } from '../admin/cluster-admin.ts';
import { topicList } from '../admin/topic-admin.ts';
import { type Finding, isExactName, type MonitorRule, matchesPattern } from './monitor-rule.ts';
import { findForGroup, type GroupFindings } from './rule-findings.ts';

/** MixAll's groups of the tools and of the brokers themselves. */
const toolGroups = new Set([
  'TOOLS_CONSUMER',
  '__MONITOR_CONSUMER',
  'SELF_TEST_C_GROUP',
  'FILTERSRV_CONSUMER',
  'SCHEDULE_CONSUMER',
  'CID_ONSAPI_OWNER',
  'CID_ONSAPI_PERMISSION',
  'CID_ONSAPI_PULL',
  'CID_ONS-HTTP-PROXY',
  'DEFAULT_CONSUMER',
]);
const SYSTEM_GROUP_PREFIX = 'CID_RMQ_SYS_';

export interface RoundResult {
  readonly findings: readonly Finding[];
  readonly groups: readonly GroupFindings[];
  /** Why nothing is known of any group: no name server answers, or no broker is registered. */
  readonly unreachable?: PocketError | undefined;
}

/** Rejects with PocketError STOPPED alone, when the Admin was stopped meanwhile. */
export async function monitorRound(admin: Admin, rules: readonly MonitorRule[]): Promise<RoundResult> {
  try {
    const groups = await mapBounded(await groupsOf(admin, rules), (group) => findForGroup(admin, group, rules));
    return { findings: groups.flatMap(({ findings }) => findings), groups };
  } catch (error) {
    if (!(error instanceof PocketError) || error.code === 'STOPPED') throw error;
    return { findings: unreachableFindings(rules, error), groups: [], unreachable: error };
  }
}

async function groupsOf(admin: Admin, rules: readonly MonitorRule[]): Promise<string[]> {
  const { brokerAddrTable } = await clusterInfo(admin);
  // The topics of dead brokers are gone from the list: their groups would seem to have recovered.
  if (Object.keys(brokerAddrTable).length === 0) throw new PocketError('CONNECT', 'no broker is registered');
  const aboutGroups = rules.filter(({ limits }) => [...limits.keys()].some((name) => name !== 'clusterUnreachable'));
  if (aboutGroups.length === 0) return [];
  const known = (await topicList(admin))
    .filter((topic) => topic.startsWith(RETRY_GROUP_TOPIC_PREFIX))
    .map((topic) => topic.slice(RETRY_GROUP_TOPIC_PREFIX.length))
    .filter((group) => !toolGroups.has(group) && !group.startsWith(SYSTEM_GROUP_PREFIX))
    .filter((group) => aboutGroups.some((rule) => matchesPattern(rule.group, group)));
  const named = aboutGroups.map(({ group }) => group).filter(isExactName);
  return [...new Set([...known, ...named])].sort();
}

function unreachableFindings(rules: readonly MonitorRule[], { message }: PocketError): Finding[] {
  const text = `the cluster cannot be asked: ${message}`;
  return rules.flatMap((rule) =>
    rule.limits.has('clusterUnreachable')
      ? [{ rule, condition: 'clusterUnreachable' as const, value: 1, limit: 0, text }]
      : [],
  );
}
