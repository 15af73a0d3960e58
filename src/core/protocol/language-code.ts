/**
 * Languages of the header (LanguageCode). JSON headers carry the name, binary headers the number. NODE_JS is 5.x: a 4.9
 * peer reads it as no language at all, so PocketMQ never writes it by itself. What no version defines is OTHER here,
 * null in Java.
 */

const OTHER = 7;

const names = [
  'JAVA',
  'CPP',
  'DOTNET',
  'PYTHON',
  'DELPHI',
  'ERLANG',
  'RUBY',
  'OTHER',
  'HTTP',
  'GO',
  'PHP',
  'OMS',
  'RUST',
  'NODE_JS',
];

const ordinalByName = new Map<string, number>(names.map((name, ordinal) => [name, ordinal]));

/** The language of a number in a binary header. */
export function languageName(ordinal: number): string {
  return names[ordinal] ?? 'OTHER';
}

/** The number of a language name for a binary header. */
export function languageOrdinal(name: string): number {
  return ordinalByName.get(name) ?? OTHER;
}
