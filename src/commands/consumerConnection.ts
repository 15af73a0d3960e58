/**
 * mqadmin consumerConnection: the clients of a consumer group and what it subscribes to.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { connectionDocument, renderConsumerConnection } from '../cli/output/connections.ts';
import type { ConsumerConnection as Connection } from '../core/protocol/bodies/consumer-connection.ts';

export default class ConsumerConnection extends BaseCommand {
  static override summary = "Query consumer's socket connection, client version and subscription";
  static override listPosition = 21;
  static override javaClass = 'ConsumerConnectionSubCommand';
  static override flags = {
    consumerGroup: Flags.string({ char: 'g', required: true, description: 'consumer group name' }),
    brokerAddr: Flags.string({ char: 'b', description: 'broker address' }),
  };

  override async run(): Promise<Connection> {
    const { flags } = await this.parse(ConsumerConnection);
    const { consumerGroup, brokerAddr } = flags;
    const { examineConsumerConnectionInfo } = await import('../core/client/admin/consumer-group-state.ts');
    const session = { flags, io: this.io, needsNamesrv: brokerAddr === undefined };
    const connection = await withAdmin(session, (admin) =>
      examineConsumerConnectionInfo(admin, consumerGroup, brokerAddr),
    );
    await this.print(flags, connection, renderConsumerConnection, ({ connectionSet, ...group }) => ({
      ...group,
      connectionSet: connectionSet.map(connectionDocument),
    }));
    return connection;
  }
}
