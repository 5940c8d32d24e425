import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import packageJson from "../package.json";
import { binaries } from "../hack/artifacts/binaries";
import { lockerChart } from "../hack/artifacts/chart";
import { run } from "../hack/lib/command";
import { ROOT } from "../hack/lib/project";

const objects = z.record(z.string(), z.unknown());

/** Where each tool has the chart's version and its values. */
const PLACES: Record<string, { version: string[]; values: string[] }> = {
  Fleet: { version: ["helm", "version"], values: ["helm", "values"] },
  "Argo CD": {
    version: ["spec", "template", "spec", "source", "targetRevision"],
    values: ["spec", "template", "spec", "source", "helm", "valuesObject"],
  },
  Flux: { version: ["spec", "ref", "tag"], values: ["spec", "values"] },
};

function at(document: unknown, place: readonly string[]): unknown {
  return place.reduce<unknown>((value, key) => objects.safeParse(value).data?.[key], document);
}

describe("docs/fleet.md", () => {
  let docs: string;
  before(async () => {
    docs = await readFile(join(ROOT, "docs", "fleet.md"), "utf8");
  });

  for (const [tool, { version, values }] of Object.entries(PLACES))
    it(`installs this version of the chart with values that it takes: ${tool}`, async () => {
      const [, section = ""] = docs.split(`\n## ${tool}\n`);
      const [, example = ""] = /```yaml\n([^`]+)```/.exec(section) ?? [];
      const documents = parseAllDocuments(example).map(document => z.unknown().parse(document.toJS()));
      const found = (place: string[]) => documents.map(one => at(one, place)).find(one => one !== undefined);
      assert.equal(found(version), packageJson.version);
      const helm = join(await binaries("controlPlane"), "helm");
      const given = objects.parse(found(values));
      const flags = Object.entries(given).map(([key, value]) => `--set-json=${key}=${JSON.stringify(value)}`);
      const made = await run(helm, ["template", "helm-locker", await lockerChart(), ...flags], {
        env: process.env,
      });
      for (const kind of ["ServiceMonitor", "PrometheusRule"]) assert.ok(made.includes(`kind: ${kind}\n`));
    });
});
