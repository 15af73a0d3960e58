/** Every declared request: the exports of src/core/protocol/requests, by request code. */

import { readdirSync } from 'node:fs';
import type { RequestSchema } from '../../src/core/protocol/schema.ts';

export interface DeclaredRequest {
  /** File name without `.ts`. */
  readonly file: string;
  /** Name of the export. */
  readonly name: string;
  readonly schema: RequestSchema;
}

const folder = new URL('../../src/core/protocol/requests/', import.meta.url);

function isSchema(value: unknown): value is RequestSchema {
  return typeof value === 'object' && value !== null && 'code' in value && 'request' in value && 'response' in value;
}

export const declaredRequests: readonly DeclaredRequest[] = await Promise.all(
  readdirSync(folder).map(async (fileName) => {
    const module: Record<string, unknown> = await import(new URL(fileName, folder).href);
    const found = Object.entries(module).filter(([, value]) => isSchema(value));
    const [entry] = found;
    if (entry === undefined || found.length !== 1 || !isSchema(entry[1])) {
      throw new Error(`${fileName} exports ${found.length} request schemas`);
    }
    return { file: fileName.replace(/\.ts$/, ''), name: entry[0], schema: entry[1] };
  }),
);

export const schemaByCode: ReadonlyMap<number, RequestSchema> = new Map(
  declaredRequests.map(({ schema }) => [schema.code, schema]),
);
