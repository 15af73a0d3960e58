/**
 * startMonitoring at work: by rules, or as mqadmin does. Goes on until interrupted, whether the cluster answers or not; what is
 * to be said about the asking itself goes to stderr.
 */

import type { Admin } from '../core/client/admin/admin.ts';
import type { MqadminMonitorListener } from '../core/client/monitor/mqadmin-monitor.ts';
import type { Logger } from '../core/common/logger.ts';
import { ExitCode, exitCodeOf } from './exit-codes.ts';
import { StdoutFault } from './faults.ts';
import type { Io } from './io.ts';
import type { MonitorRules } from './monitor-rules-file.ts';
import { oneLine } from './output/received-message.ts';

export interface RuleMonitoring {
  readonly io: Io;
  readonly rules: MonitorRules;
  readonly output: 'text' | 'json' | 'yaml';
}

/** Never resolves; ends with the Admin's session. */
export async function monitorByRules(admin: Admin, over: AbortSignal, monitoring: RuleMonitoring): Promise<void> {
  const { io, rules } = monitoring;
  const delivery = await deliveryOf(admin, monitoring);
  const { Monitor } = await import('../core/client/monitor/monitor.ts');
  const monitor = new Monitor({
    ...rules,
    admin,
    onAlarm: (event) => delivery.deliver(event),
    onTrouble: (sentence) => io.err(`${oneLine(sentence)}\n`),
  });
  try {
    await monitor.start();
    if (io.stderrIsTerminal) io.err(`Watching by ${rules.rules.length} rules. Ctrl-C ends it.\n`);
    await untilOver(over, monitor.ended());
  } finally {
    await delivery.stop();
    await admin.stop();
    await monitor.stop();
  }
}

/** One round, its actions carried out. Throws what the command ends with: 1 alarms, 7 not everything could be asked. */
export async function monitorOnce(admin: Admin, over: AbortSignal, monitoring: RuleMonitoring): Promise<void> {
  const { io, rules } = monitoring;
  const delivery = await deliveryOf(admin, monitoring);
  const { Monitor } = await import('../core/client/monitor/monitor.ts');
  let fired = 0;
  const monitor = new Monitor({
    ...rules,
    admin,
    atOnce: true,
    onAlarm: (event) => {
      fired++;
      delivery.deliver(event);
    },
    onTrouble: (sentence) => io.err(`${oneLine(sentence)}\n`),
  });
  const end = (): void => void delivery.stop();
  over.addEventListener('abort', end);
  const { groups, unreachable } = await monitor.round();
  await delivery.idle();
  // Everything has been said.
  if (fired > 0) throw new StdoutFault('', ExitCode.FAILED);
  if (unreachable !== undefined) throw new StdoutFault('', exitCodeOf(unreachable));
  if (groups.some(({ unknown }) => unknown.size > 0)) throw new StdoutFault('', ExitCode.PARTLY);
}

async function deliveryOf(admin: Admin, { io, output }: RuleMonitoring) {
  const [{ AlarmDelivery }, { alarmRenderer }] = await Promise.all([
    import('../core/client/monitor/alarm-delivery.ts'),
    import('./output/alarm.ts'),
  ]);
  const render = await alarmRenderer(output);
  return new AlarmDelivery({
    clock: admin.clock,
    env: { ...io.env },
    onLog: (event) => io.out(render(event)),
    onFailure: (sentence) => io.err(`${oneLine(sentence)}\n`),
  });
}

/** mqadmin's own monitor, into its log. Never resolves; ends with the Admin's session. */
export async function monitorIntoLog(admin: Admin, over: AbortSignal, log: Logger, io: Io): Promise<void> {
  const [
    { MqadminMonitor },
    { beginRoundLine, deleteMsgsLine, endRoundLine, runningInfoLines, spentLine, undoneLine },
  ] = await Promise.all([import('../core/client/monitor/mqadmin-monitor.ts'), import('./output/monitor-lines.ts')]);
  const listener: MqadminMonitorListener = {
    beginRound: () => log.info(beginRoundLine),
    reportUndoneMsgs: (undone) => log.info(undoneLine(undone)),
    reportDeleteMsgsEvent: (event) => {
      const line = deleteMsgsLine(event);
      if (line !== undefined) log.info(line);
    },
    reportConsumerRunningInfo: (group, verdict) => {
      for (const line of runningInfoLines(group, verdict)) log.info(line);
    },
    endRound: (spentMs) => {
      log.info(endRoundLine);
      log.info(spentLine(spentMs));
    },
    trouble: (sentence) => {
      log.warn(sentence);
      io.err(`${oneLine(sentence)}\n`);
    },
  };
  const monitor = new MqadminMonitor(admin, listener);
  try {
    await monitor.start();
    await untilOver(over, monitor.ended());
  } finally {
    await admin.stop();
    await monitor.stop();
  }
}

/** Rejects when the monitor does. A cluster that is down leaves no socket: the timer keeps the process. */
async function untilOver(over: AbortSignal, ended: Promise<void>): Promise<void> {
  const alive = setInterval(() => {}, 60_000);
  const aborted = new Promise<void>((resolve) => {
    if (over.aborted) resolve();
    over.addEventListener('abort', () => resolve());
  });
  try {
    await Promise.race([aborted, ended]);
  } finally {
    clearInterval(alive);
  }
}
