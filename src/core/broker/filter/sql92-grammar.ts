/**
 * The language of SQL92 subscriptions (messages.md section 13) for the parser generator peggy. Mirrors SelectorParser.jj; the
 * nodes are those of sql92-nodes.ts. Difference: the whole text must be an expression, where Java ignores what follows one
 * (`a LIKE 'x'` is `a` there, which matches nothing).
 */
export const SQL92_GRAMMAR = String.raw`
{{
  function binary(head, tail) {
    return tail.reduce((left, [operator, right, at]) => ({ kind: 'compare', operator, left, right, at }), head);
  }
}}

Start = _ @Or

Or = head:And tail:(OR @And)* { return tail.length === 0 ? head : { kind: 'or', parts: [head, ...tail], at: range().start } }

And = head:Equality tail:(AND @Equality)* { return tail.length === 0 ? head : { kind: 'and', parts: [head, ...tail], at: range().start } }

Equality = head:Comparison tail:EqualityTail* { return tail.reduce((left, make) => make(left), head) }

EqualityTail
  = operator:EqualityOperator right:Comparison { const at = range().start; return (left) => ({ kind: 'compare', operator, left, right, at }) }
  / IS not:NOT? NULL { const at = range().start; return (operand) => ({ kind: 'isNull', operand, not: not !== null, at }) }

Comparison = head:Unary tail:ComparisonTail* { return tail.reduce((left, make) => make(left), head) }

ComparisonTail
  = operator:OrderOperator right:Unary { const at = range().start; return (left) => ({ kind: 'compare', operator, left, right, at }) }
  / not:NOT? BETWEEN low:Unary AND high:Unary { const at = range().start; return (operand) => ({ kind: 'between', operand, low, high, not: not !== null, at }) }
  / not:NOT? IN "(" _ first:String rest:("," _ @String)* ")" _ { const at = range().start; return (operand) => ({ kind: 'in', operand, values: [first, ...rest], not: not !== null, at }) }

Unary
  = "+" _ @Unary
  / "-" _ operand:Unary { return { kind: 'negate', operand, at: range().start } }
  / NOT operand:Unary { return { kind: 'not', operand, at: range().start } }
  / Primary

Primary
  = value:String { return { kind: 'string', value, at: range().start } }
  / text:Float { return { kind: 'double', text, at: range().start } }
  / text:Integer { return { kind: 'integer', text, at: range().start } }
  / TRUE { return { kind: 'boolean', value: true, at: range().start } }
  / FALSE { return { kind: 'boolean', value: false, at: range().start } }
  / NULL { return { kind: 'null', at: range().start } }
  / name:Name { return { kind: 'property', name, at: range().start } }
  / "(" _ @Or ")" _

EqualityOperator "= or <>" = @("=" / "<>") _
OrderOperator "a comparison" = @(">=" / ">" / "<=" / "<" !">" { return '<' }) _

String "a text in single quotes" = "'" chars:("''" { return "'" } / $[^']+)* "'" _ { return chars.join('') }
Float "a number" = @$([0-9]+ "." [0-9]* Exponent? / "." [0-9]+ Exponent? / [0-9]+ Exponent) !Word _
Integer "a number" = @$("0" / [1-9] [0-9]* [lL]?) !Word _
Exponent = [eE] [+-]? [0-9]+
Name "the name of a property" = !Keyword @$([A-Za-z_$] Word*) _

Keyword = ("NOT"i / "AND"i / "OR"i / "BETWEEN"i / "IN"i / "TRUE"i / "FALSE"i / "NULL"i / "IS"i) !Word
NOT "NOT" = "NOT"i !Word _ { return true }
AND "AND" = "AND"i !Word _
OR "OR" = "OR"i !Word _
BETWEEN "BETWEEN" = "BETWEEN"i !Word _
IN "IN" = "IN"i !Word _
TRUE "TRUE" = "TRUE"i !Word _
FALSE "FALSE" = "FALSE"i !Word _
NULL "NULL" = "NULL"i !Word _
IS "IS" = "IS"i !Word _
Word = [A-Za-z0-9_$]

_ "a blank" = ([ \t\n\r\f] / "--" [^\n\r]* / "/*" (!"*/" .)* "*/")*
`;
