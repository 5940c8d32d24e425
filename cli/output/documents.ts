import { Document, Scalar, visit } from "yaml";
import { writeJson } from "../../capabilities/cluster/json";

/** What a terminal does not show as it is: \n and \t only move on. */
const UNSHOWN = /[^\P{C}\n\t]/gu;

/** JSON in one line, in which a terminal finds nothing but text. */
export function jsonLine(value: unknown): string {
  return `${asEscapes(writeJson(value))}\n`;
}

/** A document of YAML, in which a terminal finds nothing but text. */
export function yamlDocument(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === "string" && node.value.search(UNSHOWN) >= 0) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const text = document.toString({ lineWidth: 0 });
  return `---\n${text.replaceAll(UNSHOWN, character => escapeOf(character.codePointAt(0) ?? 0))}`;
}

/** A text of JSON with escapes for what a terminal would not show. */
export function asEscapes(json: string): string {
  return json.replaceAll(UNSHOWN, character =>
    character.replaceAll(/[^]/g, unit => escapeOf(unit.charCodeAt(0))),
  );
}

function escapeOf(code: number): string {
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
