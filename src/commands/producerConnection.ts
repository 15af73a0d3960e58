/**
 * mqadmin producerConnection: the clients of a producer group, as one broker of the topic knows them.
 */

import { Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { connectionDocument, renderProducerConnections } from '../cli/output/connections.ts';
import type { ClientConnection } from '../core/protocol/bodies/producer-connection.ts';

export default class ProducerConnection extends BaseCommand {
  static override summary = "Query producer's socket connection and client version";
  static override listPosition = 20;
  static override javaClass = 'ProducerConnectionSubCommand';
  static override flags = {
    producerGroup: Flags.string({ char: 'g', required: true, description: 'producer group name' }),
    topic: Flags.string({ char: 't', required: true, description: 'topic name' }),
  };

  override async run(): Promise<ClientConnection[]> {
    const { flags } = await this.parse(ProducerConnection);
    const { producerConnections } = await import('../core/client/admin/producer-connections.ts');
    const connections = await withAdmin({ flags, io: this.io }, (admin) =>
      producerConnections(admin, flags.producerGroup, flags.topic),
    );
    await this.print(flags, connections, renderProducerConnections, (all) => all.map(connectionDocument));
    return connections;
  }
}
