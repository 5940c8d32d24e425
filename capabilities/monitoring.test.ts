import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import * as z from "zod";
import { METRICS } from "./report/metrics-table";

const ROOT = join(__dirname, "..");
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), "utf8");
const monitoring = (file: string) => read("charts", "helm-locker", "monitoring", file);

const alerts = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            labels: z.object({ severity: z.enum(["critical", "warning"]) }),
            annotations: z.object({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(monitoring("alerts.yaml")))
  .groups.flatMap(({ rules }) => rules);

const RUNBOOK = read("docs", "runbook.md");

/** Names of metrics, also those that a histogram adds. */
const NAMES = new Set<string>(
  Object.values(METRICS).flatMap(({ name }) =>
    name === METRICS.duration.name ? ["bucket", "sum", "count"].map(part => `${name}_${part}`) : name,
  ),
);

function assertKnown(text: string): void {
  const used = text.match(/helm_locker_\w+/g) ?? [];
  assert.ok(used.length > 0, text);
  assert.deepEqual(
    used.filter(name => !NAMES.has(name)),
    [],
  );
}

describe("what comes for Prometheus and Grafana", () => {
  it("is made of metrics that there are", () => {
    for (const { expr } of alerts) assertKnown(expr);
    const dashboard = monitoring("dashboard.json");
    for (const [, expr = ""] of dashboard.matchAll(/"expr": "((?:[^"\\]|\\.)*)"/g)) assertKnown(expr);
    for (const [, query = ""] of dashboard.matchAll(/"query": "(label_values(?:[^"\\]|\\.)*)"/g))
      assertKnown(query);
  });

  it("has a section of the runbook for each alert, and none for others", () => {
    const sections = [...RUNBOOK.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => title);
    assert.deepEqual(
      sections,
      alerts.map(({ alert }) => alert),
    );
    for (const { alert, annotations } of alerts)
      assert.equal(annotations.runbook_url, `docs/runbook.md#${alert.toLowerCase()}`);
  });

  it("says of each what it means, what to look at and what to do", () => {
    for (const section of RUNBOOK.split(/^## /m).slice(1))
      for (const part of ["What it means", "What to look at", "What to do"])
        assert.equal(section.split(`**${part}.**`).length, 2, section);
  });
});
