/**
 * mqadmin queryMsgTraceById: what clients have told of a message, a line for each send and each consumption; with --timeline its
 * whole life in order of time, also from what brokers know without a trace.
 */

import { Flags } from '@oclif/core';
import { failOnErrors } from '../cli/address-failures.ts';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { UsageFault } from '../cli/faults.ts';
import { type GlobalFlags, OWN } from '../cli/flags.ts';
import { messageTraceDocument, renderMessageTimeline, renderMessageTrace } from '../cli/output/message-trace.ts';
import type { MessageTimeline, TimelineQuery } from '../core/client/admin/message-timeline.ts';
import type { TraceView } from '../core/client/admin/message-trace.ts';

export default class QueryMsgTraceById extends BaseCommand {
  static override summary = 'query a message trace';
  static override listPosition = 15;
  static override javaClass = 'QueryMsgTraceByIdSubCommand';
  static override flags = {
    msgId: Flags.string({ char: 'i', required: true, description: 'Message Id' }),
    traceTopic: Flags.string({ char: 't', description: 'The name value of message trace topic' }),
    timeline: Flags.boolean({ helpGroup: OWN, description: 'the life of the message in order of time' }),
    topic: Flags.string({
      helpGroup: OWN,
      description: 'with --timeline: the topic of the message, for one that no client has told of',
    }),
  };

  override async run(): Promise<readonly TraceView[] | MessageTimeline> {
    const { flags } = await this.parse(QueryMsgTraceById);
    const msgId = flags.msgId.trim();
    const traceTopic = flags.traceTopic?.trim();
    const { timeline, topic } = flags;
    if (timeline) return this.#timeline(flags, { msgId, traceTopic, topic });
    if (topic !== undefined) throw new UsageFault('--topic goes with --timeline; the trace topic is -t.');
    const { queryMsgTrace } = await import('../core/client/admin/message-trace.ts');
    const { views, brokers } = await withAdmin({ flags, io: this.io }, (admin) =>
      queryMsgTrace(admin, msgId, traceTopic),
    );
    await this.print(flags, views, (all) => renderMessageTrace(all, Date.now()), messageTraceDocument);
    failOnErrors(this.io, brokers, flags.debug);
    return views;
  }

  async #timeline(flags: GlobalFlags, query: TimelineQuery): Promise<MessageTimeline> {
    const { messageTimeline } = await import('../core/client/admin/message-timeline.ts');
    const timeline = await withAdmin({ flags, io: this.io }, (admin) => messageTimeline(admin, query));
    await this.print(flags, timeline, renderMessageTimeline);
    return timeline;
  }
}
