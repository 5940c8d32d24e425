import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";
import type { Left } from "../kube/path";
import { exemptionOf } from "../policy/exemption";
import { readRules } from "../policy/ignore-rules";
import { withOwnership } from "../release/ownership";
import { decide } from "./decide";
import { adopt } from "./adopt";
import { ignoredIn } from "./ignored";
import { learnFromApply, learnRight, NOTHING_KNOWN, type Known } from "./known";
import { leftIn } from "./left";
import { UNANSWERED, type Operation, type Situation } from "./operation";

const release = { name: "web", namespace: "shop" };

const web = { name: "web", image: "nginx:1.27" };
const proxy = { name: "proxy", image: "envoy:1", resources: { cpu: "1" } };

function deployment(containers: Json[], spec: JsonObject = {}): KubeObject {
  const body = { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...release } };
  return withOwnership(
    { ...body, spec: { replicas: 1, paused: false, ...spec, template: { spec: { containers } } } },
    release,
  );
}

function mapOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function by(manager: string, fields: JsonObject, operation = "Update"): JsonObject {
  return { manager, operation, apiVersion: "apps/v1", fieldsV1: { "f:spec": fields } };
}

/** What somebody owns in the template's containers. */
function inContainers(containers: JsonObject): JsonObject {
  return { "f:template": { "f:spec": { "f:containers": containers } } };
}

function stored(object: KubeObject, ...managedFields: JsonObject[]): KubeObject {
  return { ...object, metadata: { ...object.metadata, uid: "u", resourceVersion: "7", managedFields } };
}

function rulesFor(desired: KubeObject, paths: string[], managers: string[] = []): readonly Left[] {
  return exemptionOf(readRules([{ paths, managedFieldsManagers: managers }]), desired).left;
}

function about(desired: KubeObject, live: KubeObject, more: Partial<Situation> = {}): Situation {
  return {
    ...UNANSWERED,
    release,
    desired,
    observed: { as: "live", at: 0, object: live },
    known: NOTHING_KNOWN,
    isBroughtBack: false,
    manager: "helm",
    isApplicable: true,
    wasSeen: true,
    wasRivals: false,
    isAutoscaled: false,
    knowsControllers: true,
    isFinished: false,
    allowsCreate: false,
    ...more,
  };
}

function specOf(operation: Operation): Json | undefined {
  assert.ok(operation.do === "apply", operation.do);
  return operation.payload.spec;
}

const CONTAINERS = "/spec/template/spec/containers";

/** A container, with everything in it, in the server's order. */
function has(name: string, ...fields: string[]): JsonObject {
  const inside = [...fields, "name"].sort().map((field): [string, Json] => [`f:${field}`, {}]);
  return { [`k:{"name":"${name}"}`]: { ".": {}, ...Object.fromEntries(inside) } };
}

describe("what a rule leaves as it is", () => {
  const desired = deployment([web, proxy]);

  const standing: Record<string, [paths: string[], live: KubeObject]> = {
    "a scalar": [["/spec/replicas"], deployment([web, proxy], { replicas: 5 })],
    "a field that was removed": [[`${CONTAINERS}/[name=web]/image`], deployment([{ name: "web" }, proxy])],
    "a field that was removed with the map that held it": [
      [`${CONTAINERS}/[name=proxy]/resources/cpu`],
      deployment([web, { name: "proxy", image: "envoy:1" }]),
    ],
    "an item in another place": [[`${CONTAINERS}/[name=proxy]`], deployment([proxy, web])],
    "an item that is gone": [[`${CONTAINERS}/[name=proxy]`], deployment([web])],
    "an item that is gone from any place": [[`${CONTAINERS}/*`], deployment([web])],
    "a field of any item": [[`${CONTAINERS}/*/image`], deployment([{ ...web, image: "a" }, proxy])],
    "a field of the item at a position": [
      [`${CONTAINERS}/1/image`],
      deployment([web, { ...proxy, image: "b" }]),
    ],
  };
  for (const [what, [paths, live]] of Object.entries(standing)) {
    it(`is ${what}, and is counted`, () => {
      const rules = rulesFor(desired, paths);
      assert.deepEqual(decide(about(desired, stored(live), { rules })), { do: "none" });
      assert.notEqual(decide(about(desired, stored(live))).do, "none");
      assert.equal(ignoredIn(about(desired, stored(live), { rules }), stored(live)).length, 1);
    });
  }

  it("is in the payload when something else of the object goes back", () => {
    const rules = rulesFor(desired, ["/spec/replicas", `${CONTAINERS}/[name=proxy]/resources`]);
    const live = deployment([{ name: "proxy", image: "envoy:1" }, web], { replicas: 5, paused: true });
    const operation = decide(about(desired, stored(live, by("hand", { "f:replicas": {} })), { rules }));
    const template = { spec: { containers: [web, { name: "proxy", image: "envoy:1" }] } };
    assert.deepEqual(specOf(operation), { replicas: 5, paused: false, template });
    assert.ok("fields" in operation);
    assert.deepEqual(operation.fields, ["/spec/paused", CONTAINERS]);
  });

  it("is of the item that has its place in the manifest, wherever that is", () => {
    const rules = rulesFor(desired, [`${CONTAINERS}/1/tty`]);
    const owner = by("kubectl", inContainers({ 'k:{"name":"proxy"}': { "f:tty": {} } }));
    const live = stored(deployment([{ ...proxy, tty: true }, web]), owner);
    const operation = decide(about(desired, live, { rules }));
    assert.ok(operation.do === "apply");
    assert.deepEqual(operation.fields, [CONTAINERS]);
  });

  it("is no other field that begins with the same letters and a star", () => {
    const rules = rulesFor(desired, ["/spec/repl*"]);
    const live = stored(deployment([web, proxy], { replicas: 5 }));
    assert.equal(decide(about(desired, live, { rules })).do, "apply");
  });

  it("is not what managers named elsewhere have not written", () => {
    const rules = rulesFor(desired, ["/spec/replicas"], ["scaler"]);
    const live = (manager: string) =>
      stored(deployment([web, proxy], { replicas: 5 }), by(manager, { "f:replicas": {} }));
    assert.equal(decide(about(desired, live("scaler"), { rules })).do, "none");
    assert.notEqual(decide(about(desired, live("other"), { rules })).do, "none");
  });

  it("is all that its managers have written or added, and nothing beside", () => {
    const rules = rulesFor(desired, [], ["injector"]);
    const sidecar = { name: "sidecar", image: "x" };
    const owner = by("injector", {
      "f:replicas": {},
      ...inContainers({ ...has("sidecar", "image"), 'k:{"name":"web"}': { "f:image": {} } }),
    });
    const live = (spec: JsonObject) =>
      stored(deployment([{ ...web, image: "mine" }, sidecar, proxy], { replicas: 5, ...spec }), owner);
    assert.deepEqual(decide(about(desired, live({}), { rules })), { do: "none" });
    const containers = [{ ...web, image: "mine" }, sidecar, proxy];
    assert.deepEqual(specOf(decide(about(desired, live({ paused: true }), { rules }))), {
      replicas: 5,
      paused: false,
      template: { spec: { containers } },
    });
  });

  it("does not protect a list item that somebody has added around it", () => {
    const rules = rulesFor(desired, [`${CONTAINERS}/*/resources`]);
    const extra = { name: "extra", image: "x", resources: { cpu: "1" } };
    const owner = by("kubectl", inContainers(has("extra", "image", "resources")));
    const operation = decide(about(desired, stored(deployment([web, proxy, extra]), owner), { rules }));
    assert.ok(operation.do === "take over");
    assert.deepEqual(
      operation.removed.map(({ pointer }) => pointer),
      [`${CONTAINERS}/2`],
    );
  });

  it("stays beside an addition that goes", () => {
    const rules = rulesFor(desired, ["/spec/extra/kept"]);
    const owner = by("kubectl", { "f:extra": { "f:kept": {}, "f:other": {} } });
    const live = deployment([web, proxy], { extra: { kept: 1, other: 2 } });
    const operation = decide(about(desired, stored(live, owner), { rules }));
    assert.ok(operation.do === "remove");
    assert.deepEqual(operation.fields, ["/spec/extra/other"]);
  });

  it("is not stripped where Helm's own apply holds it, and the chart does not", () => {
    const rules = rulesFor(desired, ["/spec/minReadySeconds"]);
    const live = stored(
      deployment([web, proxy], { minReadySeconds: 9, paused: true }),
      by("helm", { "f:minReadySeconds": {} }, "Apply"),
    );
    const payload = specOf(decide(about(desired, live, { rules })));
    assert.deepEqual(payload, { ...mapOf(desired.spec), minReadySeconds: 9 });
  });

  it("is the nodePort of a port that it names, which managedFields know by other keys", () => {
    const service = (port: JsonObject): KubeObject =>
      withOwnership(
        {
          apiVersion: "v1",
          kind: "Service",
          metadata: { ...release },
          spec: { ports: [{ name: "http", port: 80, ...port }] },
        },
        release,
      );
    const key = 'k:{"port":80,"protocol":"TCP"}';
    const owner = { ...by("kubectl", { "f:ports": { [key]: { "f:appProtocol": {} } } }), apiVersion: "v1" };
    const live = stored(service({ protocol: "TCP", appProtocol: "h2c" }), owner);
    const rules = rulesFor(service({}), ["/spec/ports/[name=http]/appProtocol"]);
    assert.deepEqual(decide(about(service({}), live, { rules })), { do: "none" });
    assert.equal(decide(about(service({}), live)).do, "remove");
  });

  it("takes nothing into a payload that is not for a chart to say", () => {
    const live = stored(deployment([web, proxy]), by("kubectl", {}));
    for (const path of ["/metadata", "/*", "/metadata/*"]) {
      const { metadata } = adopt(desired, live, rulesFor(desired, [path]));
      assert.deepEqual(Object.keys(metadata).sort(), Object.keys(desired.metadata).sort(), path);
    }
  });

  it("asks about no autoscaler", () => {
    const owner = { ...by("anybody", { "f:replicas": {} }), subresource: "scale" };
    const live = stored(deployment([web, proxy], { replicas: 5 }), owner);
    const rules = rulesFor(desired, ["/spec/replicas"]);
    assert.equal(decide(about(desired, live, { rules, isAutoscaled: undefined })).do, "none");
    assert.equal(decide(about(desired, live, { isAutoscaled: undefined })).do, "ask");
  });
});

describe("an object that is left as a whole", () => {
  const desired = deployment([web]);
  const whole = { isIgnored: true };
  const because = { is: "ignored" };

  it("stays, whatever was done to it", () => {
    const live = stored(deployment([proxy]));
    assert.deepEqual(decide(about(desired, live, whole)), { do: "none", because });
    const dying = { ...live, metadata: { ...live.metadata, deletionTimestamp: "now", finalizers: ["a"] } };
    assert.deepEqual(decide(about(desired, dying, whole)), { do: "none", because });
  });

  it("stays away once it is deleted", () => {
    const absent = (wasRead: boolean) =>
      decide({ ...about(desired, desired, whole), observed: { as: "absent", at: 0, wasRead } });
    assert.equal(absent(false).do, "observe");
    assert.deepEqual(absent(true), { do: "none", because });
  });
});

describe("additions that are kept", () => {
  const desired = deployment([web], { match: { labels: ["a"] } });
  const sidecar = { name: "sidecar", image: "x" };
  const keeps = { keepsAdditions: true };

  it("are list items, map keys and fields, and stay beside what goes back", () => {
    const owner = by("hand", { "f:minReadySeconds": {}, ...inContainers(has("sidecar", "image")) });
    const live = (spec: JsonObject) =>
      stored(deployment([sidecar, web], { match: { labels: ["a"] }, minReadySeconds: 9, ...spec }), owner);
    assert.deepEqual(decide(about(desired, live({}), keeps)), { do: "none" });
    assert.notEqual(decide(about(desired, live({}))).do, "none");
    assert.equal(ignoredIn(about(desired, live({}), keeps), live({})).length, 2);
    assert.deepEqual(specOf(decide(about(desired, live({ paused: true }), keeps))), {
      replicas: 1,
      paused: false,
      match: { labels: ["a"] },
      template: { spec: { containers: [sidecar, web] } },
    });
  });

  it("are none inside a list or map with one owner", () => {
    const live = (match: JsonObject) => stored(deployment([web], { match }), by("hand", { "f:match": {} }));
    for (const match of [{ labels: ["a", "b"] }, { labels: ["a"], more: 1 }])
      assert.notEqual(decide(about(desired, live(match), { ...keeps, isAsked: true })).do, "none");
  });

  it("are none that steer Helm", () => {
    const owner = {
      ...by("hand", {}),
      fieldsV1: { "f:metadata": { "f:annotations": { "f:helm.sh/resource-policy": {} } } },
    };
    const live = stored(desired, owner);
    const annotations = { ...mapOf(live.metadata.annotations), "helm.sh/resource-policy": "keep" };
    const steered = { ...live, metadata: { ...live.metadata, annotations } };
    assert.equal(decide(about(desired, steered, keeps)).do, "remove");
  });

  it("are drift once they are kept no more, also without managedFields", () => {
    const kept = deployment([web, sidecar], { match: { labels: ["a"] }, minReadySeconds: 9 });
    const owner = by("hand", { "f:minReadySeconds": {}, ...inContainers(has("sidecar", "image")) });
    for (const live of [
      stored(kept, owner),
      stored(deployment([web], { ...mapOf(desired.spec), minReadySeconds: 9 })),
    ]) {
      const known = learned(desired, live, keeps);
      assert.deepEqual(decide(about(desired, live, { ...keeps, known })), { do: "none", isAsItWas: true });
      assert.notEqual(decide(about(desired, live, { known })).do, "none");
    }
  });
});

describe("what was learned under another policy", () => {
  const desired = deployment([web]);
  const live = stored(
    deployment([web], { replicas: 5, extra: { a: 1 } }),
    by("hand", { "f:replicas": {}, "f:extra": { "f:a": {} } }),
  );

  it("hides nothing that a rule has left", () => {
    const rules = rulesFor(desired, ["/spec/replicas", "/spec/extra"]);
    const known = learned(desired, live, { rules });
    assert.equal(decide(about(desired, live, { rules, known })).do, "none");
    const next = decide(about(desired, live, { known }));
    assert.ok(next.do === "take over");
    assert.deepEqual(next.fields, ["/spec/replicas", "/spec/extra"]);
  });

  it("has a right object asked about once, and not written", () => {
    const known = learned(desired, stored(desired), { rules: rulesFor(desired, ["/spec/paused"]) });
    assert.equal(decide(about(desired, stored(desired), { known })).do, "compare");
  });
});

/** What is known of an object that was found right. */
function learned(desired: KubeObject, live: KubeObject, more: Partial<Situation>): Known {
  const situation = { ...about(desired, live, more), live, isAutoscaled: false };
  const left = leftIn(situation);
  const judging = { desired: adopt(desired, live, left, "helm"), live, manager: "helm", left };
  return learnRight(learnFromApply(NOTHING_KNOWN, judging), judging);
}
