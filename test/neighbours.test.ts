import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { AuditEvent } from "../hack/clusters/control-plane/audit";
import { collection, configMap, configMapPath, content, dataOf, type Body } from "../hack/lib/objects";
import { hasProblems, helmRelease, isLocked, lock, register } from "../hack/locker/helm-release";
import { payloadOf } from "../hack/locker/release-record";
import { helms, installWith } from "./support/both-helms";
import {
  becomes,
  byPatch,
  isContent,
  isReverted,
  openLocked,
  postSentinel,
  sentinelReverted,
  stands,
  staysAway,
} from "./support/changes";
import type { Chart } from "./support/chart";
import { define, definition } from "./support/definitions";
import { forge } from "./support/forged";
import { claims, nameOf, storeRecord, takeOver, tracking, type Release } from "./support/rivals";
import { NAMESPACE, Room } from "./support/room";

const RBAC = "rbac.authorization.k8s.io/v1";
const OPENSHIFT = "authorization.openshift.io";
const MALLORY = "mallory";
const NAME = "meta.helm.sh/release-name";
const NAMESPACE_KEY = "meta.helm.sh/release-namespace";
const KEEP = { "helm.sh/resource-policy": "keep" };

function rulesOn(resource: string): Body {
  return { rules: [{ apiGroups: [""], resources: [resource], verbs: ["get"] }] };
}

/** One object for each reach: of the namespace, with rights in it, and of the cluster. */
function objects(of: string, resource = "configmaps"): Body[] {
  const metadata = { namespace: NAMESPACE, annotations: KEEP };
  const role = { apiVersion: RBAC, metadata: { name: "reader", ...metadata }, ...rulesOn(resource) };
  return [
    configMap("settings", { of }, metadata),
    { ...role, kind: "Role" },
    { ...role, kind: "ClusterRole", metadata: { name: "web-reader", annotations: KEEP } },
  ];
}

function chartOf(of: string, resource?: string): Chart {
  return { templates: Object.fromEntries(objects(of, resource).map((body, index) => [`t${index}`, body])) };
}

const settings = configMapPath(NAMESPACE, "settings");

/** Where the objects are, and a change of each. */
const reaches: Record<string, [path: string, change: Body]> = {
  "an object of the namespace": [settings, { data: { of: "mallory" } }],
  "a Role": [`${collection(RBAC, "roles", NAMESPACE)}/reader`, rulesOn("secrets")],
  "a ClusterRole": [`${collection(RBAC, "clusterroles")}/web-reader`, rulesOn("secrets")],
};

/** Shows that the lock has seen every object as its release's: until its kinds are listed, it has not. */
async function areSeen(room: Room): Promise<void> {
  for (const [path, change] of Object.values(reaches))
    await isReverted(room, path, byPatch(room, path, change));
}

describe("names on objects that no release can have", () => {
  let room: Room;
  before(async () => {
    room = await openLocked({ templates: { settings: configMap("settings", { of: "web" }) } });
  });
  after(() => room.close());

  const impossible: Record<string, Body> = {
    "with a blank": { [NAME]: "no such!" },
    "of 54 characters": { [NAME]: "a".repeat(54) },
    "of 64 characters": { [NAME]: "a".repeat(64) },
    "of 100,000 characters": { [NAME]: "a".repeat(100_000) },
    "that are a path": { [NAME]: "../../../secrets" },
    "that are two selectors": { [NAME]: "x,owner!=helm" },
    "that are empty": { [NAME]: "" },
    "with capitals": { [NAME]: "Web" },
    "in another script": { [NAME]: "сеть" },
    "in a namespace with a slash": { [NAMESPACE_KEY]: "a/b" },
    "in a namespace that leads elsewhere": { [NAMESPACE_KEY]: ".." },
    "in a namespace of 64 characters": { [NAMESPACE_KEY]: "a".repeat(64) },
    "in a namespace with a query": { [NAME]: "x", [NAMESPACE_KEY]: "shop?watch=true&x=" },
  };
  for (const [what, annotations] of Object.entries(impossible)) {
    it(`unlock nothing: names ${what}`, async () => {
      const body = { data: { of: "mallory" }, metadata: { annotations } };
      await isReverted(room, settings, byPatch(room, settings, body));
      await isLocked(room, "web");
    });
  }

  it("unlock nothing that was given one while no locker ran", async () => {
    const before = content(await room.api.read(settings));
    await room.locker.stop();
    await room.api.edit(settings, {
      data: { of: "mallory" },
      metadata: { annotations: { [NAME]: "no such!" } },
    });
    await room.startLocker();
    await isContent(room, settings, before);
    await isLocked(room, "web");
  });
});

describe("records of neighbours", () => {
  let room: Room;
  before(async () => {
    room = await openLocked(chartOf("web"), async ({ controlPlane }) => {
      await controlPlane.kubectl(["create", "namespace", MALLORY]);
    });
    await areSeen(room);
  });
  after(() => room.close());

  /** The names of what the locker has read, object by object. */
  async function readBy(isMeant: (ref: NonNullable<AuditEvent["objectRef"]>) => boolean): Promise<string[]> {
    const events = await room.controlPlane.auditLog();
    const reads = events.filter(({ user, verb }) => user.username === room.lockerUser && verb === "get");
    return reads.flatMap(({ objectRef }) => (objectRef && isMeant(objectRef) ? (objectRef.name ?? []) : []));
  }

  const garbage = Buffer.from("garbage");
  const real = (rival: Release) => tracking(rival, objects("mallory"));
  const records: Record<string, [rival: Release, plural: "secrets" | "configmaps", payload: Buffer]> = {
    "a garbage ConfigMap elsewhere": [{ release: "x", namespace: MALLORY }, "configmaps", garbage],
    "a garbage Secret elsewhere": [{ release: "y", namespace: MALLORY }, "secrets", garbage],
    "a garbage Secret in the same namespace": [{ release: "z", namespace: NAMESPACE }, "secrets", garbage],
    "a forged record elsewhere": [
      { release: "forged", namespace: MALLORY },
      "configmaps",
      real({ release: "forged", namespace: MALLORY }),
    ],
  };
  for (const [what, [rival, plural, payload]] of Object.entries(records)) {
    it(`unlock nothing: ${what}`, async () => {
      await storeRecord(room, rival, plural, payload);
      for (const [path, change] of Object.values(reaches)) {
        await isReverted(room, path, claims(room, path, rival, change));
      }
      await isLocked(room, "web");
    });
  }

  it("unlock nothing where kubectl has written the name: even of a release of the same namespace that has the object, too", async () => {
    const rival = { release: "near", namespace: NAMESPACE };
    await storeRecord(room, rival, "secrets", tracking(rival, objects("near")));
    for (const [path, change] of Object.values(reaches)) {
      const body = { ...change, metadata: { annotations: nameOf(rival) } };
      await isReverted(room, path, byPatch(room, `${path}?fieldManager=kubectl-annotate`, body));
    }
    await isLocked(room, "web");
  });

  it("are not read at all from elsewhere, and from the same namespace without delay for other releases", async () => {
    const count = 30;
    const names = Array.from({ length: count }, (_, index) => `part-${index}`);
    const parts = names.map((name): [string, Body] => [name, configMap(name, { of: "parts" })]);
    await room.install("parts", { templates: Object.fromEntries(parts) });
    await lock(room, "parts");
    const documents = Array.from({ length: 5_000 }, (_, index) =>
      configMap(`d-${index}`, { a: "1", b: "2" }),
    );
    for (const namespace of [MALLORY, NAMESPACE]) {
      const rival = { release: "burner", namespace };
      await storeRecord(room, rival, "secrets", tracking(rival, documents));
      const before = await Promise.all(names.map(name => room.api.read(configMapPath(NAMESPACE, name))));
      for (const name of names) {
        await claims(room, configMapPath(NAMESPACE, name), rival, { data: { of: "burner" } })();
      }
      for (let round = 0; round < 5; round++) {
        await isReverted(room, settings, byPatch(room, settings, { data: { of: `hand ${round}` } }));
      }
      for (const [index, name] of names.entries()) {
        const path = configMapPath(NAMESPACE, name);
        await isContent(room, path, content(before[index] ?? (await room.api.read(path))), 10_000);
      }
    }
    await sentinelReverted(room);
    await isLocked(room, "parts");
    assert.deepEqual(await readBy(({ namespace }) => namespace === MALLORY), []);
  });

  it("are of no interest to what names them no more", async () => {
    const partsRead = () => readBy(({ name }) => name?.startsWith("part-") === true);
    const before = await partsRead();
    const record = `${collection("v1", "secrets", NAMESPACE)}/sh.helm.release.v1.burner.v1`;
    for (let round = 0; round < 5; round++) {
      await room.api.edit(record, { metadata: { annotations: { round: String(round) } } });
      await sentinelReverted(room);
    }
    assert.deepEqual(await partsRead(), before);
  });
});

for (const helm of helms) {
  describe(`takeovers with ${helm}`, () => {
    let room: Room;
    before(async () => {
      room = await Room.open(postSentinel);
      await room.kubectl("create", "namespace", MALLORY);
      await installWith(room, helm, chartOf("web"));
      await lock(room, "web");
      await areSeen(room);
    });
    after(() => room.close());

    const near = { release: "near", namespace: NAMESPACE };
    const far = { release: "far", namespace: MALLORY };

    /** Waits until every object is as a release has it. */
    async function allAre(of: string, resource: string): Promise<void> {
      for (const [path] of Object.values(reaches)) {
        await becomes(room, path, now => {
          const { rules } = rulesOn(resource);
          const isBody = path === settings ? dataOf(now).of === of : isDeepStrictEqual(now?.rules, rules);
          return isBody && now?.metadata.annotations?.[NAME] === of;
        });
      }
    }

    it("by a release of the same namespace are Helm's to make", async () => {
      await takeOver(room, helm, near, chartOf("near", "services"));
      await allAre("near", "services");
      const said = await hasProblems(room, "web", message => message.includes("shop/near"));
      assert.match(said, /belongs to release shop\/near/);
      await stands(room, settings, byPatch(room, settings, { data: { of: "hand" } }));
    });

    it("end when the other release is uninstalled and keeps the objects", async () => {
      await room.controlPlane[helm](["uninstall", "near", "--namespace", NAMESPACE]);
      await allAre("web", "configmaps");
      await isLocked(room, "web");
    });

    it("by a release of another namespace are undone", async () => {
      await takeOver(room, helm, far, chartOf("far", "services"));
      await allAre("web", "configmaps");
      await isLocked(room, "web");
    });

    it("by a locked release of another namespace are undone, too, and both locks agree whose it is", async () => {
      await register(room, helmRelease("far", far));
      await hasProblems(room, "far", message => message.includes("belongs to release shop/web"));
      await takeOver(room, helm, far, chartOf("far", "endpoints"));
      await allAre("web", "configmaps");
      await isLocked(room, "web");
      await hasProblems(room, "far", message => message.includes("belongs to release shop/web"));
      await isReverted(room, settings, claims(room, settings, far, { data: { of: "far" } }));
    });

    it("by a release of another namespace are Helm's to make where its HelmRelease allows it", async () => {
      const path = "/apis/helm.cattle.io/v1alpha1/namespaces/cattle-helm-system/helmreleases/far";
      await room.api.edit(path, {
        metadata: { annotations: { "helmreleases.cattle.io/allow-create": "true" } },
      });
      await takeOver(room, helm, far, chartOf("far", "services"));
      await allAre("far", "services");
      await isLocked(room, "far");
      await hasProblems(room, "web", message => message.includes("belongs to release mallory/far"));
      await isReverted(room, settings, byPatch(room, settings, { data: { of: "hand" } }));
      assert.equal(dataOf(await room.api.read(settings)).of, "far");
    });

    it("end when the other release is no longer locked and names the first one again", async () => {
      await room.api.delete("/apis/helm.cattle.io/v1alpha1/namespaces/cattle-helm-system/helmreleases/far");
      await takeOver(room, helm, { release: "web", namespace: NAMESPACE }, chartOf("web"));
      await allAre("web", "configmaps");
      await isLocked(room, "web");
    });
  });
}

describe("kinds that only look like others", () => {
  let room: Room;
  before(async () => {
    room = await openLocked({ templates: {} }, async room => {
      await define(room, definition(OPENSHIFT, "RoleBinding"));
      await define(room, definition("example.com", "APIService"));
    });
  });
  after(() => room.close());

  it("are not made from a record alone where they grant rights: OpenShift's RoleBinding", async () => {
    const { release, settings } = await room.installFresh();
    await lock(room, release);
    const binding = { apiVersion: `${OPENSHIFT}/v1`, kind: "RoleBinding", metadata: { name: "taken" } };
    const manifest = [binding, configMap(release, { color: "blue" })].map(body => JSON.stringify(body));
    await forge(room, { release, revision: "2", payload: payloadOf(release, 2, manifest.join("\n---\n")) });
    assert.match(await hasProblems(room, release), /taken.*helmreleases\.cattle\.io\/allow-create=true/);
    await staysAway(room, `${collection(`${OPENSHIFT}/v1`, "rolebindings", NAMESPACE)}/taken`);
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });

  const annotations: Record<string, Body> = {
    "no sign": {},
    "cert-manager's": { "cert-manager.io/inject-ca-from": "shop/web" },
    "OpenShift's": { "service.beta.openshift.io/inject-cabundle": "true" },
  };
  for (const helm of helms) {
    for (const [index, [what, marks]] of Object.entries(annotations).entries()) {
      it(`have no bundle that an injector fills in, with ${what}, installed by ${helm}`, async () => {
        const name = `${helm}-${index}`;
        const metadata = { name, annotations: marks };
        const service = {
          apiVersion: "example.com/v1",
          kind: "APIService",
          metadata,
          spec: { caBundle: "" },
        };
        await installWith(room, helm, { templates: { service } }, name);
        await lock(room, name);
        const path = `${collection("example.com/v1", "apiservices", NAMESPACE)}/${name}`;
        await isReverted(room, path, byPatch(room, path, { spec: { caBundle: "ZXZpbA==" } }));
      });
    }
  }
});
