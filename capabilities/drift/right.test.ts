import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import type { Judging } from "./additions";
import type { Left } from "../kube/path";
import { parsePath } from "../kube/path-text";
import { astray, bringingBack, makingAnew, rightnessOf, withOthers } from "./right";

function tool(spec: JsonObject, managedFields: Json[] = []): KubeObject {
  return {
    apiVersion: "tools.example.com/v1",
    kind: "Tool",
    metadata: { name: "hammer", resourceVersion: "7", managedFields },
    spec,
    status: { phase: "Ready" },
  };
}

const desired = tool({ steps: [{ name: "a" }] });
const made = { steps: [{ name: "a", retry: { limit: 3 } }] };

const judging = (live: KubeObject): Judging => ({ desired, live, manager: "helm", left: [] });

const entry = (fieldsV1: JsonObject, subresource?: string): JsonObject => ({
  manager: "tool-controller",
  operation: "Update",
  apiVersion: "tools.example.com/v1",
  fieldsV1,
  ...(subresource === undefined ? {} : { subresource }),
});

/** The entries of a controller that has written the status, and a field of the spec. */
const controller = [
  entry({ "f:status": { "f:phase": {} } }, "status"),
  entry({ "f:spec": { "f:assigned": { "f:node": {} } } }),
];

/** Left to others where the chart says nothing. */
const claim: Left = {
  path: parsePath("/spec/claim"),
  origin: { is: "chart" },
  onlyEmpty: true,
  manifest: desired,
};

describe("rightnessOf", () => {
  const right = rightnessOf(judging(tool(made)));

  it("tells when a default was changed inside, or is gone", () => {
    for (const retry of [{ limit: 5 }, {}])
      assert.notEqual(rightnessOf(judging(tool({ steps: [{ name: "a", retry }] }))), right);
  });

  it("tells lists inside lists apart", () => {
    const [one, other] = [[["a"]], [[], ["a"]]].map(list => rightnessOf(judging(tool({ list }))));
    assert.notEqual(one, other);
  });

  it("is the same whatever the status, the metadata and the order of keys", () => {
    const { apiVersion, kind, spec } = tool(made);
    const other = { spec: spec ?? null, kind, apiVersion, metadata: { name: "hammer", labels: { a: "b" } } };
    assert.equal(rightnessOf(judging(other)), right);
  });

  it("is the same whatever a controller of the object adds", () => {
    const live = tool({ ...made, assigned: { node: "n1" } }, controller);
    assert.equal(rightnessOf(judging(live)), right);
  });

  it("is the same whatever comes through a subresource", () => {
    const shell = { 'k:{"name":"shell"}': { ".": {}, "f:name": {} } };
    const debugging = entry({ "f:spec": { "f:debug": { ".": {}, ...shell } } }, "debug");
    const live = tool({ ...made, debug: [{ name: "shell" }] }, [debugging]);
    assert.equal(rightnessOf(judging(live)), right);
  });

  it("is the same whatever is in lists that others extend, also where nobody knows who wrote", () => {
    const account = (secrets: Json): KubeObject => ({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "web" },
      secrets,
    });
    const rightness = (live: KubeObject) => rightnessOf({ ...judging(live), desired: account([]) });
    assert.equal(rightness(account([{ name: "token" }])), rightness(account([])));
  });

  describe("where a place is left to others as the chart says nothing there, and nobody knows who wrote", () => {
    const live = tool({ ...made, claim: "mine" });

    it("is the same whatever is there", () => {
      assert.equal(rightnessOf({ ...judging(live), left: [claim] }), right);
    });

    it("is another one where the chart says something there", () => {
      const manifest = tool({ claim: "yours" });
      assert.notEqual(rightnessOf({ ...judging(live), left: [{ ...claim, manifest }] }), right);
    });
  });
});

describe("astray", () => {
  const anew = tool(made);

  it("finds where an object is not as the server makes it anew", () => {
    const live = tool({ steps: [{ name: "a", retry: {} }], set: [] });
    assert.deepEqual(astray(judging(live), anew), [
      { pointer: "/spec/steps/0/retry/limit", now: undefined, anew: 3 },
      { pointer: "/spec/set", now: [], anew: undefined },
    ]);
  });

  it("takes a list of other items as a whole", () => {
    const live = tool({ steps: [{ name: "b" }, { name: "a", retry: { limit: 3 } }] });
    const [place, ...others] = astray(judging(live), anew);
    assert.equal(place?.pointer, "/spec/steps");
    assert.deepEqual(others, []);
  });

  it("leaves alone what a controller has added", () => {
    const live = tool({ ...made, assigned: { node: "n1" } }, controller);
    assert.deepEqual(astray(judging(live), anew), []);
  });
});

it("withOthers keeps what is left to others, and what the chart says", () => {
  const live = tool({ ...made, claim: "mine", steps: [] });
  const whole = withOthers({
    ...judging(live),
    left: [claim, { ...claim, path: parsePath("/spec/steps"), onlyEmpty: false }],
  });
  assert.deepEqual(whole.spec, { steps: [{ name: "a" }], claim: "mine" });
});

it("makingAnew replaces all that is for a chart to say, unless the object has changed", () => {
  const live: KubeObject = { ...tool(made), more: true };
  assert.deepEqual(makingAnew(desired, live), [
    { op: "test", path: "/metadata/resourceVersion", value: "7" },
    { op: "add", path: "/spec", value: desired.spec },
    { op: "remove", path: "/more" },
  ]);
});

describe("astray, of a list with an item too much", () => {
  const stray = { name: "b" };
  const items = (name: string) => ({ [`k:{"name":"${name}"}`]: { ".": {} } });
  const helm = { ...entry({ "f:spec": { "f:steps": items("a") } }), manager: "helm" };
  const anew = tool({ steps: [{ name: "a" }] });

  it("finds the item, which an apply would leave, where items have owners", () => {
    const live = tool({ steps: [stray, { name: "a" }, stray] }, [helm]);
    assert.deepEqual(astray(judging(live), anew), [
      { pointer: "/spec/steps/0", now: stray, anew: undefined },
      { pointer: "/spec/steps/2", now: stray, anew: undefined },
    ]);
  });

  it("finds the list where it has one owner, or lacks an item", () => {
    const asOne = tool({ steps: [{ name: "a" }, stray] }, [entry({ "f:spec": { "f:steps": {} } })]);
    const lacking = tool({ steps: [stray, stray] }, [helm]);
    for (const live of [asOne, lacking])
      assert.deepEqual(
        astray(judging(live), anew).map(({ pointer }) => pointer),
        ["/spec/steps"],
      );
  });
});

it("bringingBack adds, replaces and takes away, list items from the back", () => {
  const places = [
    { pointer: "/spec/a", now: undefined, anew: 1 },
    { pointer: "/spec/b", now: 1, anew: 2 },
    { pointer: "/spec/c/9", now: 1, anew: undefined },
    { pointer: "/spec/c/10", now: 1, anew: undefined },
  ];
  assert.deepEqual(bringingBack(desired, places).slice(1), [
    { op: "remove", path: "/spec/c/10" },
    { op: "remove", path: "/spec/c/9" },
    { op: "replace", path: "/spec/b", value: 2 },
    { op: "add", path: "/spec/a", value: 1 },
  ]);
});
