import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, content, type Body } from "../../hack/lib/objects";
import { untilSeen } from "../../hack/lib/patience";
import { ask, lock, untilStatus } from "../../hack/locker/helm-release";
import { helms, installWith } from "../support/both-helms";
import { isContent } from "../support/changes";
import type { Chart } from "../support/chart";
import { command, shownDrift } from "../support/command";
import { rewriteRecord, withDocument } from "../support/record";
import { NAMESPACE, Room } from "../support/room";

const rbac = "rbac.authorization.k8s.io/v1";

function role(name: string): Body {
  const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
  return { apiVersion: rbac, kind: "ClusterRole", metadata: { name }, rules };
}

const templates = {
  settings: configMap("settings", { color: "blue" }),
  gone: role("gone"),
  bare: role("bare"),
};
const chart: Chart = { templates };
/** The same of a release that nobody locks. */
const twin: Chart = {
  templates: { other: configMap("other", { color: "blue" }), away: role("away"), plain: role("plain") },
};

const roles = collection(rbac, "clusterroles");
const settings = configMapPath(NAMESPACE, "settings");

/** Takes every mark of Helm from objects, changes them, and deletes one that no record alone may make. */
async function change({ api }: Room, [map, absent, bare]: readonly [string, string, string]): Promise<void> {
  const marks = {
    labels: null,
    annotations: null,
    managedFields: [{}],
  };
  for (const [path, body] of [
    [map, { data: { color: "red" } }],
    [bare, { rules: [] }],
  ] as const) {
    await api.edit(`${path}?fieldManager=hand`, body);
    await api.edit(`${path}?fieldManager=hand`, { metadata: marks });
  }
  await api.delete(absent);
}

/** What `plan` says of each object: the words after the last gap of each of its rows. */
function planIn(stdout: string): Record<string, string[]> {
  const plan: Record<string, string[]> = {};
  for (const line of stdout.trimEnd().split("\n").slice(1)) {
    const cells = line.split(/ {3,}/);
    (plan[cells[0] ?? ""] ??= []).push(cells.at(-1) ?? "");
  }
  return plan;
}

for (const helm of helms)
  describe(`what the lock of a release of ${helm} remembers`, () => {
    let room: Room;
    /** What the release has, by path. */
    const right = new Map<string, Body>();
    const run = (...args: string[]) => command(room.controlPlane, ...args);
    before(async () => {
      room = await Room.open();
      await installWith(room, helm, chart);
      await installWith(room, helm, twin, "twin");
      await lock(room, "web");
      await ask(room, "web", { suspend: true });
      await untilStatus(room, "web", ({ mode }) => mode === "suspended");
      for (const path of [settings, `${roles}/gone`, `${roles}/bare`])
        right.set(path, content(await room.api.read(path)));
      await change(room, [settings, `${roles}/gone`, `${roles}/bare`]);
      await change(room, [configMapPath(NAMESPACE, "other"), `${roles}/away`, `${roles}/plain`]);
    });
    after(() => room.close());

    it("plan knows: what was the release's stays the release's", async () => {
      const { stdout, code } = await run("plan", "web", "-n", NAMESPACE);
      const plan = planIn(stdout);
      assert.deepEqual(Object.keys(plan).sort(), [
        "ClusterRole bare",
        "ClusterRole gone",
        "ConfigMap settings",
      ]);
      assert.deepEqual(plan["ClusterRole gone"], ["to be created"]);
      for (const name of ["ConfigMap settings", "ClusterRole bare"])
        assert.deepEqual([...new Set(plan[name])], ["goes back"], stdout);
      assert.equal(code, 0);
    });

    it("plan says otherwise of the same where nothing is remembered", async () => {
      const plan = planIn((await run("plan", "twin", "-n", NAMESPACE)).stdout);
      assert.match(plan["ConfigMap other"]?.join() ?? "", /^not locked: it has no mark of Helm/);
      assert.match(plan["ClusterRole plain"]?.join() ?? "", /^not locked: it has no mark of Helm/);
      assert.match(plan["ClusterRole away"]?.join() ?? "", /^not locked: /);
    });

    it("explain and drift know, too", async () => {
      const { stdout, stderr } = await run("explain", "cm/settings", "-n", NAMESPACE);
      assert.match(stdout, /^\/data\/color +blue +red +goes back /m);
      assert.match(stderr, /revision 1, which holds it\. HelmRelease web locks it/);
      const shown = await shownDrift(room, "web", "-n", NAMESPACE);
      assert.deepEqual(
        shown.filter(({ is }) => is !== undefined).map(({ object, is }) => [object.name, is]),
        [["gone", "deleted"]],
      );
      assert.ok(shown.some(({ object, field }) => object.name === "settings" && field === "/data/color"));
    });

    it("is not known to who may not read it, which is said where it may decide", async () => {
      await room.kubectl("create", "serviceaccount", "viewer");
      const resources = ["helmreleases.helm.cattle.io", "secrets", "configmaps", "clusterroles"].join();
      const to = `--serviceaccount=${NAMESPACE}:viewer`;
      await room.kubectl("create", "clusterrole", "viewer", "--verb=get,list", `--resource=${resources}`);
      await room.kubectl("create", "clusterrolebinding", "viewer", "--clusterrole=viewer", to);
      const as = `--as=system:serviceaccount:${NAMESPACE}:viewer`;
      const may = () => room.controlPlane.succeeds("auth", "can-i", "list", "secrets", "-n", NAMESPACE, as);
      await untilSeen(may, "the right to list Secrets");
      const kubeconfig = await room.controlPlane.kubeconfigOf(NAMESPACE, "viewer");
      const denied =
        /^warning: shop\/web: what its lock remembers may decide here, and is not known: .*helmreleasememories/m;
      for (const args of [
        ["plan", "web"],
        ["drift", "web"],
        ["explain", "cm/settings"],
      ])
        assert.match(
          (await command({ kubeconfig }, ...args, "-n", NAMESPACE)).stderr,
          denied,
          args.join(" "),
        );
      const { stderr } = await command({ kubeconfig }, "drift", "twin", "-n", NAMESPACE);
      assert.doesNotMatch(stderr, /remembers/);
    });

    it("is what the lock does once it goes on", async () => {
      await ask(room, "web", { suspend: false });
      for (const [path, object] of right) await isContent(room, path, object);
    });

    it("says of which manifest nobody knows where it comes from", async () => {
      await rewriteRecord(room, "web", withDocument(configMap("extra", { color: "red" })));
      for (const args of [
        ["plan", "web"],
        ["drift", "web"],
      ]) {
        const { stdout, stderr, code } = await run(...args, "-n", NAMESPACE);
        assert.match(stderr, /the manifest in the Secret of revision 1 was changed, which Helm never does/);
        assert.deepEqual([stdout, code], ["", 1]);
      }
    });
  });
