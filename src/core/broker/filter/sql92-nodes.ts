/** What the SQL92 grammar makes of a text. `at`: offset in the text, in UTF-16 units. */

export type CompareOperator = '=' | '<>' | '>' | '>=' | '<' | '<=';

interface At {
  readonly at: number;
}

export type Node = At &
  (
    | { kind: 'or' | 'and'; parts: readonly Node[] }
    | { kind: 'compare'; operator: CompareOperator; left: Node; right: Node }
    | { kind: 'isNull'; operand: Node; not: boolean }
    | { kind: 'between'; operand: Node; low: Node; high: Node; not: boolean }
    | { kind: 'in'; operand: Node; values: readonly string[]; not: boolean }
    | { kind: 'negate' | 'not'; operand: Node }
    | { kind: 'string'; value: string }
    | { kind: 'double' | 'integer'; text: string }
    | { kind: 'boolean'; value: boolean }
    | { kind: 'null' }
    | { kind: 'property'; name: string }
  );
