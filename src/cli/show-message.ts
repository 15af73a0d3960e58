/**
 * Messages as queryMsgById, queryMsgByUniqueKey and queryMsgByOffset show them: the body goes to a file, the rest to stdout,
 * then what each consumer group made of it. Where the groups cannot be asked the message is shown all the same.
 */

import type { Admin } from '../core/client/admin/admin.ts';
import type { MessageTrack } from '../core/client/admin/message-track.ts';
import { PocketError } from '../core/common/errors.ts';
import type { MessageExt } from '../core/message/message.ts';
import { BodyFiles } from './body-files.ts';
import { type GlobalFlags, OWN } from './flags.ts';
import type { Io } from './io.ts';
import { renderMessageDetail, renderMessageTracks } from './output/message-detail.ts';

/** The option of PocketMQ that these commands have. */
export const outDirFlag = {
  helpGroup: OWN,
  description:
    'directory for the message bodies instead of /tmp/rocketmq/msgbodys; with json and yaml bodies go to files only with it',
} as const;

export interface ShownMessage {
  readonly message: MessageExt;
  /** Undefined: the body was not written to a file. */
  readonly bodyPath: string | undefined;
  readonly tracks: MessageTrack[];
  /** Why there are no tracks. */
  readonly error?: PocketError;
}

export interface MessageShowOptions {
  readonly io: Io;
  readonly flags: Pick<GlobalFlags, 'output'> & { readonly 'out-dir'?: string | undefined };
  /** Whether the offset message id is a line of its own. */
  readonly offsetId: 'with' | 'without';
}

export class MessageShow {
  readonly shown: ShownMessage[] = [];
  readonly #options: MessageShowOptions;
  readonly #bodies: BodyFiles;

  constructor(options: MessageShowOptions) {
    this.#options = options;
    this.#bodies = new BodyFiles({ io: options.io, outDir: options.flags['out-dir'] });
  }

  /** `index` tells the body files of messages of one id apart. */
  async show(admin: Admin, message: MessageExt, index = 0): Promise<void> {
    const { io, flags, offsetId } = this.#options;
    const isText = flags.output === 'text';
    const bodyPath = isText || flags['out-dir'] !== undefined ? this.#bodies.write(message, index) : undefined;
    if (isText) io.out(renderMessageDetail(message, bodyPath ?? '', offsetId));
    const { messageTrackDetail } = await import('../core/client/admin/message-track.ts');
    try {
      const tracks = await messageTrackDetail(admin, message);
      if (isText) io.out(renderMessageTracks(tracks));
      this.shown.push({ message, bodyPath, tracks });
    } catch (error) {
      if (!(error instanceof PocketError)) throw error;
      this.shown.push({ message, bodyPath, tracks: [], error });
    }
  }

  /** Throws PARTLY when the groups of a message could not be asked. */
  failOnTracks(): void {
    const failures = this.shown.flatMap(({ message, error }) => {
      return error === undefined ? [] : [`${message.msgId} (${error.message})`];
    });
    if (failures.length === 0) return;
    throw new PocketError('PARTLY', `It is not known which groups have consumed ${failures.join(' and ')}.`);
  }
}
