/**
 * mqadmin store inspect: one record of a stopped store, decoded, found by its commitlog offset or by its place in a queue.
 * Ends with 4 when there is none and with 1 when something about it cannot be right. Changes nothing.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { CliFault, UsageFault, ValueFault } from '../../cli/faults.ts';
import { wholeNumber } from '../../cli/flags.ts';
import { renderInspected } from '../../cli/output/store-inspect.ts';
import { storeDirOfLine, storeFlags } from '../../cli/store-flags.ts';
import type { Inspected } from '../../core/store/tools/inspect-record.ts';

export default class StoreInspect extends BaseCommand {
  static override summary = 'Show one record of a stopped store';
  static override takesNamesrv = false;
  static override optionGroups = [['offset', 'topic']];
  static override flags = {
    ...storeFlags,
    offset: wholeNumber({ description: 'commitlog offset of the record' }),
    topic: Flags.string({ char: 't', description: 'topic name; with -i and --queueOffset' }),
    queueId: wholeNumber({ char: 'i', description: 'queue of the topic; default 0' }),
    queueOffset: wholeNumber({ description: 'number of the message in its queue' }),
  };

  override async run(): Promise<Inspected> {
    const { flags } = await this.parse(StoreInspect);
    const { offset, topic, queueId = 0, queueOffset } = flags;
    if (topic !== undefined && queueOffset === undefined) throw new UsageFault('--queueOffset is required with -t.');
    const numbers = Object.entries({ offset, queueId, queueOffset });
    for (const [name, value] of numbers) {
      if (value !== undefined && value < 0) throw new ValueFault(`--${name} is a number from 0, not ${value}.`);
    }
    const dir = await storeDirOfLine(flags, this.io);
    const { inspectRecord } = await import('../../core/store/tools/inspect-record.ts');
    const at = topic === undefined ? (offset ?? 0) : { topic, queueId, queueOffset: queueOffset ?? 0 };
    const inspected = inspectRecord(dir, at);
    await this.print(flags, inspected, renderInspected);
    if (inspected.fault !== undefined) throw new CliFault('The record is damaged.', 1);
    return inspected;
  }
}
