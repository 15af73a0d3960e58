/**
 * Request headers as data. A request is declared once: its code, the header fields with type and necessity, and the
 * response's fields; the TypeScript types are inferred from the declaration and one codec interprets it. On the wire
 * every value is a string in extFields (CommandCustomHeader in Java). A test compares each declaration with the Java class.
 *
 * long values are JavaScript numbers: offsets and times stay far below 2^53. Java's Long.MAX_VALUE (an open end of a time
 * range) reads as 9223372036854776000 and is written back as Long.MAX_VALUE.
 */

import { PocketError } from '../common/errors.ts';

export type ExtFields = Record<string, string>;

export type FieldType = 'string' | 'int' | 'long' | 'boolean' | 'double';

export interface Field<T extends FieldType = FieldType, R extends boolean = boolean> {
  readonly type: T;
  readonly required: R;
}

export type Fields = Readonly<Record<string, Field>>;

export const required = <T extends FieldType>(type: T): Field<T, true> => ({ type, required: true });
export const optional = <T extends FieldType>(type: T): Field<T, false> => ({ type, required: false });

type ValueOf<T extends FieldType> = T extends 'string' ? string : T extends 'boolean' ? boolean : number;

/** The typed header of a declaration: required fields always there, optional ones perhaps undefined. */
export type HeaderOf<F extends Fields> = {
  [K in keyof F as F[K]['required'] extends true ? K : never]: ValueOf<F[K]['type']>;
} & {
  [K in keyof F as F[K]['required'] extends true ? never : K]?: ValueOf<F[K]['type']> | undefined;
};

export interface RequestSchema<Q extends Fields = Fields, S extends Fields = Fields> {
  readonly code: number;
  /** Simple name of the Java request header class, undefined where the request has no header. */
  readonly javaClass: string | undefined;
  readonly request: Q;
  /** Simple name of the Java response header class, undefined where the answer has none. */
  readonly responseJavaClass: string | undefined;
  readonly response: S;
}

export type RequestHeaderOf<R extends RequestSchema> = HeaderOf<R['request']>;

type NoFields = Record<never, Field>;

export function defineRequest<Q extends Fields = NoFields, S extends Fields = NoFields>(declaration: {
  code: number;
  javaClass?: string;
  request?: Q;
  responseJavaClass?: string;
  response?: S;
}): RequestSchema<Q, S> {
  return {
    code: declaration.code,
    javaClass: declaration.javaClass,
    request: declaration.request ?? ({} as Q),
    responseJavaClass: declaration.responseJavaClass,
    response: declaration.response ?? ({} as S),
  };
}

const LONG_MAX = '9223372036854775807';
const INTEGER = /^[+-]?\d{1,19}$/;

/**
 * Reads the typed header out of extFields. Throws PocketError PROTOCOL that names the field when a required one is
 * missing or a number is none; unknown fields are ignored.
 */
export function decodeHeader<F extends Fields>(fields: F, extFields: ExtFields | undefined): HeaderOf<F> {
  const header: Record<string, string | number | boolean> = {};
  for (const name in fields) {
    const field = fields[name];
    if (field === undefined) continue;
    const text = extFields?.[name];
    if (text === undefined || text === null) {
      if (field.required) throw new PocketError('PROTOCOL', `the request header lacks the field ${name}`);
      continue;
    }
    header[name] = decodeValue(name, field.type, text);
  }
  return header as HeaderOf<F>;
}

function decodeValue(name: string, type: FieldType, text: string): string | number | boolean {
  switch (type) {
    case 'string':
      return text;
    case 'boolean':
      return text.toLowerCase() === 'true';
    case 'double': {
      const value = Number(text);
      if (text === '' || Number.isNaN(value)) throw badField(name, text);
      return value;
    }
    case 'int':
    case 'long': {
      if (!INTEGER.test(text)) throw badField(name, text);
      const value = Number(text);
      if (type === 'int' && value !== (value | 0)) throw badField(name, text);
      return value;
    }
  }
}

function badField(name: string, text: string): PocketError {
  return new PocketError('PROTOCOL', `the request header field ${name} is not a number: ${text.slice(0, 40)}`);
}

/** Writes a typed header as extFields, in declaration order, leaving undefined fields out. */
export function encodeHeader<F extends Fields>(fields: F, header: HeaderOf<F>): ExtFields {
  const values = header as Record<string, string | number | boolean | undefined>;
  const extFields: ExtFields = {};
  for (const name in fields) {
    const value = values[name];
    if (value === undefined) continue;
    extFields[name] = typeof value === 'number' && value >= 2 ** 63 ? LONG_MAX : String(value);
  }
  return extFields;
}
