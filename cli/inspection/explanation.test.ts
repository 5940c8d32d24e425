import assert from "node:assert/strict";
import { it } from "node:test";
import { decide } from "../../capabilities/drift/decide";
import { kindOf } from "../../capabilities/kube/kinds";
import type { KubeObject } from "../../capabilities/kube/object";
import { beginLook, situationOf } from "../../capabilities/lock/look";
import { newLock } from "../../capabilities/state/new-lock";
import { track } from "../../capabilities/state/new-tracked";
import { see } from "../../capabilities/state/tracked";
import { explained } from "./explanation";
import type { Finding } from "./finding";

const OWNERSHIP = {
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: { "meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "demo" },
};

const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });

function configMap(data: Record<string, string>): KubeObject {
  const metadata = { name: "settings", namespace: "demo", ...OWNERSHIP };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data };
}

/** What is found where the chart has some data, and a hand has written to one of them. */
function found(chart: Record<string, string>, changed: Record<string, string>): Finding {
  const lock = newLock({ name: "shop", namespace: "demo" });
  const tracked = track(lock, configMaps, configMap(chart));
  const live = configMap({ ...chart, ...changed });
  const owner = (manager: string, data: object) => ({
    manager,
    operation: "Update",
    apiVersion: "v1",
    time: "2026-01-01T00:00:00Z",
    fieldsV1: { "f:data": Object.fromEntries(Object.keys(data).map(key => [`f:${key}`, {}])) },
  });
  const managedFields = [owner("helm", chart), owner("hand", changed)];
  see(tracked, { ...live, metadata: { ...live.metadata, uid: "1", resourceVersion: "7", managedFields } });
  const state = {
    driver: "Secret" as const,
    name: "sh.helm.release.v1.shop.v1",
    uid: "1",
    resourceVersion: "1",
    revision: 1,
  };
  const held = { ...state, status: "deployed", description: "", notes: "", writers: ["helm"] };
  const look = beginLook({
    tracked,
    held,
    manager: "helm",
    attempt: 1,
    isVouched: () => false,
  });
  look.operation = decide(situationOf(look));
  return { look, operation: look.operation, anew: undefined, error: undefined };
}

it("explains what is as the chart says, and what is not", () => {
  const fields = explained(found({ color: "blue", level: "info" }, { color: "red" }));
  const told = fields
    .filter(({ field }) => field.startsWith("/data"))
    .map(({ field, chart, live, verdict, writer }) => [field, chart, live, verdict.is, writer]);
  assert.deepEqual(told, [
    ["/data/color", "blue", "red", "goes back", "hand"],
    ["/data/level", "info", "info", "locked", "helm"],
  ]);
});

it("looks at the whole of a large object once, not once for each field", () => {
  const data = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`key-${index}`, "value"]));
  const finding = found(data, { "key-7": "other" });
  const before = performance.now();
  assert.equal(explained(finding).length, 4_003);
  assert.ok(performance.now() - before < 5_000);
});
