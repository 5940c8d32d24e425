import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { collection, configMap, configMapPath, type Body } from "../../hack/lib/objects";
import { helmRelease, register, untilStatus } from "../../hack/locker/helm-release";
import { helms, installWith } from "../support/both-helms";
import { deployment, writeChart, type Chart } from "../support/chart";
import { command } from "../support/command";
import { NAMESPACE, Room } from "../support/room";

const webPath = `${collection("apps/v1", "deployments", NAMESPACE)}/web`;

const keel = { name: "keel", annotations: { "keel.sh/policy": "major" } };

const chart: Chart = {
  templates: {
    web: deployment("web", {}, { replicas: 2, minReadySeconds: 3 }),
    images: { ...deployment("keel"), metadata: keel },
    settings: configMap("settings", { color: "blue", level: "info" }),
    filled: configMap("filled", {}),
    missing: configMap("missing", { a: "1" }),
  },
};

const autoscaler = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "web" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    minReplicas: 1,
    maxReplicas: 9,
  },
};

const ignore = [{ paths: ["/data/none"] }, { paths: ["/data/level"], target: { kind: "ConfigMap" } }];

/** One change for each verdict. */
async function change(room: Room): Promise<void> {
  const edit = (path: string, manager: string, body: Body) =>
    room.api.edit(`${path}?fieldManager=${manager}`, body);
  await room.api.create(collection("autoscaling/v2", "horizontalpodautoscalers", NAMESPACE), autoscaler);
  await edit(`${webPath}/scale`, "scaler", { spec: { replicas: 5 } });
  await edit(webPath, "hand", {
    spec: { minReadySeconds: 4, paused: true },
    metadata: { labels: { mine: "1" } },
  });
  await edit(`${webPath}/status`, "operator", { status: { observedGeneration: 1 } });
  await edit(webPath, "operator", { spec: { progressDeadlineSeconds: 700 } });
  const image = { spec: { template: { spec: { containers: [{ name: "web", image: "nginx:9" }] } } } };
  await room.kubectl("patch", "deployment/keel", "--field-manager=keel", "-p", JSON.stringify(image));
  await edit(configMapPath(NAMESPACE, "settings"), "hand", { data: { level: "debug", extra: "1" } });
  await edit(configMapPath(NAMESPACE, "filled"), "filler", { data: { a: "1" } });
  await room.api.delete(configMapPath(NAMESPACE, "missing"));
}

/** Without what is of this run. */
function golden(text: string): string {
  return text.replaceAll(/ {3}\d+[smhd]$/gm, "   AGE").replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME");
}

const planRow = z.object({
  object: z.object({ kind: z.string(), name: z.string() }),
  field: z.string().optional(),
  verdict: z.string(),
});

const EXPLAINED: Record<string, { stdout: string; stderr: string }> = {
  "deploy/web": {
    stdout: `FIELD                                                   CHART        LIVE         VERDICT                                             LAST WRITER   WHEN
/spec/minReadySeconds                                   3            4            goes back                                           hand          AGE
/spec/paused                                            -            true         goes back                                           hand          AGE
/spec/selector/matchLabels/app                          web          web          locked                                              helm          AGE
/spec/template/metadata/labels/app                      web          web          locked                                              helm          AGE
/spec/template/…/containers/[web]/name                  web          web          locked                                              helm          AGE
/spec/template/…/containers/[web]/image                 nginx:1.27   nginx:1.27   locked                                              helm          AGE
/spec/replicas                                          2            5            tolerated: an autoscaler sets it                    scaler        -
/metadata/labels/app.kubernetes.io~1managed-by          Helm         Helm         locked                                              helm          AGE
/metadata/annotations/meta.helm.sh~1release-name        web          web          locked                                              helm          AGE
/metadata/annotations/meta.helm.sh~1release-namespace   shop         shop         locked                                              helm          AGE
/metadata/labels/mine                                   -            "1"          tolerated: labels and annotations are everybody's   hand          AGE
/spec/progressDeadlineSeconds                           -            700          tolerated: a controller of the object added it      operator      AGE
`,
    stderr: `Deployment shop/web is in the record of release shop/web, revision 1, and names this release, which holds it. HelmRelease web locks it in mode warn: it tells of what goes back and of what is created, and writes nothing.
`,
  },
  "deploy/keel": {
    stdout: `FIELD                                                   CHART        LIVE      VERDICT                   LAST WRITER   WHEN
/spec/selector/matchLabels/app                          keel         keel      locked                    helm          AGE
/spec/template/metadata/labels/app                      keel         keel      locked                    helm          AGE
/spec/template/…/containers/[web]/name                  web          web       locked                    helm          AGE
/spec/template/…/containers/[web]/image                 nginx:1.27   nginx:9   tolerated: Keel: images   keel          AGE
/metadata/annotations/keel.sh~1policy                   major        major     locked                    helm          AGE
/metadata/annotations/meta.helm.sh~1release-name        web          web       locked                    helm          AGE
/metadata/annotations/meta.helm.sh~1release-namespace   shop         shop      locked                    helm          AGE
/metadata/labels/app.kubernetes.io~1managed-by          Helm         Helm      locked                    helm          AGE
`,
    stderr: `Deployment shop/keel is in the record of release shop/web, revision 1, and names this release, which holds it. HelmRelease web locks it in mode warn: it tells of what goes back and of what is created, and writes nothing.
`,
  },
  "cm/settings": {
    stdout: `FIELD                                                   CHART   LIVE    VERDICT                                  LAST WRITER   WHEN
/data/extra                                             -       "1"     goes back                                hand          AGE
/data/color                                             blue    blue    locked                                   helm          AGE
/data/level                                             info    debug   ignored: spec.driftDetection.ignore[1]   hand          AGE
/metadata/labels/app.kubernetes.io~1managed-by          Helm    Helm    locked                                   helm          AGE
/metadata/annotations/meta.helm.sh~1release-name        web     web     locked                                   helm          AGE
/metadata/annotations/meta.helm.sh~1release-namespace   shop    shop    locked                                   helm          AGE
`,
    stderr: `ConfigMap shop/settings is in the record of release shop/web, revision 1, and names this release, which holds it. HelmRelease web locks it in mode warn: it tells of what goes back and of what is created, and writes nothing.
`,
  },
  "cm/filled": {
    stdout: `FIELD                                                   CHART   LIVE   VERDICT                       LAST WRITER   WHEN
/metadata/labels/app.kubernetes.io~1managed-by          Helm    Helm   locked                        helm          AGE
/metadata/annotations/meta.helm.sh~1release-name        web     web    locked                        helm          AGE
/metadata/annotations/meta.helm.sh~1release-namespace   shop    shop   locked                        helm          AGE
/data/a                                                 -       "1"    left to others by the chart   filler        AGE
`,
    stderr: `ConfigMap shop/filled is in the record of release shop/web, revision 1, and names this release, which holds it. HelmRelease web locks it in mode warn: it tells of what goes back and of what is created, and writes nothing.
`,
  },
  "cm/missing": {
    stdout: "",
    stderr: `ConfigMap shop/missing is in the record of release shop/web, revision 1, and is missing: to be created. HelmRelease web locks it in mode warn: it tells of what goes back and of what is created, and writes nothing.
`,
  },
};

const PLAN = {
  stdout: `OBJECT               FIELD                                     CHART        LIVE      BY         PLAN
ConfigMap filled     /data/a                                   -            "1"       filler     left to others by the chart
ConfigMap missing                                                                     -          to be created
ConfigMap settings   /data/extra                               -            "1"       hand       goes back
ConfigMap settings   /data/level                               info         debug     hand       ignored: spec.driftDetection.ignore[1]
Deployment keel      /spec/template/…/containers/[web]/image   nginx:1.27   nginx:9   keel       tolerated: Keel: images
Deployment web       /spec/minReadySeconds                     3            4         hand       goes back
Deployment web       /spec/paused                              -            true      hand       goes back
Deployment web       /spec/replicas                            2            5         scaler     tolerated: an autoscaler sets it
Deployment web       /spec/progressDeadlineSeconds             -            700       operator   tolerated: a controller of the object added it
`,
  stderr: `HelmRelease web, which locks shop/web, does this in mode warn: it tells of what goes back and of what is created, and writes nothing.
3 to put back, 1 to create, 5 to leave.
But spec.driftDetection.ignore[0].paths[0] is about no field of the chart, only about what others may add.
ServiceAccount pepr-system/pepr-helm-locker has every right that this takes.
`,
};

const TWO = `ConfigMap shop/settings is in the record of release shop/other, revision 1, and names this release, which holds it. No HelmRelease locks it: this is what a lock would do.
ConfigMap shop/settings is in the record of release shop/web, revision 1, which does not hold it: it belongs to release shop/other, which tracks it, too.
`;

for (const helm of helms) {
  describe(`of a release of ${helm}`, () => {
    let room: Room;
    const run = (...args: string[]) => command(room.controlPlane, ...args);
    before(async () => {
      room = await Room.open();
      await installWith(room, helm, chart);
      await register(room, helmRelease("web", { spec: { driftDetection: { mode: "warn", ignore } } }));
      await untilStatus(room, "web", ({ mode }) => mode === "warn");
      await change(room);
    });
    after(() => room.close());

    for (const [what, lines] of Object.entries(EXPLAINED))
      it(`explain says of each field what becomes of it, why, and who wrote it: ${what}`, async () => {
        const { stdout, stderr, code } = await run("explain", what, "-n", NAMESPACE);
        assert.equal(golden(stdout), lines.stdout);
        assert.equal(golden(stderr), lines.stderr);
        assert.equal(code, 0);
      });

    it("explain takes a kind as kubectl does", async () => {
      const [first, ...others] = await Promise.all(
        [
          "deployment/web",
          "deploy/web",
          "deployments.apps/web",
          "deployments.v1.apps/web",
          "Deployment/web",
          "deployments/web",
        ].map(name => run("explain", name, "-n", NAMESPACE, "-o", "json")),
      );
      const apart = await run("explain", "deploy", "web", "-n", NAMESPACE, "-o", "json");
      assert.match(first?.stdout ?? "", /^\{"release":/);
      for (const other of [...others, apart]) assert.deepEqual(other, first);
    });

    it("explain says what it knows nothing of", async () => {
      const cases = {
        "cm/nothing": `there is no ConfigMap nothing in namespace ${NAMESPACE}, and no release tracks one`,
        "hpa/web": `HorizontalPodAutoscaler web in namespace ${NAMESPACE} is no Helm release's: no record tracks it`,
        "deplyment/web": `the server has no kind "deplyment"; did you mean "deployment"?`,
        web: `"web" names no object: write KIND/NAME, or KIND NAME`,
      };
      for (const [name, message] of Object.entries(cases)) {
        const { stdout, stderr, code } = await run("explain", name, "-n", NAMESPACE);
        assert.deepEqual({ stdout, stderr, code }, { stdout: "", stderr: `error: ${message}\n`, code: 1 });
      }
    });

    it("plan says what a lock would do, by the policy of the HelmRelease", async () => {
      const { stdout, stderr, code } = await run("plan", "web", "-n", NAMESPACE);
      assert.equal(stdout, PLAN.stdout);
      assert.equal(stderr, PLAN.stderr);
      assert.equal(code, 0);
    });

    it("plan finds the same drift as the locker, which only tells of it", async () => {
      const { drift } = await untilStatus(room, "web", status => status.drift.length === 3);
      const { stdout } = await run("plan", "web", "-n", NAMESPACE, "-o", "json");
      const rows = stdout
        .trim()
        .split("\n")
        .map(line => planRow.parse(JSON.parse(line)));
      const off = rows.filter(({ verdict }) => verdict === "goes back" || verdict === "to be created");
      const told = drift.flatMap(({ object, fields }) =>
        (fields.length > 0 ? fields : [""]).map(field => `${object} ${field}`),
      );
      assert.deepEqual(
        off.map(({ object, field = "" }) => `${object.kind} ${NAMESPACE}/${object.name} ${field}`).sort(),
        told.sort(),
      );
    });

    it("plan tries a policy that no HelmRelease has", async () => {
      const file = join(room.controlPlane.directory, "policy.yaml");
      await writeFile(file, "driftDetection: { additions: Keep, knownControllers: false }\n");
      const { stdout, stderr } = await run("plan", "web", "-n", NAMESPACE, "-f", file);
      assert.match(stderr, /^A lock of shop\/web does this\.\n/);
      assert.match(stdout, /^ConfigMap settings +\/data\/level +info +debug +hand +goes back$/m);
      assert.match(
        stdout,
        /^ConfigMap settings +\/data\/extra +- +"1" +hand +tolerated: additions is Keep$/m,
      );
      assert.match(stdout, /^Deployment keel .*\/image +nginx:1.27 +nginx:9 +keel +goes back$/m);
      await writeFile(file, "suspend: false\n");
      const kept = await run("plan", "web", "-n", NAMESPACE, "-f", file);
      assert.match(kept.stderr, /^A lock of shop\/web does this in mode warn: /);
      assert.match(
        kept.stdout,
        /^ConfigMap settings +\/data\/level .* ignored: spec\.driftDetection\.ignore\[1\]$/m,
      );
      const off = await run("plan", "web", "-n", NAMESPACE, "--mode", "disabled");
      assert.match(off.stderr, /^A lock of shop\/web does this in mode disabled: it does nothing,/);
    });

    it("plan names the rights that the operator lacks, and who they are asked for", async () => {
      await room.kubectl("create", "serviceaccount", "nobody");
      const named = await run("plan", "web", "-n", NAMESPACE, "--service-account", `${NAMESPACE}/nobody`);
      assert.match(
        named.stderr,
        /^ServiceAccount shop\/nobody may not get, list, watch, create, patch, delete configmaps\. To allow it, give ServiceAccount shop\/nobody the rule \{"apiGroups":\[""\],"resources":\["configmaps"\],/m,
      );
    });

    it("explain says which of two releases has an object, and why", async () => {
      const shared: Chart = { templates: { settings: configMap("settings", { color: "red" }) } };
      const folder = await writeChart(room.controlPlane.directory, "other", shared);
      const take = ["upgrade", "--install", "other", folder, "-n", NAMESPACE, "--take-ownership"];
      await room.controlPlane[helm]([...take, ...(helm === "helm4" ? ["--force-conflicts"] : [])]);
      const { stderr } = await run("explain", "cm/settings", "-n", NAMESPACE);
      assert.equal(stderr, TWO);
    });
  });
}
