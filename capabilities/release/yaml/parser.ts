import { Composer, type CST, Lexer, Parser } from "yaml";
import { isObject } from "../../kube/object";
import { MAX_DOCUMENT_TOKENS, TOO_DEEP, YamlError, type YamlBudget } from "./limits";

/**
 * The nodes of the first document of a text, every scalar as text; null if there is none.
 *
 * @throws YamlError at the first error, or beyond the budget
 */
export function parseNodes(text: string, budget: YamlBudget): unknown {
  try {
    const [document] = composer(text).compose(tokens(text, budget), true, text.length);
    const error = document?.errors[0];
    if (error) throw notYaml(text, error.pos[0], error.code);
    return document?.contents ?? null;
  } catch (error) {
    if (error instanceof RangeError) throw new YamlError(TOO_DEEP, { cause: error });
    throw error;
  }
}

/** A composer that stops at the first error. */
function composer(text: string): Composer {
  // "failsafe" leaves every scalar a string: scalar.ts decides how it reads.
  const composer = new Composer({
    schema: "failsafe",
    resolveKnownTags: false,
    uniqueKeys: false,
    strict: false,
  });
  // The parser would collect errors without end, and a hostile document has one in every other character: 1 MB took 500 MB.
  let first: YamlError | undefined;
  Object.defineProperty(composer, "onError", {
    value: (source: unknown, code: unknown, _message: unknown, isWarning: unknown) => {
      if (isWarning === true) return;
      // An exception thrown here comes back as an error of every enclosing collection.
      first ??=
        code === "RESOURCE_EXHAUSTION"
          ? new YamlError(TOO_DEEP)
          : notYaml(text, offsetOf(source), String(code));
      throw first;
    },
  });
  return composer;
}

/** Where an error begins; the composer gives the offset, the range or the token. */
function offsetOf(source: unknown): number {
  const start: unknown = Array.isArray(source) ? source[0] : source;
  if (typeof start === "number") return start;
  return isObject(start) && typeof start.offset === "number" ? start.offset : 0;
}

/** The parser's own message may quote the document, and so a Secret's value. Its code does not. */
function notYaml(text: string, offset: number, code: string): YamlError {
  const what = code.toLowerCase().replaceAll("_", " ");
  return new YamlError(`is not valid YAML: ${what} at ${placeOf(text, offset)}`);
}

function placeOf(text: string, offset: number): string {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < offset; end = text.indexOf("\n", start)) {
    line++;
    start = end + 1;
  }
  return `line ${line}, column ${offset - start + 1}`;
}

function* tokens(text: string, budget: YamlBudget) {
  const parser = new Parser();
  let left = MAX_DOCUMENT_TOKENS;
  for (const token of new Lexer().lex(text)) {
    if (--left < 0) throw new YamlError("holds too much YAML: split it into several documents");
    if (--budget.tokens < 0) throw new YamlError("holds too much YAML: split the release");
    for (const part of parser.next(token)) yield refuseError(part, text);
  }
  yield* parser.end();
}

function refuseError(part: CST.Token, text: string): CST.Token {
  if (part.type === "error") throw notYaml(text, part.offset, "UNEXPECTED_TOKEN");
  return part;
}
