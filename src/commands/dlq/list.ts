/**
 * mqadmin dlq list: the consumer groups with dead letters, how many and how old; with -g where they come from, too.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../../cli/admin-session.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { renderDlqGroups, renderDlqOrigins } from '../../cli/output/dead-letters.ts';
import type { DlqGroup } from '../../core/client/admin/dlq-list.ts';

export default class DlqList extends BaseCommand {
  static override summary = 'Which groups have dead letters, and how many';
  static override notes =
    'Dead letters are messages that a group has given back too often; they lie in the topic %DLQ%GROUP. #Wait counts ' +
    'those to be dealt with, #Done those that were resent or dropped and are still in the log.\n' +
    'With -g their origin topics are shown, too (of the first 10,000).';
  static override examples = ['mqadmin dlq list -n 127.0.0.1:9876', 'mqadmin dlq list -g GID_orders --output json'];
  static override flags = { group: Flags.string({ char: 'g', description: 'only this consumer group' }) };

  override async run(): Promise<DlqGroup[]> {
    const { flags } = await this.parse(DlqList);
    const { deadLetterOrigins, listDeadLetters } = await import('../../core/client/admin/dlq-list.ts');
    return withAdmin({ flags, io: this.io }, async (admin) => {
      const groups = await listDeadLetters(admin, flags.group);
      const origins = flags.group === undefined ? undefined : await deadLetterOrigins(admin, flags.group);
      await this.print(
        flags,
        groups,
        (all) => renderDlqGroups(all) + (origins === undefined ? '' : renderDlqOrigins(origins)),
        (all) => ({ groups: all, origins }),
      );
      return groups;
    });
  }
}
