import * as z from "zod";
import type { Definition } from "../crds/definition";
import { definitions } from "../crds/definitions";
import { catalogueWords } from "./catalogue/words";
import { optionDocs } from "./config";
import { CONDITIONS } from "./report/conditions";
import { POLICY_CONDITION } from "./report/locker-policy-status";
import { EVENT_REASONS } from "./report/event-reasons";
import { LOG_LINES } from "./report/log-lines";
import { METRICS } from "./report/metrics-table";

const HEAD = `# Reference

This page is written by \`npm run reference\` from the schemas and tables in the code.
`;

const LOG =
  "One JSON object a line, with `level`, `time`, `message`, `component`, and what else there is to tell. Names in braces stand for what is meant. What is said again within a minute has the level `debug`.";

/** A field as the CRD describes it. */
const fieldSchema = z.object({
  type: z.string().optional(),
  format: z.string().optional(),
  enum: z.array(z.string().nullable()).optional(),
  description: z.string().default(""),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});

type Field = z.infer<typeof fieldSchema>;

/** docs/reference.md: everything that users write and read. */
export function referenceWords(): string {
  return [
    HEAD,
    ...definitions.flatMap(definition => [
      kindSection(definition, "spec"),
      kindSection(definition, "status"),
    ]),
    section("Conditions", Object.entries(CONDITIONS).map(condition).join("\n\n")),
    section("HelmLockerPolicy: condition", condition(["Ready of a HelmLockerPolicy", POLICY_CONDITION])),
    section("Events", table(["Reason", "On", "What it says"], events())),
    section("Log", `${LOG}\n\n${table(["Message", "Component", "Level", "Meaning"], lines())}`),
    section("Metrics", table(["Metric", "Labels", "Meaning"], metrics())),
    section("Options", table(["Variable", "Default", "Accepts", "Meaning"], options())),
    catalogueWords(),
  ].join("\n");
}

function kindSection({ spec: { names, versions } }: Definition, top: "spec" | "status"): string {
  const fields = fieldSchema.parse(versions[0]?.schema.openAPIV3Schema.properties[top]);
  return section(`${names.kind}: ${top}`, table(["Field", "Type", "Meaning"], rowsOf(fields, top)));
}

function rowsOf({ properties = {} }: Field, path: string): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const field = fieldSchema.parse(schema);
    const place = `${path}.${name}`;
    const items = fieldSchema.parse(field.items ?? {});
    const row = [code(place), typeOf(field, items), field.description];
    return [row, ...rowsOf(field, place), ...rowsOf(items, `${place}[]`)];
  });
}

function typeOf({ type = "", format, enum: values }: Field, items: Field): string {
  if (values) return values.flatMap(value => (value === null ? [] : code(value))).join(", ");
  if (type === "array") return `list of ${items.type ?? ""}s`;
  return format === "date-time" ? "time (RFC 3339)" : type;
}

function condition([type, { about, reasons }]: [
  string,
  { readonly about: string; readonly reasons: Readonly<Record<string, string>> },
]): string {
  const rows = Object.entries(reasons).map(([reason, words]) => [code(reason), words]);
  return `### Condition ${type}\n\n${about}\n\n${table(["Reason", "Meaning"], rows)}`;
}

function events(): string[][] {
  return Object.entries(EVENT_REASONS).map(([reason, { on, says }]) => [code(reason), on, says]);
}

function lines(): string[][] {
  return Object.entries(LOG_LINES).map(([says, { component, level, means }]) => [
    says,
    component,
    level,
    means,
  ]);
}

function metrics(): string[][] {
  return Object.values(METRICS).map(({ name, help, labelNames }) => [
    code(name),
    labelNames.map(code).join(", "),
    help,
  ]);
}

function options(): string[][] {
  return optionDocs.map(option => [
    code(option.variable),
    code(option.default),
    option.accepts,
    option.description,
  ]);
}

function section(title: string, body: string): string {
  return `## ${title}\n\n${body}\n`;
}

/** A table as prettier leaves it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map(row => row.map(cell => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(3, ...cells.map(row => row[column]?.length ?? 0)));
  const [first = "", ...others] = cells.map(row =>
    line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))),
  );
  return [first, line(widths.map(width => "-".repeat(width))), ...others].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
