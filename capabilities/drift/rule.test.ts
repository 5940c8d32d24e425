import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import { withOwnership } from "../release/ownership";
import { decide } from "./decide";
import { learnFromApply, NOTHING_KNOWN, type Known } from "./known";
import { UNANSWERED } from "./operation";
import { RULE, type Said, type Verdict, type Writer } from "./rule";

const DRIFT = readFileSync(join(__dirname, "..", "..", "docs", "drift.md"), "utf8");

const release = { name: "web", namespace: "shop" };
const metadata = { name: "web", namespace: "shop" };

/** An object as a chart has it, and as it is live. */
interface Example {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly known?: Known;
  readonly isAutoscaled?: boolean;
}

function deployment(spec: JsonObject): KubeObject {
  return withOwnership({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec }, release);
}

function owner(manager: string, fieldsV1: JsonObject, more: JsonObject = {}): JsonObject {
  return { manager, operation: "Update", fieldsV1, ...more };
}

function written(object: KubeObject, more: JsonObject, ...managedFields: JsonObject[]): KubeObject {
  const entries = managedFields.map(entry => ({ apiVersion: object.apiVersion, ...entry }));
  const own = { uid: "u", resourceVersion: "7", managedFields: entries };
  return { ...object, ...more, metadata: { ...object.metadata, ...own } };
}

const field = (name: string): JsonObject => ({ "f:spec": { [`f:${name}`]: {} } });
const helm = owner("helm", field("paused"));

/** An operator writes the status, too. */
const operator = (fields: JsonObject) => [
  owner("operator", fields),
  owner("operator", { "f:status": { "f:phase": {} } }, { subresource: "status" }),
];

const paused = deployment({ paused: false });
const withReplicas = deployment({ replicas: 1 });
const withPods = deployment({ template: { metadata: {} } });
const RESTART = "kubectl.kubernetes.io/restartedAt";
const plain = deployment({ paused: false });
const numbered = (revision: string): KubeObject =>
  withOwnership(
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { ...metadata, annotations: { "deployment.kubernetes.io/revision": revision } },
    },
    release,
  );

/** A field that the chart sets has another value. */
function changed(...owners: JsonObject[]): Example {
  return { desired: paused, live: written(paused, { spec: { paused: true } }, ...owners) };
}

/** A field that the chart says nothing of has a value. */
function added(...owners: JsonObject[]): Example {
  const spec = { paused: false, minReadySeconds: 9 };
  return { desired: plain, live: written(plain, { spec }, helm, ...owners) };
}

const map: KubeObject = withOwnership({ apiVersion: "v1", kind: "ConfigMap", metadata }, release);
const data = { "f:data": { "f:ca.crt": {} } };

/** Somebody fills in the data of a ConfigMap that has none. */
function filled(...owners: JsonObject[]): Example {
  return { desired: map, live: written(map, { data: { "ca.crt": "x" } }, ...owners) };
}

function scaled(desired: KubeObject, spec: JsonObject): Example {
  const through = owner("kube-controller-manager", field("replicas"), { subresource: "scale" });
  return { desired, live: written(desired, { spec }, helm, through), isAutoscaled: true };
}

/** What the server is known to make of an object by itself. */
function byServer(desired: KubeObject, more: Record<string, Json>, ...owners: JsonObject[]): Example {
  const live = written(desired, more, ...owners);
  return { desired, live, known: learnFromApply(undefined, { desired, live, manager: "helm", left: [] }) };
}

const injected = withOwnership(
  { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: { volumeName: "" } },
  release,
);

const EXAMPLES: Record<Said, Record<Writer, Example>> = {
  "a value": {
    Helm: changed(owner("helm", field("paused"))),
    "a hand": changed(owner("kubectl-edit", field("paused"))),
    "a controller of the object": changed(...operator(field("paused"))),
    "an autoscaler": scaled(withReplicas, { replicas: 5 }),
    "the server": byServer(deployment({ cpu: "1000m" }), { spec: { cpu: "1" } }, helm),
    "a known controller": { desired: numbered("1"), live: written(numbered("4"), {}, owner("manager", {})) },
  },
  "nothing, for others to fill in": {
    Helm: filled(owner("helm", data)),
    "a hand": filled(owner("kubectl-edit", data)),
    "a controller of the object": filled(...operator(data)),
    "an autoscaler": { ...scaled(paused, { paused: false, replicas: 5 }), isAutoscaled: false },
    "the server": byServer(map, { data: { "ca.crt": "x" } }, owner("helm", { "f:metadata": {} })),
    "a known controller": {
      desired: injected,
      live: written(
        injected,
        { spec: { volumeName: "pv-7" } },
        owner("kube-controller-manager", field("volumeName")),
      ),
    },
  },
  nothing: {
    Helm: added(owner("helm", field("minReadySeconds"))),
    "a hand": added(owner("kubectl-edit", field("minReadySeconds"))),
    "a controller of the object": added(...operator(field("minReadySeconds"))),
    "an autoscaler": scaled(paused, { paused: false, replicas: 5 }),
    "the server": added(),
    "a known controller": {
      desired: withPods,
      live: written(
        withPods,
        { spec: { template: { metadata: { annotations: { [RESTART]: "now" } } } } },
        helm,
        owner("kubectl-rollout", {
          "f:spec": { "f:template": { "f:metadata": { "f:annotations": { [`f:${RESTART}`]: {} } } } },
        }),
      ),
    },
  },
};

function verdictOf({ desired, live, known = NOTHING_KNOWN, isAutoscaled = false }: Example): Verdict {
  const operation = decide({
    ...UNANSWERED,
    release,
    desired,
    observed: { as: "live", at: 0, object: live },
    known,
    isBroughtBack: false,
    manager: "helm",
    isApplicable: true,
    wasSeen: true,
    wasRivals: false,
    isAutoscaled,
    knowsControllers: true,
    isFinished: false,
    allowsCreate: false,
  });
  return operation.do === "none" ? "stays" : "goes back";
}

describe("the rule of drift", () => {
  for (const [said, verdicts] of Object.entries(EXAMPLES) as [Said, Record<Writer, Example>][]) {
    for (const [writer, example] of Object.entries(verdicts) as [Writer, Example][]) {
      const verdict = RULE[said][writer];
      it(`where the chart says ${said}, what ${writer} wrote ${verdict}`, () => {
        assert.equal(verdictOf(example), verdict);
      });
    }
  }

  it("is the table of docs/drift.md", () => {
    const [table = ""] = /((?:^\|.*\n)+)/m.exec(DRIFT) ?? [];
    const rows = table.trim().split("\n").slice(2);
    const told = rows.map(row =>
      row
        .split("|")
        .slice(1, -1)
        .map(cell => cell.trim()),
    );
    const ruled = Object.entries(RULE).flatMap(([said, verdicts]) =>
      Object.entries(verdicts).map(([writer, verdict]) => [said, writer, verdict]),
    );
    assert.deepEqual(told, ruled);
  });
});
