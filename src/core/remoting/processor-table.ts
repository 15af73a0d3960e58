/**
 * code -> {schema, processor}: who answers which request. The schema makes the typed header; the processor is a plain
 * function with a narrow context that returns its reply and never touches the socket. A code may have a raw processor in
 * front, which reads the frame's bytes itself (the hot path of sending) and may decline.
 *
 * Differences from 4.9: an unknown code gets code 3 from the namesrv too (4.9 answers nothing); a missing required field
 * gets code 1 with a sentence instead of a NullPointerException text.
 */

import { PocketError } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import { ResponseCode } from '../protocol/response-code.ts';
import { decodeHeader, type ExtFields, type Fields, type HeaderOf, type RequestSchema } from '../protocol/schema.ts';
import type { Connection } from './connection.ts';
import { FLAG_ONEWAY, type RemotingCommand } from './remoting-command.ts';
import { ReplyError } from './reply-error.ts';

/** A part of a buffer that is copied into the frame when the reply is written. */
export interface Segment {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface Reply<S extends Fields = Fields> {
  code: number;
  remark?: string | undefined;
  /** Response header by the request's schema. */
  header?: HeaderOf<S> | undefined;
  /** Further fields beside the header (MSG_REGION, TRACE_ON). */
  extFields?: ExtFields | undefined;
  body?: Buffer | readonly Segment[] | undefined;
  /** Called when the body was copied, and its memory is not needed any more. */
  written?: (() => void) | undefined;
}

/** The processor answers later, through request.respond. */
export const SUSPENDED: unique symbol = Symbol('suspended');

export interface Request<Q extends Fields = Fields, S extends Fields = Fields> {
  readonly header: HeaderOf<Q>;
  readonly body: Buffer | undefined;
  readonly command: RemotingCommand;
  readonly connection: Connection;
  /** Answers a suspended request; into the void when its connection is gone or it was one-way. */
  respond(reply: Reply<S>): void;
}

/** undefined means: no answer at all. */
export type ProcessorResult<S extends Fields> = Reply<S> | typeof SUSPENDED | undefined;

export type Processor<C, Q extends Fields, S extends Fields> = (
  context: C,
  request: Request<Q, S>,
) => ProcessorResult<S> | Promise<ProcessorResult<S>>;

/** A whole frame in the read buffer; valid only during the call. Offsets are into `buffer`. */
export interface RawFrame {
  connection: Connection;
  buffer: Buffer;
  headerStart: number;
  headerEnd: number;
  bodyEnd: number;
}

/** true: taken care of. false: the frame goes the ordinary way. */
export type RawProcessor = (frame: RawFrame) => boolean;

type Dispatch = (command: RemotingCommand, connection: Connection) => void;

export class ProcessorTable<C> {
  readonly #context: C;
  readonly #logger: Logger;
  readonly #entries = new Map<number, Dispatch>();
  readonly #raw = new Map<number, RawProcessor>();

  constructor(context: C, logger: Logger) {
    this.#context = context;
    this.#logger = logger;
  }

  register<Q extends Fields, S extends Fields>(schema: RequestSchema<Q, S>, processor: Processor<C, Q, S>): this {
    this.#entries.set(schema.code, (command, connection) => this.#run(schema, processor, command, connection));
    return this;
  }

  /** Puts a raw processor in front of the ordinary one of the same code. Only JSON headers that begin with the code reach it. */
  raw(code: number, processor: RawProcessor): this {
    this.#raw.set(code, processor);
    return this;
  }

  /** The codes that are served, ascending. */
  codes(): number[] {
    return [...this.#entries.keys()].sort((a, b) => a - b);
  }

  rawProcessor(code: number): RawProcessor | undefined {
    return this.#raw.get(code);
  }

  get hasRawProcessors(): boolean {
    return this.#raw.size > 0;
  }

  /** Runs the processor of a request and sends its answer. Never throws. */
  dispatch(command: RemotingCommand, connection: Connection): void {
    const entry = this.#entries.get(command.code);
    if (entry !== undefined) {
      entry(command, connection);
      return;
    }
    const remark = ` request type ${command.code} not supported`;
    new PendingRequest({}, {}, command, connection).respond({ code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED, remark });
  }

  #run<Q extends Fields, S extends Fields>(
    schema: RequestSchema<Q, S>,
    processor: Processor<C, Q, S>,
    command: RemotingCommand,
    connection: Connection,
  ): void {
    let request: PendingRequest<Q, S> | undefined;
    try {
      const header = decodeHeader(schema.request, command.extFields);
      request = new PendingRequest(header, schema.response, command, connection);
      const result = processor(this.#context, request);
      if (result instanceof Promise) this.#answerLater(request, result);
      else if (result !== SUSPENDED && result !== undefined) request.respond(result);
    } catch (error) {
      this.#fail(request ?? new PendingRequest({}, schema.response, command, connection), error);
    }
  }

  #answerLater<Q extends Fields, S extends Fields>(
    request: PendingRequest<Q, S>,
    result: Promise<ProcessorResult<S>>,
  ): void {
    const { connection } = request;
    connection.answerBegins();
    result
      .then((reply) => {
        if (reply !== SUSPENDED && reply !== undefined) request.respond(reply);
      })
      .catch((error: unknown) => this.#fail(request, error))
      .finally(() => connection.answerEnds());
  }

  #fail<Q extends Fields, S extends Fields>(request: PendingRequest<Q, S>, error: unknown): void {
    if (error instanceof ReplyError) {
      request.respond({ code: error.responseCode, remark: error.message });
      return;
    }
    const { command, connection } = request;
    if (!(error instanceof PocketError && error.code === 'PROTOCOL')) {
      this.#logger.error(`request ${command.code} from ${connection.remoteAddr} failed`, error);
    }
    const remark = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    request.respond({ code: ResponseCode.SYSTEM_ERROR, remark });
  }
}

class PendingRequest<Q extends Fields, S extends Fields> implements Request<Q, S> {
  readonly header: HeaderOf<Q>;
  readonly command: RemotingCommand;
  readonly connection: Connection;
  readonly #responseFields: S;

  constructor(header: HeaderOf<Q>, responseFields: S, command: RemotingCommand, connection: Connection) {
    this.header = header;
    this.command = command;
    this.connection = connection;
    this.#responseFields = responseFields;
  }

  get body(): Buffer | undefined {
    return this.command.body;
  }

  respond(reply: Reply<S>): void {
    if ((this.command.flag & FLAG_ONEWAY) !== 0) return;
    this.connection.reply(this.command, this.#responseFields, reply);
  }
}
