import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, content, type Body } from "../hack/lib/objects";
import { untilSeen } from "../hack/lib/patience";
import { until } from "../hack/lib/watch";
import {
  hasProblems,
  helmRelease,
  helmReleasePath,
  isLocked,
  isUnlocked,
  lock,
  register,
} from "../hack/locker/helm-release";
import { payloadOf } from "../hack/locker/release-record";
import { helms, installWith } from "./support/both-helms";
import { byPatch, isContent, isReverted, openLocked, sentinelReverted, staysAway } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { forge, withdraw } from "./support/forged";
import { memoryPath, remembers, textOf } from "./support/memories";
import { rewriteRecord, withDocument } from "./support/record";
import { NAMESPACE, Room } from "./support/room";

/** How soon everything is back once the locker is ready, in milliseconds. */
const BACK = 5_000;

const FAR = "far";
const RBAC = "rbac.authorization.k8s.io/v1";

const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];

function binding(kind: string, role: string): Body {
  const subjects = [{ kind: "ServiceAccount", name: "default", namespace: NAMESPACE }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: role, name: "reader" };
  return { apiVersion: RBAC, kind, metadata: { name: "reader" }, roleRef, subjects };
}

const service: Body = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "front" },
  spec: { clusterIP: "None", selector: { app: "web" }, ports: [{ name: "http", port: 80 }] },
};

/** What is locked: each object with its path, and what a hand makes of it. */
const locked: Record<string, { object: Body; path: string; edit: Body }> = {
  settings: {
    object: configMap("settings", { color: "blue" }),
    path: configMapPath(NAMESPACE, "settings"),
    edit: { data: { color: "red" } },
  },
  front: {
    object: service,
    path: `${collection("v1", "services", NAMESPACE)}/front`,
    edit: { spec: { selector: { app: "other" } } },
  },
  web: {
    object: deployment("web", {}, { replicas: 2 }),
    path: `${collection("apps/v1", "deployments", NAMESPACE)}/web`,
    edit: { spec: { paused: true } },
  },
  distant: {
    object: configMap("distant", { color: "blue" }, { namespace: FAR }),
    path: configMapPath(FAR, "distant"),
    edit: { data: { color: "red" } },
  },
  urgent: {
    object: {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name: "urgent" },
      value: 7,
    },
    path: `${collection("scheduling.k8s.io/v1", "priorityclasses")}/urgent`,
    edit: { description: "by hand" },
  },
  role: {
    object: { apiVersion: RBAC, kind: "Role", metadata: { name: "reader" }, rules },
    path: `${collection(RBAC, "roles", NAMESPACE)}/reader`,
    edit: { rules: [] },
  },
  roleBinding: {
    object: binding("RoleBinding", "Role"),
    path: `${collection(RBAC, "rolebindings", NAMESPACE)}/reader`,
    edit: { subjects: [] },
  },
  clusterRole: {
    object: { apiVersion: RBAC, kind: "ClusterRole", metadata: { name: "reader" }, rules },
    path: `${collection(RBAC, "clusterroles")}/reader`,
    edit: { rules: [] },
  },
  clusterRoleBinding: {
    object: binding("ClusterRoleBinding", "ClusterRole"),
    path: `${collection(RBAC, "clusterrolebindings")}/reader`,
    edit: { subjects: [] },
  },
};

const all = Object.values(locked);
const chart: Chart = {
  templates: Object.fromEntries(Object.entries(locked).map(([name, { object }]) => [name, object])),
};

for (const helm of helms) {
  describe(`a locker that was away while everything that ${helm} has installed was changed`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;
    const contents: Body[] = [];
    before(async () => {
      room = await Room.open();
      await room.kubectl("create", "namespace", FAR);
      upgrade = await installWith(room, helm, chart);
      await lock(room, "web");
      await remembers(room, "web", all.length);
      for (const { path } of all) contents.push(content(await room.api.read(path)));
    });
    after(() => room.close());

    const ways: Record<string, (object: { object: Body; path: string; edit: Body }) => Promise<unknown>> = {
      deleted: ({ path }) => room.api.delete(path),
      edited: ({ path, edit }) => room.api.edit(path, edit),
      "replaced by hand": async ({ object, path, edit }) => {
        await room.api.delete(path);
        const at = path.slice(0, path.lastIndexOf("/"));
        await room.api.create(at, { ...object, ...(object.kind === "ConfigMap" ? edit : {}) });
      },
    };
    for (const [what, change] of Object.entries(ways)) {
      for (const end of ["stop", "kill"] as const) {
        it(`puts everything back that was ${what}, without being allowed to: ${end}`, async () => {
          await room.locker[end]();
          for (const each of all) await change(each);
          await room.startLocker();
          for (const [index, { path }] of all.entries())
            await isContent(room, path, contents[index] ?? {}, BACK);
          await isLocked(room, "web");
        });
      }
    }

    it("leaves a release that Helm can upgrade", async () => {
      await upgrade();
      await isLocked(room, "web");
    });
  });
}

describe("what the locker remembers of a release", () => {
  const reader = locked.clusterRole?.path ?? "";
  const settings = configMapPath(NAMESPACE, "settings");
  const small: Chart = {
    templates: {
      settings: configMap("settings", { color: "blue" }),
      reader: locked.clusterRole?.object ?? {},
    },
  };
  const manifestOf = (...objects: Body[]): string =>
    objects.map(object => JSON.stringify(object)).join("\n---\n");
  const own = configMap("settings", { color: "blue" });
  const clusterRole = locked.clusterRole?.object ?? {};
  let room: Room;
  let role: Body;

  before(async () => {
    room = await openLocked(small);
    role = content(await room.api.read(reader));
    await remembers(room, "web", 2);
  });
  after(() => room.close());

  /** Stops the locker, deletes the ClusterRole, does more, and starts a locker. */
  async function whileAway(more: () => Promise<unknown>): Promise<void> {
    await room.locker.stop();
    if (await room.api.get(reader)) await room.api.delete(reader);
    await more();
    await room.startLocker();
  }

  /** Helm makes again what the locker has forgotten. */
  async function isKnownAnew(): Promise<void> {
    await room.install("web", small);
    await isContent(room, reader, role);
    await remembers(room, "web", 2);
    await isLocked(room, "web");
  }

  it("gives a record that was forged meanwhile nothing more", async () => {
    const admin = { ...clusterRole, rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] };
    const taken = { ...binding("ClusterRoleBinding", "ClusterRole"), metadata: { name: "taken" } };
    await whileAway(() =>
      forge(room, {
        release: "web",
        revision: "2",
        payload: payloadOf("web", 2, manifestOf(own, admin, taken)),
      }),
    );
    const said = await hasProblems(room, "web");
    assert.match(said, /ClusterRole reader: .*never seen/);
    assert.match(said, /ClusterRoleBinding taken: .*never seen/);
    await staysAway(room, reader);
    await staysAway(room, `${collection(RBAC, "clusterrolebindings")}/taken`);
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });

  it("is there again when the forged record is gone, also after another restart", async () => {
    await whileAway(() => withdraw(room, "web", 2));
    await isContent(room, reader, role, BACK);
    await isLocked(room, "web");
  });

  it("counts for a new revision that Helm made meanwhile", async () => {
    const green = { ...small.templates, settings: configMap("settings", { color: "green" }) };
    await whileAway(async () => {
      await room.install("web", { templates: green });
      await room.api.delete(reader);
    });
    await isContent(room, reader, role, BACK);
    await isLocked(room, "web");
    await isKnownAnew();
  });

  it("counts for what Helm has made of it under the eyes of the locker", async () => {
    const other = { ...clusterRole, rules: [{ apiGroups: [""], resources: ["services"], verbs: ["get"] }] };
    await room.install("web", { templates: { ...small.templates, reader: other } });
    await sentinelReverted(room);
    const upgraded = content(await room.api.read(reader));
    await whileAway(() => Promise.resolve());
    await isContent(room, reader, upgraded, BACK);
    await isKnownAnew();
  });

  it("shows that a record's manifest was changed meanwhile", async () => {
    await room.install("other", { templates: { other: configMap("other", { color: "blue" }) } });
    await lock(room, "other");
    await remembers(room, "other", 1);
    await whileAway(() => rewriteRecord(room, "other", withDocument(configMap("extra", {}))));
    const { conditions } = await isUnlocked(room, "other", "Error", "RecordError");
    assert.match(conditions.map(({ message }) => message).join(), /manifest.*was changed/);
    await staysAway(room, configMapPath(NAMESPACE, "extra"));
    await isContent(room, reader, role, BACK);
  });

  const useless: Record<string, () => Promise<unknown>> = {
    "is lost": () => room.api.delete(memoryPath("web")),
    "is cut short": async () => {
      const objects = textOf(await room.api.read(memoryPath("web")));
      await room.api.edit(memoryPath("web"), { spec: { objects: objects.slice(0, 44) } });
    },
    "is another release's": async () => {
      const { spec } = await room.api.read(memoryPath("other"));
      await room.api.edit(memoryPath("web"), { spec });
    },
    "was edited": () => room.api.edit(memoryPath("web"), { spec: { manager: "mallory" } }),
    "is of another form": () => room.api.edit(memoryPath("web"), { spec: { form: 2 } }),
    "is empty": () => room.api.edit(memoryPath("web"), { spec: null }),
    "is a HelmRelease's that was deleted": async () => {
      await room.api.delete(helmReleasePath("web"));
      await register(room, helmRelease("web"));
    },
  };
  for (const [what, change] of Object.entries(useless)) {
    it(`is worth nothing if it ${what}: as if the release was new`, async () => {
      await whileAway(change);
      assert.match(await hasProblems(room, "web"), /ClusterRole reader: .*never seen/);
      await staysAway(room, reader);
      await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
      await isKnownAnew();
    });
  }

  it("goes with its HelmRelease, and stays with another one of the release", async () => {
    await room.controlPlane.startControllers();
    await lock(room, "second", { release: "web" });
    await remembers(room, "second", 2);
    await room.api.delete(helmReleasePath("web"));
    await until(room.api, memoryPath("web"), memory => memory === undefined);
    await whileAway(() => Promise.resolve());
    await isContent(room, reader, role, BACK);
    await register(room, helmRelease("web"));
    await remembers(room, "web", 2);
  });

  it("may be written by nobody who may write everything else in the registration namespace", async () => {
    const namespace = "cattle-helm-system";
    await room.controlPlane.kubectl([
      "create",
      "rolebinding",
      "ops",
      "--clusterrole=admin",
      "--user=ops",
      "-n",
      namespace,
    ]);
    const may = async (verb: string, resource: string): Promise<string> => {
      const question = ["auth", "can-i", verb, resource, "--as=ops", `--namespace=${namespace}`];
      return (await room.controlPlane.kubectl(question).catch(() => "no")).trim();
    };
    // A controller puts the role together.
    await untilSeen(async () => (await may("create", "secrets")) === "yes", "the role admin");
    for (const verb of ["create", "update", "patch", "delete"])
      assert.equal(await may(verb, "helmreleasememories.helm.cattle.io"), "no");
  });

  it("is not written for reverts, nor at a start that finds it right", async () => {
    const writes = async (): Promise<number> =>
      (await room.controlPlane.auditLog()).filter(
        ({ verb, objectRef }) => verb === "patch" && objectRef?.resource === "helmreleasememories",
      ).length;
    const before = await writes();
    for (const color of ["red", "green", "black"])
      await isReverted(room, settings, byPatch(room, settings, { data: { color } }));
    await room.locker.stop();
    assert.equal(await writes(), before);
    await room.startLocker();
    await sentinelReverted(room);
    await room.locker.stop();
    assert.equal(await writes(), before);
    await room.startLocker();
  });
});
