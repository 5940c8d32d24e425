import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ownersOf } from "../kube/managed-fields";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import type { Left } from "../kube/path";
import { parsePointer } from "../kube/path-text";
import { changedBy } from "./blame";
import { doubts } from "./doubts";
import { NOTHING_KNOWN } from "./known";
import { repair } from "./repair";
import { renamedOf } from "./renamed";
import { UNANSWERED } from "./operation";

const tcp = (port: number): string => `k:{"port":${port},"protocol":"TCP"}`;
const untold = (port: number): string => `k:{"port":${port},"protocol":""}`;

const http = { port: 80, protocol: "TCP" };
const other = { port: 90, protocol: "TCP" };

function service(spec: JsonObject, managedFields?: Json[]): KubeObject {
  const owned = managedFields ? { managedFields } : {};
  return { apiVersion: "v1", kind: "Service", metadata: { name: "web", ...owned }, spec };
}

function has(manager: string, ...elements: string[]): JsonObject {
  const ports = Object.fromEntries(elements.map(element => [element, { ".": {}, "f:port": {} }]));
  return { manager, operation: "Apply", apiVersion: "v1", fieldsV1: { "f:spec": { "f:ports": ports } } };
}

const desired = service({ ports: [http] });
const helm = has("helm", tcp(80));
const theirs = has("terraform", untold(90));

function judging(live: KubeObject, left: readonly Left[] = []) {
  return { desired, live, manager: "helm", left };
}

describe("a list item under another name than somebody has given it", () => {
  const live = service({ ports: [http, other] }, [helm, theirs]);

  it("is one that nobody's entry has, where an owner has one that is not there", () => {
    const owner = ownersOf(live)[1];
    assert.ok(owner);
    assert.deepEqual(renamedOf(owner, live), [
      { pointer: "/spec/ports/1", value: other, path: ["f:spec", "f:ports", tcp(90)] },
    ]);
  });

  const cases: Record<string, [live: KubeObject, pointers: string[], left?: Left]> = {
    "is open": [live, ["/spec/ports/1"]],
    "is open in a set": [
      service({ ports: ["a", "b"] }, [has("helm", 'v:"a"'), has("terraform", 'v:"B"')]),
      ["/spec/ports/1"],
    ],
    "is not what somebody's entry has": [
      service({ ports: [http, other] }, [helm, theirs, has("argocd", tcp(90))]),
      [],
    ],
    "is not what the chart says": [service({ ports: [http] }, [theirs]), []],
    "is not what is there where everybody's items are": [service({ ports: [http, other] }, [helm]), []],
    "is nobody's business where a controller of the object has put it there": [
      service({ ports: [http, other] }, [
        helm,
        theirs,
        { ...has("terraform"), fieldsV1: { "f:status": {} }, subresource: "status" },
      ]),
      [],
    ],
    "is left to others where a rule says so": [
      live,
      [],
      { path: parsePointer("/spec/ports/[port=90]"), origin: { is: "chart" } },
    ],
  };
  for (const [what, [live, pointers, left]] of Object.entries(cases)) {
    it(what, () => {
      const found = doubts(judging(live, left && [left]));
      assert.deepEqual(
        found.map(({ pointer, by }) => [pointer, by]),
        pointers.map(pointer => [pointer, "removal"]),
      );
    });
  }

  it("is not one that the chart names so, too", () => {
    const wanted = service({ ports: [{ port: 80, protocol: "" }] });
    const live = service({ ports: [http] }, [has("helm", untold(80)), has("terraform", untold(80))]);
    assert.deepEqual(doubts({ ...judging(live), desired: wanted }), []);
  });

  it("is told of as the work of its owner", () => {
    assert.deepEqual(changedBy(live, ["/spec/ports/1"], "helm"), ["terraform"]);
    assert.deepEqual(changedBy(live, ["/spec/ports/0"], "helm"), []);
  });

  describe("goes before an apply, which can't take it away", () => {
    const decided = (desired: KubeObject, live: KubeObject, isAsked: boolean) => {
      const situation = {
        ...UNANSWERED,
        release: { name: "web", namespace: "shop" },
        desired,
        observed: { as: "live" as const, at: 0, object: live },
        known: NOTHING_KNOWN,
        isAsked,
        isBroughtBack: false,
        manager: "helm",
        isApplicable: true,
        wasSeen: true,
        knowsControllers: true,
        isFinished: undefined,
        wasRivals: false,
        allowsCreate: true,
      };
      return repair(situation, live);
    };

    it("once the server has been asked", () => {
      assert.equal(decided(desired, live, false).do, "probe");
      const operation = decided(desired, live, true);
      assert.ok(operation.do === "remove");
      assert.deepEqual(operation.fields, ["/spec/ports/1"]);
      assert.deepEqual(operation.rest, ["/spec/ports"]);
    });

    it("also with all of a list that the chart does not have", () => {
      const live = service({ type: "NodePort", ports: [other] }, [theirs]);
      const operation = decided(service({ type: "ClusterIP" }), live, false);
      assert.ok(operation.do === "remove");
      assert.deepEqual(operation.fields, ["/spec/ports"]);
      assert.deepEqual(operation.rest, ["/spec/type"]);
    });
  });
});
