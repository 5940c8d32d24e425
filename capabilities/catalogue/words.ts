import { CATALOGUE } from "./entries";
import type { Entry, Target } from "./entry";

const HEAD = `## Known controllers

What these programs write stays, also where the chart sets it: [drift.md](drift.md#known-controllers) says how the catalogue is used.
`;

/** The catalogue for readers: a part of docs/reference.md. */
export function catalogueWords(): string {
  return [HEAD, ...CATALOGUE.map(section)].join("\n");
}

function section({ name, target, paths, managers, onlyEmpty, why, source }: Entry): string {
  const fields = paths.map(code).join(", ");
  const lines = [
    `- Objects: ${objects(target)}`,
    `- Fields: ${fields}${onlyEmpty === true ? ", where the chart has none or an empty one" : ""}`,
    ...(managers === undefined ? [] : [`- Field managers: ${code(managers)}`]),
  ];
  return `### ${name}\n\n${why} [Source](${source})\n\n${lines.join("\n")}\n`;
}

function objects({ group, kinds, name, labels, annotations, mark, fields }: Target): string {
  const parts = [
    kinds ? kinds.join(", ") : "any kind",
    group === undefined ? [] : `of ${[group].flat().map(groupWords).join(", ")}`,
    name === undefined ? [] : `named ${code(name)}`,
    marks("label", labels),
    marks("annotation", annotations),
    mark === undefined ? [] : `with a label or annotation ${code(mark)}`,
    marks("field", fields),
  ];
  return parts.flat().join(" ");
}

function groupWords(group: string): string {
  return group === "" ? "the core group" : group;
}

function marks(what: string, wanted: Readonly<Record<string, string>> | undefined): string[] {
  return Object.entries(wanted ?? {}).map(([key, value]) =>
    value === "*" ? `with ${what} ${code(key)}` : `with ${what} ${code(`${key}: ${value}`)}`,
  );
}

function code(text: string): string {
  return `\`${text}\``;
}
