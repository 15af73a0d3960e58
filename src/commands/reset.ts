/**
 * mqadmin reset: deletes what the local cluster keeps: messages, topics, offsets, configuration, logs. Asks first; where
 * nobody can answer, --yes is needed.
 */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { isAgreed } from '../cli/confirm.ts';
import { CliFault } from '../cli/faults.ts';
import { dataDirOf } from '../cli/find-namesrv.ts';

export default class Reset extends BaseCommand {
  static override summary = 'Delete everything the local cluster keeps';
  static override takesNamesrv = false;
  static override flags = {
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  override async run(): Promise<string[]> {
    const { flags } = await this.parse(Reset);
    const { resetDataDir, resettable } = await import('../core/cluster/reset-data-dir.ts');
    const dataDir = await dataDirOf(flags, this.io.env);
    const paths = resettable(dataDir);
    const question = {
      what: `Delete ${paths.join(', ')} with all messages?`,
      unasked: `Nothing was deleted: --yes is needed to delete ${paths.join(', ')}.`,
    };
    if (paths.length > 0 && !flags.yes && !(await isAgreed(this.io, question))) {
      throw new CliFault('Nothing was deleted.', 1);
    }
    const deleted = resetDataDir(dataDir);
    if (deleted.length === 0) this.io.err(`There is nothing to delete in ${dataDir}.\n`);
    await this.print(flags, deleted, (same) => same.map((path) => `${path} is deleted.\n`).join(''));
    return deleted;
  }
}
