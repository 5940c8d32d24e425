const OPENING = new Set("{[");
const CLOSING = new Set("}]");
const SPACE = new Set(" \t\r\n");

/**
 * The values of some fields of a JSON object, each as its JSON text; the last value if a field is repeated. Builds
 * nothing else: skipped parts cost no memory, and only their quotes and brackets are checked.
 *
 * @throws SyntaxError if the text is no JSON object
 */
export function fieldsOf(json: string, names: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  let at = expect(json, afterSpace(json, 0), "{");
  while (json[at] !== "}") {
    const keyEnd = endOfString(json, at);
    const start = afterSpace(json, expect(json, afterSpace(json, keyEnd), ":"));
    const end = endOfValue(json, start);
    const name = names.find(name => json.slice(at, keyEnd) === `"${name}"`);
    if (name !== undefined) found.set(name, json.slice(start, end));
    at = afterSpace(json, end);
    if (json[at] !== "}") at = afterSpace(json, expect(json, at, ","));
  }
  return found;
}

function expect(json: string, at: number, char: string): number {
  if (json[at] !== char) throw new SyntaxError(`expected ${char} at ${at}`);
  return char === "{" ? afterSpace(json, at + 1) : at + 1;
}

function afterSpace(json: string, at: number): number {
  while (SPACE.has(json[at] ?? "")) at++;
  return at;
}

function endOfString(json: string, start: number): number {
  expect(json, start, '"');
  for (let at = start; ; ) {
    at = json.indexOf('"', at + 1);
    if (at < 0) throw new SyntaxError(`the string at ${start} does not end`);
    let escapes = 0;
    while (json[at - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return at + 1;
  }
}

function endOfValue(json: string, start: number): number {
  if (json[start] === '"') return endOfString(json, start);
  return OPENING.has(json[start] ?? "") ? endOfCollection(json, start) : endOfWord(json, start);
}

function endOfWord(json: string, start: number): number {
  let at = start;
  while (/[\w.+-]/.test(json[at] ?? "")) at++;
  if (at === start) throw new SyntaxError(`expected a value at ${start}`);
  return at;
}

function endOfCollection(json: string, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    const char = json[at] ?? "";
    if (char === '"') at = endOfString(json, at) - 1;
    else if (OPENING.has(char)) depth++;
    else if (CLOSING.has(char) && --depth === 0) return at + 1;
  }
  throw new SyntaxError(`the collection at ${start} does not end`);
}
