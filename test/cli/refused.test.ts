import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../../hack/lib/objects";
import { helmRelease, helmReleasePath, lock, register, untilStatus } from "../../hack/locker/helm-release";
import { helms, installWith } from "../support/both-helms";
import { deployment, type Chart } from "../support/chart";
import { command, shownDrift } from "../support/command";
import { NAMESPACE, Room } from "../support/room";
import { untilHistory } from "../support/told";

/** A Job that runs nothing. */
function task(image: string, parallelism: number): Body {
  const containers = [
    { name: "web", image },
    { name: "side", image: "nginx:1.27" },
  ];
  const template = { spec: { restartPolicy: "Never", containers } };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "task" },
    spec: { suspend: true, parallelism, template },
  };
}

const jobs = collection("batch/v1", "jobs", NAMESPACE);

const chart: Chart = {
  templates: {
    task: task("nginx:1.27", 1),
    web: deployment("web", {}, { minReadySeconds: 3 }),
    sealed: configMap("sealed", { color: "blue" }),
    settings: configMap("settings", { color: "blue" }),
  },
};

/** Makes the Deployment anew with other immutable fields, as `kubectl replace --force` does, and seals a ConfigMap. */
async function change({ api }: Room): Promise<void> {
  const path = `${collection("apps/v1", "deployments", NAMESPACE)}/web`;
  const { labels, annotations } = (await api.read(path)).metadata;
  const metadata = { name: "web", labels, annotations };
  const { spec } = deployment(
    "other",
    { containers: [{ name: "web", image: "nginx:9" }] },
    { minReadySeconds: 4, paused: true },
  );
  await api.delete(path);
  await api.create(`${collection("apps/v1", "deployments", NAMESPACE)}?fieldManager=hand`, {
    ...deployment("web"),
    metadata,
    spec,
  });
  const job = await api.read(`${jobs}/task`);
  await api.delete(`${jobs}/task?propagationPolicy=Background`);
  const marks = { name: "task", labels: { "app.kubernetes.io/managed-by": "Helm" }, annotations };
  await api.create(`${jobs}?fieldManager=hand`, { ...task("nginx:9", 2), metadata: marks });
  assert.notEqual((await api.read(`${jobs}/task`)).metadata.uid, job.metadata.uid);
  const hand = (name: string) => `${configMapPath(NAMESPACE, name)}?fieldManager=hand`;
  await api.edit(hand("sealed"), { data: { color: "red" }, immutable: true });
  await api.edit(hand("settings"), { data: { color: "red" } });
}

const isImage = (field: string) => field.endsWith("/image");

const REFUSED = "not possible: the API server refuses it";
const TOLERATED = "left to others by the chart";

/** What becomes of each field. */
const PLAN: Record<string, string> = {
  "/spec/selector/matchLabels/app": REFUSED,
  "/spec/template/metadata/labels/app": REFUSED,
  "/spec/template/spec/containers/[name=web]/image": "goes back",
  "/spec/minReadySeconds": "goes back",
  "/spec/paused": "goes back",
  "/spec/replicas": TOLERATED,
  "/data/color": REFUSED,
};

for (const helm of helms)
  describe(`what the API server refuses of a release of ${helm}`, () => {
    let room: Room;
    const run = (...args: string[]) => command(room.controlPlane, ...args);
    const rows = (text: string): Record<string, string> =>
      Object.fromEntries(
        text
          .trimEnd()
          .split("\n")
          .slice(1)
          .map(line => line.split(/ {3,}/))
          .map(cells => [cells.find(cell => cell.startsWith("/")) ?? "", verdictIn(cells)]),
      );
    const verdictIn = (cells: readonly string[]): string =>
      cells.find(cell => [REFUSED, TOLERATED, "goes back"].includes(cell)) ?? "";
    before(async () => {
      room = await Room.open();
      await installWith(room, helm, chart);
      await register(room, helmRelease("web", { spec: { driftDetection: { mode: "warn" } } }));
      await untilStatus(room, "web", ({ mode }) => mode === "warn");
      await change(room);
    });
    after(() => room.close());

    it("plan does not say that it goes back", async () => {
      const { stdout, stderr, code } = await run("plan", "web", "-n", NAMESPACE, "-o", "wide");
      const ofJob = stdout.split("\n").filter(line => line.startsWith("Job "));
      assert.deepEqual(rows(["", ...ofJob].join("\n")), {
        "/spec/template/spec/containers/[name=web]/image": REFUSED,
        "/spec/parallelism": "goes back",
      });
      const ofSettings = /^.*ConfigMap .*settings .*goes back$/m;
      assert.match(stdout, ofSettings);
      assert.deepEqual(
        rows(stdout.replace(new RegExp(`${ofSettings.source}\n`, "m"), "").replaceAll(/^Job .*\n/gm, "")),
        PLAN,
      );
      assert.match(stderr, /^5 to put back, 1 to leave, 4 that stay as they are\.$/m);
      assert.match(stderr, /^Not possible: Deployment shop\/web: .* is invalid: spec\..*selector/m);
      assert.match(stderr, /^Not possible: ConfigMap shop\/sealed: .*immutable/m);
      assert.equal(code, 0);
    });

    it("explain does not say so either", async () => {
      const { stdout, stderr } = await run("explain", "deploy/web", "-n", NAMESPACE, "-o", "wide");
      for (const [field, verdict] of Object.entries(PLAN).slice(0, 5))
        assert.equal(rows(stdout)[field], verdict);
      assert.match(stderr, /^Not possible: Deployment shop\/web: .* is invalid: spec\..*selector/m);
    });

    it("is shown by drift like all else that differs", async () => {
      const { stdout, stderr } = await run("drift", "web", "-n", NAMESPACE, "-o", "wide");
      const fields = Object.keys(PLAN).filter(field => field !== "/spec/replicas");
      for (const field of fields) assert.ok(stdout.includes(` ${field} `), `${field}: ${stdout}`);
      assert.doesNotMatch(stderr, /warning/);
    });

    it("is not asked without dry runs", async () => {
      const { stdout } = await run("plan", "web", "-n", NAMESPACE, "--no-dry-run");
      assert.doesNotMatch(stdout, /refuses/);
    });

    it("is what the locker does not put right", async () => {
      await room.api.edit(helmReleasePath("web"), { spec: { driftDetection: { mode: "enabled" } } });
      await untilStatus(room, "web", ({ conditions }) =>
        conditions.some(({ type, status }) => type === "Ready" && status === "False"),
      );
      const history = await untilHistory(room, "web", entries =>
        entries.some(({ action, fields }) => action === "Reverted" && fields.some(isImage)),
      );
      const reverted = history.filter(({ action }) => action === "Reverted").flatMap(({ fields }) => fields);
      const refused = Object.keys(PLAN).filter(field => PLAN[field] === REFUSED);
      assert.deepEqual(
        reverted.filter(field => refused.includes(field) && field !== "/data/color"),
        [],
      );
    });
  });

for (const helm of helms)
  describe(`what a lock of a release of ${helm} could not put right`, () => {
    let room: Room;
    before(async () => {
      room = await Room.open();
      await installWith(room, helm, {
        templates: { sealed: configMap("sealed", { color: "blue", size: "1" }) },
      });
      await lock(room, "web");
      const change = { data: { color: "red", extra: "1" }, immutable: true };
      await room.api.edit(`${configMapPath(NAMESPACE, "sealed")}?fieldManager=hand`, change);
      await untilHistory(room, "web", ([entry]) => entry?.action === "Blocked");
    });
    after(() => room.close());

    it("is not possible by its plan, and explained as such", async () => {
      for (const args of [
        ["plan", "web"],
        ["explain", "cm/sealed"],
      ]) {
        const { stdout, stderr, code } = await command(room.controlPlane, ...args, "-n", NAMESPACE);
        for (const field of ["/data/color", "/data/extra", "/immutable"])
          assert.match(stdout, new RegExp(`${field} .*${REFUSED}`), `${args.join(" ")}: ${stdout}`);
        assert.match(stderr, /^Not possible: ConfigMap shop\/sealed: .*immutable/m);
        assert.equal(code, 0);
      }
    });

    it("is shown as drift", async () => {
      const shown = await shownDrift(room, "web", "-n", NAMESPACE);
      assert.deepEqual(shown.map(({ field }) => field).sort(), ["/data/color", "/data/extra", "/immutable"]);
    });
  });
