/**
 * The declarations of the public API in one file: what src/core/index.ts exports and the types that its declarations name,
 * taken file by file from TypeScript's own declaration output. That needs no type check (a second for the whole build, not
 * ten), but every exported thing must say its types: `isolatedDeclarations`.
 *
 * Two declarations of one name, a name that cannot be found and a declaration without types end the build.
 */

import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

interface Declaration {
  readonly name: string;
  /** With its own comment, without `export`. */
  readonly text: string;
  /** Names of types and values of its file that it uses. */
  readonly uses: ReadonlySet<string>;
  readonly isType: boolean;
}

/** Where a name comes from: the file and its name there. */
interface Origin {
  readonly file: string;
  readonly name: string;
}

interface Module {
  readonly declarations: Map<string, Declaration>;
  readonly imports: Map<string, Origin>;
  /** Only what is exported from other files. */
  readonly exports: Map<string, Origin>;
  /** Declarations whose types TypeScript could not write down, and why. */
  readonly faults: Map<string, string>;
}

/** The text of a .d.cts or .d.ts file. */
export function bundleTypes(root: string, entry: string): string {
  const modules = new Map<string, Module>();
  const load = (file: string): Module => {
    const known = modules.get(file) ?? read(file);
    modules.set(file, known);
    return known;
  };
  const found = new Map<string, { file: string; declaration: Declaration }>();
  const add = ({ file, name }: Origin): Declaration => {
    const { declarations, imports, faults } = load(file);
    const from = imports.get(name);
    if (from !== undefined) return add(from);
    const declaration = declarations.get(name);
    if (declaration === undefined) throw new Error(`${relative(root, file)} declares no ${name}`);
    const before = found.get(name);
    if (before?.file === file) return declaration;
    if (before !== undefined) throw new Error(`${before.file} and ${file} both declare ${name}`);
    const fault = faults.get(name);
    if (fault !== undefined) throw new Error(`${name} of ${relative(root, file)}: ${fault}`);
    found.set(name, { file, declaration });
    for (const use of declaration.uses) if (declarations.has(use) || imports.has(use)) add({ file, name: use });
    return declaration;
  };
  const exported = [...load(entry).exports].map(([name, origin]) => {
    const { name: own, isType } = add(origin);
    return `${isType ? 'type ' : ''}${own === name ? name : `${own} as ${name}`}`;
  });
  const texts = [...found.values()].map(({ declaration }) => declaration.text);
  return ['/// <reference types="node" />\n', ...texts, `export { ${exported.join(', ')} };`, ''].join('\n');
}

function read(file: string): Module {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(file, 'utf8'), {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: {
      ...{ declaration: true, isolatedDeclarations: true, stripInternal: true },
      ...{ target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext },
    },
  });
  const source = ts.createSourceFile(`${file}.d.ts`, outputText, ts.ScriptTarget.ES2023, true);
  const module: Module = {
    declarations: new Map(),
    imports: new Map(),
    exports: new Map(),
    faults: faultsOf(diagnostics),
  };
  for (const statement of source.statements) readStatement(statement, file, module);
  return module;
}

function faultsOf(diagnostics: readonly ts.Diagnostic[]): Map<string, string> {
  const faults = new Map<string, string>();
  for (const { file, start = 0, messageText } of diagnostics) {
    const statement = file?.statements.find((one) => one.pos <= start && start < one.end);
    for (const name of statement === undefined ? [] : namesOf(statement)) {
      faults.set(name, ts.flattenDiagnosticMessageText(messageText, ' '));
    }
  }
  return faults;
}

function readStatement(statement: ts.Statement, file: string, { declarations, imports, exports }: Module): void {
  if (ts.isImportDeclaration(statement)) {
    const names = statement.importClause?.namedBindings;
    const from = originOf(statement.moduleSpecifier, file);
    if (names === undefined || !ts.isNamedImports(names) || from === undefined) return;
    for (const { name, propertyName } of names.elements)
      imports.set(name.text, { file: from, name: (propertyName ?? name).text });
  } else if (ts.isExportDeclaration(statement)) {
    const names = statement.exportClause;
    const from = originOf(statement.moduleSpecifier, file);
    if (names === undefined || !ts.isNamedExports(names) || from === undefined) return;
    for (const { name, propertyName } of names.elements)
      exports.set(name.text, { file: from, name: (propertyName ?? name).text });
  } else {
    for (const name of namesOf(statement)) declarations.set(name, declarationOf(statement, name));
  }
}

/** The file of a relative specifier. */
function originOf(specifier: ts.Expression | undefined, file: string): string | undefined {
  if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return undefined;
  return join(dirname(file), specifier.text);
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const named =
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isFunctionDeclaration(statement);
  return named && statement.name !== undefined ? [statement.name.text] : [];
}

function declarationOf(statement: ts.Statement, name: string): Declaration {
  const uses = new Set<string>();
  const dropped: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    const used = usedName(node);
    if (used !== undefined) uses.add(used);
    // TypeScript writes a method [Symbol.x]() of a class twice, first as a property.
    if (ts.isPropertyDeclaration(node) && ts.isComputedPropertyName(node.name)) dropped.push(node);
    ts.forEachChild(node, visit);
  };
  visit(statement);
  const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
  return { name, uses, isType, text: commentOf(statement) + textOf(statement, dropped) };
}

/** The leftmost identifier of a type's or value's name, where the node is one. */
function usedName(node: ts.Node): string | undefined {
  let name: ts.Node | undefined;
  if (ts.isTypeReferenceNode(node)) name = node.typeName;
  else if (ts.isTypeQueryNode(node)) name = node.exprName;
  else if (ts.isExpressionWithTypeArguments(node)) name = node.expression;
  while (name !== undefined && ts.isQualifiedName(name)) name = name.left;
  return name !== undefined && ts.isIdentifier(name) ? name.text : undefined;
}

/** The last comment before a statement; the first of a file may be the file's own. */
function commentOf(statement: ts.Statement): string {
  const text = statement.getSourceFile().text;
  const last = ts.getLeadingCommentRanges(text, statement.getFullStart())?.at(-1);
  return last === undefined || !text.startsWith('/**', last.pos) ? '' : `${text.slice(last.pos, last.end)}\n`;
}

function textOf(statement: ts.Statement, dropped: readonly ts.Node[]): string {
  const start = statement.getStart();
  let text = statement.getText();
  for (const node of [...dropped].reverse()) {
    text = text.slice(0, node.getFullStart() - start) + text.slice(node.getEnd() - start);
  }
  const declared = text.replace(/^export /, '');
  return /^(declare|interface|type) /.test(declared) ? declared : `declare ${declared}`;
}
