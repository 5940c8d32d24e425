import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { collection, configMap, configMapPath, content, dataOf, type Body } from "../hack/lib/objects";
import { until } from "../hack/lib/watch";
import { hasProblems, helmRelease, isLocked, register } from "../hack/locker/helm-release";
import { becomes, byPatch, isContent, isReverted, openLocked, stands } from "./support/changes";
import { type Chart } from "./support/chart";
import { isUndone, unseen } from "./support/hands";
import { NAMESPACE, type Room } from "./support/room";

const NAME = "meta.helm.sh/release-name";
const NAMESPACE_KEY = "meta.helm.sh/release-namespace";
const LABEL = "app.kubernetes.io/managed-by";

const chart: Chart = {
  templates: {
    settings: configMap("settings", { color: "blue" }),
    page: configMap("page", { title: "Welcome" }),
    login: { apiVersion: "v1", kind: "Secret", metadata: { name: "login" }, stringData: { user: "ann" } },
  },
};

const settings = configMapPath(NAMESPACE, "settings");
const collectionOfMaps = collection("v1", "configmaps", NAMESPACE);

const applied = z.array(z.looseObject({ manager: z.string(), operation: z.string() }));

/** A ConfigMap that several releases contain. */
function shared(name: string, from: string): Body {
  return configMap(name, { from }, { annotations: { "helm.sh/resource-policy": "keep" } });
}

describe("whose the objects are", () => {
  let room: Room;
  before(async () => {
    room = await openLocked(chart);
  });
  after(() => room.close());

  const marks: Record<string, Body> = {
    "another release's name, which does not exist": { annotations: { [NAME]: "x" } },
    "the name of a release that does not track it": { annotations: { [NAME]: "sentinel" } },
    "another namespace": { annotations: { [NAMESPACE_KEY]: "elsewhere" } },
    "the name and the namespace of no release": {
      annotations: { [NAME]: "x", [NAMESPACE_KEY]: "elsewhere" },
    },
    "no name": { annotations: { [NAME]: null } },
    "no label of Helm": { labels: { [LABEL]: null } },
    "another manager's label": { labels: { [LABEL]: "Tiller" } },
    "no mark of Helm at all": {
      labels: { [LABEL]: null },
      annotations: { [NAME]: null, [NAMESPACE_KEY]: null },
    },
    "no mark and no managers": {
      labels: { [LABEL]: null },
      annotations: { [NAME]: null, [NAMESPACE_KEY]: null },
      managedFields: [{}],
    },
  };
  for (const [what, metadata] of Object.entries(marks)) {
    it(`an object that is given ${what} stays locked`, () =>
      isReverted(room, settings, byPatch(room, settings, { metadata, data: { color: "red" } })));
  }

  it("an object that is replaced by one without marks (kubectl replace --force) stays locked", async () => {
    const before = content(await room.api.read(settings));
    const input = JSON.stringify(configMap("settings", { color: "red" }));
    const flags = ["--force", "--namespace", NAMESPACE, "-f", "-"];
    // Otherwise, the locker recreates the object before kubectl does.
    await unseen(room, () => room.controlPlane.kubectl(["replace", ...flags], { input }));
    await isContent(room, settings, before);
  });

  it("kubectl annotate does not change who the locker writes as, not even while no locker runs", async () => {
    const before = content(await room.api.read(settings));
    await room.locker.stop();
    await room.kubectl(
      "annotate",
      "configmap/settings",
      `${NAME}=x`,
      "--overwrite",
      "--field-manager=mallory",
    );
    await room.startLocker();
    await isContent(room, settings, before);
    const { managedFields } = (await room.api.read(settings)).metadata;
    const appliers = applied.parse(managedFields).filter(({ operation }) => operation === "Apply");
    assert.deepEqual(
      appliers.map(({ manager }) => manager),
      ["helm"],
    );
  });

  it("an object of two releases belongs to the one that it names, and the other one's lock says so", async () => {
    const path = configMapPath(NAMESPACE, "shared");
    for (const release of ["one", "two"]) {
      const templates = { shared: shared("shared", release), own: configMap(`${release}-own`, { a: "1" }) };
      await room.install(release, { templates }, "--take-ownership");
      await register(room, helmRelease(release));
    }
    assert.match(await hasProblems(room, "one"), /ConfigMap shop\/shared.*shop\/two/);
    await isLocked(room, "two");
    await isReverted(room, path, byPatch(room, path, { data: { from: "hand" } }));
    assert.deepEqual(dataOf(await room.api.read(path)), { from: "two" });
    const own = configMapPath(NAMESPACE, "one-own");
    await isReverted(room, own, byPatch(room, own, { data: { a: "2" } }));
  });

  it("what the other release leaves behind is the first one's again", async () => {
    await room.helm("uninstall", "two");
    const now = await becomes(room, configMapPath(NAMESPACE, "shared"), now => dataOf(now).from === "one");
    assert.equal(now?.metadata.annotations?.[NAME], "one");
    await isLocked(room, "one");
  });

  it("an object from before Helm marked its own is left alone and reported until Helm stamps it", async () => {
    const old = {
      templates: { old: configMap("old", { color: "blue" }), new: configMap("new", { color: "blue" }) },
    };
    const path = configMapPath(NAMESPACE, "old");
    await room.install("old", old);
    await room.api.delete(path);
    await room.api.create(collectionOfMaps, configMap("old", { color: "blue" }));
    await register(room, helmRelease("old"));
    assert.match(await hasProblems(room, "old"), /ConfigMap shop\/old.*no mark of Helm.*helm upgrade/);
    await stands(room, path, byPatch(room, path, { data: { color: "red" } }));
    await room.install("old", { templates: { ...old.templates, old: configMap("old", { color: "green" }) } });
    await until(room.api, path, now => now?.metadata.annotations?.[NAME] === "old");
    await isLocked(room, "old");
    await isUndone(room, path, byPatch(room, path, { data: { color: "red" } }));
  });
});
