/**
 * mqadmin queryMsgById: shows the messages of some offset message ids, or with -g and -d has a consumer client consume them,
 * or with -s true sends them to their topics again. Showing ends at the first id without a message, as in mqadmin.
 */

import { Flags } from '@oclif/core';
import { failOnErrors } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { ValueFault } from '../cli/faults.ts';
import { type GlobalFlags, javaBoolean } from '../cli/flags.ts';
import { renderConsumedDirectly, renderResent } from '../cli/output/resent-message.ts';
import { MessageShow, outDirFlag, type ShownMessage } from '../cli/show-message.ts';
import type { ConsumedDirectly, ConsumerTarget, ResendResult } from '../core/client/admin/message-resend.ts';
import type { PocketError } from '../core/common/errors.ts';

interface Line extends GlobalFlags {
  readonly unitName?: string | undefined;
  readonly 'out-dir'?: string | undefined;
}

export default class QueryMsgById extends BaseCommand {
  static override summary = 'Query Message by Id';
  static override listPosition = 11;
  static override javaClass = 'QueryMsgByIdSubCommand';
  static override flags = {
    msgId: Flags.string({ char: 'i', required: true, description: 'Message Id' }),
    consumerGroup: Flags.string({ char: 'g', description: 'consumer group name' }),
    clientId: Flags.string({ char: 'd', description: "The consumer's client id" }),
    sendMessage: javaBoolean({ char: 's', description: 'resend message' }),
    unitName: Flags.string({ char: 'u', description: 'unit name' }),
    'out-dir': Flags.string(outDirFlag),
  };

  override async run(): Promise<readonly (ShownMessage | ConsumedDirectly | ResendResult)[]> {
    const { flags } = await this.parse(QueryMsgById);
    const ids = flags.msgId.split(',').flatMap((id) => id.trim() || []);
    if (ids.length === 0) throw new ValueFault('-i names no message id.');
    const { consumerGroup, clientId, sendMessage } = flags;
    if (consumerGroup !== undefined && clientId !== undefined) {
      return this.#consume(flags, { consumerGroup, clientId }, ids);
    }
    if (sendMessage === undefined) return this.#show(flags, ids);
    return sendMessage ? this.#resend(flags, ids) : [];
  }

  async #show(flags: Line, ids: readonly string[]): Promise<ShownMessage[]> {
    const show = new MessageShow({ io: this.io, flags, offsetId: 'with' });
    const { viewMessage } = await import('../core/client/admin/message-query.ts');
    try {
      await withAdmin({ flags, io: this.io }, async (admin) => {
        for (const id of ids) await show.show(admin, await viewMessage(admin, id));
      });
    } finally {
      if (show.shown.length > 0) await this.print(flags, show.shown, () => '');
    }
    show.failOnTracks();
    return show.shown;
  }

  async #consume(flags: Line, target: ConsumerTarget, ids: readonly string[]): Promise<ConsumedDirectly[]> {
    const { consumeByIds } = await import('../core/client/admin/message-resend.ts');
    const session = { flags, io: this.io, needsNamesrv: false };
    const results = await withAdmin(session, (admin) => consumeByIds(admin, target, ids));
    await this.print(flags, results, (all) =>
      all.map(({ result }) => result && renderConsumedDirectly(result)).join(''),
    );
    failOnErrors(this.io, byId(results), flags.debug);
    return results;
  }

  async #resend(flags: Line, ids: readonly string[]): Promise<ResendResult[]> {
    const { resendMessages } = await import('../core/client/admin/message-resend.ts');
    const results: ResendResult[] = [];
    await withAdmin({ flags, io: this.io }, async (admin) => {
      for await (const result of resendMessages(admin, ids, flags.unitName)) {
        results.push(result);
        if (flags.output === 'text') this.io.out(renderResent(result));
      }
    });
    await this.print(flags, results, () => '');
    failOnErrors(this.io, byId(results), flags.debug);
    return results;
  }
}

/** Ids take the place of addresses. */
function byId(results: readonly { msgId: string; error?: PocketError | undefined }[]) {
  return results.map(({ msgId, error }) => ({ addr: msgId, ...(error !== undefined && { error }) }));
}
