import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { hasPrometheus, prometheusTools } from "../hack/artifacts/prometheus";
import { run } from "../hack/lib/command";
import { ROOT } from "../hack/lib/project";

const RULES = join(ROOT, "charts", "helm-locker", "monitoring", "alerts.yaml");

const skip = !hasPrometheus() && "the package sources of this machine have no Prometheus";

const rulesFile = z.object({
  groups: z.tuple([
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          labels: z.record(z.string(), z.string()),
          annotations: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ]),
});

/** When an alert fires, and when it does not. */
interface Case {
  /** Series, without helm_locker_ before their names, each with a sample a minute. */
  readonly bad: Record<string, string>;
  readonly good: Record<string, string>;
  /** When it does not fire yet, and when it does. */
  readonly early: string;
  readonly late: string;
  readonly value?: number;
  /** Instead of those of a release. */
  readonly labels?: Record<string, string>;
}

const web = 'release_namespace="shop",release="web"';
const info = (mode: string, ready: string) =>
  `release_info{${web},state="Deployed",mode="${mode}",ready="${ready}"}`;
const always = (series: string, value = 1) => ({ [series]: `${value}x2000` });

const CASES: Record<string, Case> = {
  HelmLockerDown: {
    bad: {},
    good: always('build_info{version="1"}'),
    early: "4m",
    late: "6m",
    labels: {},
  },
  HelmLockerNotReady: {
    bad: { ...always(info("enabled", "false")), ...always(`drifted_objects{${web}}`, 0) },
    good: { ...always(info("enabled", "true")), ...always(info("warn", "unknown")) },
    early: "14m",
    late: "16m",
  },
  HelmLockerInvalid: {
    bad: always('invalid_helm_releases{helm_release="typo"}'),
    good: { 'invalid_helm_releases{helm_release="typo"}': "1x10 _x10 1x10" },
    early: "14m",
    late: "16m",
    labels: { helm_release: "typo" },
  },
  HelmLockerDrift: {
    bad: { ...always(info("warn", "true")), ...always(`drifted_objects{${web}}`, 3) },
    good: { ...always(info("enabled", "true")), ...always(`drifted_objects{${web}}`, 3) },
    early: "14m",
    late: "16m",
    value: 3,
  },
  HelmLockerFight: {
    bad: always(`fights{${web}}`, 2),
    good: { [`fights{${web}}`]: "1x3 0x3 1x3 0x20" },
    early: "4m",
    late: "6m",
    value: 2,
  },
  HelmLockerSuspendedTooLong: {
    bad: always(info("suspended", "true")),
    good: { [info("suspended", "true")]: "1x1000 _x20 1x1000" },
    early: "1430m",
    late: "1450m",
  },
  HelmLockerOperationStalled: {
    bad: always(`operation_stalled{${web}}`),
    good: always(`operation_stalled{${web}}`, 0),
    early: "0m",
    late: "2m",
  },
  HelmLockerRightsMissing: {
    bad: {
      ...always(`missing_rights{${web}}`, 0),
      ...always(`blocked_objects{${web},reason="RightMissing"}`),
    },
    good: { ...always(`missing_rights{${web}}`, 0), ...always(`blocked_objects{${web},reason="Refused"}`) },
    early: "4m",
    late: "6m",
  },
  HelmLockerRevertStorm: {
    bad: { [`reverts_total{${web},kind="ConfigMap",operation="apply"}`]: "0+20x60" },
    good: { [`reverts_total{${web},kind="ConfigMap",operation="apply"}`]: "0+9x60" },
    early: "7m",
    late: "30m",
    value: 200,
  },
};

describe("the alerts", { skip }, () => {
  it("are rules that Prometheus takes, and each is tried here", async () => {
    await promtool("check", "rules", RULES);
    assert.deepEqual((await alerts()).map(({ alert }) => alert).sort(), Object.keys(CASES).sort());
  });

  for (const [name, one] of Object.entries(CASES)) {
    it(`fire in time where they should: ${name}`, async () => {
      const rule = (await alerts()).find(({ alert }) => alert === name);
      const of = one.labels ?? { release_namespace: "shop", release: "web" };
      const said = (text: string) =>
        text
          .replace(
            /\{\{ \$labels\.(\w+) \}\}/g,
            (_, label: string) => new Map(Object.entries(of)).get(label) ?? "",
          )
          .replace("{{ $value }}", String(one.value ?? 1));
      const annotations: Record<string, string> = {};
      for (const [key, text] of Object.entries(rule?.annotations ?? {})) annotations[key] = said(text);
      const fired = { exp_labels: { ...rule?.labels, ...of }, exp_annotations: annotations };
      await promtoolTest(name, one.bad, [
        [one.early, []],
        [one.late, [fired]],
      ]);
    });

    it(`are silent where they should be: ${name}`, async () => {
      await promtoolTest(name, one.good, [[one.late, []]]);
    });
  }

  it("name the cluster, and fire once for two lockers, where one Prometheus sees all of it", async () => {
    const stalled = (...labels: string[]) => `operation_stalled{${[web, ...labels].join(",")}}`;
    const series = {
      ...always(stalled('cluster="east"', 'pod="a"')),
      ...always(stalled('cluster="east"', 'pod="b"')),
      ...always(stalled('cluster="west"', 'pod="c"'), 0),
    };
    const said = await promtoolTest("HelmLockerOperationStalled", series, [["2m", []]]).catch(String);
    assert.equal(said.match(/cluster="east"/g)?.length, 1, said);
    assert.ok(!said.includes('cluster="west"'));
  });
});

type Expected = [time: string, alerts: object[]][];

async function alerts() {
  return rulesFile.parse(parse(await readFile(RULES, "utf8"))).groups[0].rules;
}

/** What promtool says of one alert. @throws CommandError where it is otherwise than expected */
async function promtoolTest(
  alertname: string,
  series: Record<string, string>,
  expected: Expected,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "helm-locker-alerts-"));
  try {
    const file = join(folder, "test.yaml");
    const input_series = Object.entries(series).map(([name, values]) => ({
      series: `helm_locker_${name}`,
      values,
    }));
    const alert_rule_test = expected.map(([eval_time, exp_alerts]) => ({ eval_time, alertname, exp_alerts }));
    const tests = [{ interval: "1m", input_series, alert_rule_test }];
    await writeFile(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: "1m", tests }));
    return await promtool("test", "rules", file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function promtool(...args: string[]): Promise<string> {
  return run(join(await prometheusTools(), "promtool"), args, { env: process.env });
}
