/**
 * One statistic of a broker over three spans: answer of VIEW_BROKER_STATS_DATA. Mirrors BrokerStatsData and BrokerStatsItem.
 *
 *   {"statsDay":IT,"statsHour":IT,"statsMinute":IT}      IT = {"avgpt":D,"sum":L,"tps":D}
 */

import { JavaDouble, type JsonValue } from '../../common/fastjson.ts';
import { numberMember, objectOf, readBody } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

export interface BrokerStatsItem {
  /** How much was counted in the span. */
  readonly sum: number;
  /** That, a second. */
  readonly tps: number;
  /** That, for each time something was counted. */
  readonly avgpt: number;
}

export interface BrokerStatsData {
  readonly statsMinute: BrokerStatsItem;
  readonly statsHour: BrokerStatsItem;
  readonly statsDay: BrokerStatsItem;
}

/** Throws PocketError PROTOCOL. */
export function decodeBrokerStatsData(body: Buffer | undefined): BrokerStatsData {
  const object = readBody(body, 'statistics of a broker');
  return {
    statsMinute: readItem(object.statsMinute),
    statsHour: readItem(object.statsHour),
    statsDay: readItem(object.statsDay),
  };
}

function readItem(value: JsonValue | undefined): BrokerStatsItem {
  const item = objectOf(value ?? {}, 'statistics item');
  return { sum: numberMember(item, 'sum'), tps: numberMember(item, 'tps'), avgpt: numberMember(item, 'avgpt') };
}

export function encodeBrokerStatsData({ statsMinute, statsHour, statsDay }: BrokerStatsData): Buffer {
  const bean = ({ sum, tps, avgpt }: BrokerStatsItem): object => ({
    sum,
    tps: new JavaDouble(tps),
    avgpt: new JavaDouble(avgpt),
  });
  return writeBody({ statsMinute: bean(statsMinute), statsHour: bean(statsHour), statsDay: bean(statsDay) });
}
