import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { parseAllDocuments, parse } from "yaml";
import { z } from "zod";
import { binaries } from "../hack/artifacts/binaries";
import { lockerChart } from "../hack/artifacts/chart";
import { run } from "../hack/lib/command";

const KINDS = ["PrometheusRule", "ConfigMap"];

const object = z.looseObject({
  kind: z.string(),
  metadata: z.object({ labels: z.record(z.string(), z.string()) }),
  spec: z.unknown().optional(),
  data: z.record(z.string(), z.string()).optional(),
});

describe("what the chart has for Prometheus and Grafana", () => {
  let chart: string;
  let helm: string;
  before(async () => {
    chart = await lockerChart();
    helm = join(await binaries("controlPlane"), "helm");
  });

  async function rendered(...values: string[]) {
    const flags = ["image.repository=example.com/locker", ...values].map(value => `--set=${value}`);
    const text = await run(helm, ["template", "locker", chart, "--skip-tests", ...flags], {
      env: process.env,
    });
    return parseAllDocuments(text)
      .map(document => object.safeParse(document.toJS()))
      .flatMap(({ data }) => (data && KINDS.includes(data.kind) ? [data] : []));
  }

  const file = (name: string) => readFile(join(chart, "monitoring", name), "utf8");

  it("is nothing unless it is asked for", async () => {
    assert.deepEqual(await rendered(), []);
  });

  it("is a PrometheusRule with the alerts, which link to one's own runbook", async () => {
    const runbook = "https://example.com/runbook.md";
    const values = ["enabled=true", "labels.team=platform", `runbook=${runbook}`];
    const [rule, ...others] = await rendered(...values.map(value => `prometheusRule.${value}`));
    assert.deepEqual(others, []);
    assert.equal(rule?.metadata.labels["team"], "platform");
    const alerts = (await file("alerts.yaml")).replaceAll("docs/runbook.md", runbook);
    assert.deepEqual(rule.spec, parse(alerts));
  });

  it("is a ConfigMap with the dashboard, which Grafana's sidecar finds", async () => {
    const [map, ...others] = await rendered("dashboard.enabled=true", "dashboard.labels.team=platform");
    assert.deepEqual(others, []);
    assert.equal(map?.metadata.labels["grafana_dashboard"], "1");
    assert.equal(map.metadata.labels["team"], "platform");
    assert.deepEqual(
      JSON.parse(map.data?.["helm-locker.json"] ?? ""),
      JSON.parse(await file("dashboard.json")),
    );
  });
});
