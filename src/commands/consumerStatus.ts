/**
 * mqadmin consumerStatus: what the clients of a consumer group are doing, each in a file of its own below the working folder,
 * and whether they fit together; or with -i what one client is doing. With -s the stacks of its threads, too. As json or yaml
 * the states are in the document, and no file is written.
 */

import { Flags } from '@oclif/core';
import { failOnErrors } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import type { GlobalFlags } from '../cli/flags.ts';
import {
  membersDocument,
  renderMembers,
  renderRunningInfo,
  renderVerdict,
  runningInfoDocument,
  type WrittenMember,
} from '../cli/output/consumer-status.ts';
import { writeRunningInfo } from '../cli/running-info-files.ts';
import type { GroupMember } from '../core/client/admin/consumer-running.ts';
import type { ConsumerRunningInfo } from '../core/protocol/bodies/consumer-running-info.ts';

interface Line extends GlobalFlags {
  readonly consumerGroup: string;
  readonly clientId?: string | undefined;
  readonly brokerAddr?: string | undefined;
  readonly jstack: boolean;
}

export default class ConsumerStatus extends BaseCommand {
  static override summary = "Query consumer's internal data structure";
  static override listPosition = 23;
  static override javaClass = 'ConsumerStatusSubCommand';
  static override flags = {
    consumerGroup: Flags.string({ char: 'g', required: true, description: 'consumer group name' }),
    clientId: Flags.string({ char: 'i', description: "The consumer's client id" }),
    brokerAddr: Flags.string({ char: 'b', description: 'broker address' }),
    jstack: Flags.boolean({ char: 's', description: 'Run jstack command in the consumer progress' }),
  };

  override async run(): Promise<ConsumerRunningInfo | GroupMember[]> {
    const { flags } = await this.parse(ConsumerStatus);
    return flags.clientId === undefined ? this.#group(flags) : this.#client(flags, flags.clientId);
  }

  async #client(flags: Line, clientId: string): Promise<ConsumerRunningInfo> {
    const { consumerGroup, brokerAddr, jstack } = flags;
    const [{ consumerRunningInfo }, { examineConsumerConnectionInfo }] = await Promise.all([
      import('../core/client/admin/consumer-running.ts'),
      import('../core/client/admin/consumer-group-state.ts'),
    ]);
    const info = await withAdmin({ flags, io: this.io }, async (admin) => {
      await examineConsumerConnectionInfo(admin, consumerGroup, brokerAddr);
      return consumerRunningInfo(admin, { consumerGroup, clientId, jstack });
    });
    await this.print(flags, info, renderRunningInfo, runningInfoDocument);
    return info;
  }

  async #group(flags: Line): Promise<GroupMember[]> {
    const { consumerGroup, brokerAddr, jstack } = flags;
    const { analyzeGroup, groupRunningInfo } = await import('../core/client/admin/consumer-running.ts');
    const members = await withAdmin({ flags, io: this.io }, (admin) =>
      groupRunningInfo(admin, { consumerGroup, brokerAddr, jstack }),
    );
    const now = Date.now();
    const verdict = analyzeGroup(members, now);
    const known = members.some(({ info }) => info !== undefined);
    if (flags.output === 'text') {
      this.io.out(renderMembers(written(members, String(now))) + (known ? renderVerdict(verdict) : ''));
    } else
      await this.print(
        flags,
        members,
        () => '',
        (all) => membersDocument(all, verdict),
      );
    failOnErrors(
      this.io,
      members.map(({ clientId, error }) => ({ addr: clientId, ...(error !== undefined && { error }) })),
      flags.debug,
    );
    return members;
  }
}

function written(members: readonly GroupMember[], folder: string): WrittenMember[] {
  return members.flatMap((member) => {
    const { info, clientId } = member;
    if (info === undefined) return [];
    return { ...member, file: writeRunningInfo(folder, clientId, renderRunningInfo(info)) };
  });
}
