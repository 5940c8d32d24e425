import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiError } from "../cluster/errors";
import type { Write } from "../drift/operation";
import { kindOf } from "../kube/kinds";
import { DEFAULT_POLICY } from "../policy/policy";
import { PLAIN } from "../state/standing";
import { Store } from "../state/store";
import { track } from "../state/new-tracked";
import { beginLook, type Step } from "./look";
import { Refusals } from "./refusals";
import { Salvage } from "./salvage";

const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const configMap = (data: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "shop" },
  data,
});
const desired = configMap({ color: "blue", size: "big" });
const live = configMap({ color: "red", size: "small" });
const refusal = apiError(422, { reason: "Invalid", message: "no", retryAfterSeconds: 0 });
const HELD = {
  driver: "Secret",
  revision: 1,
  uid: "u",
  resourceVersion: "1",
  description: "",
  notes: "",
  writers: [],
} as const;

/** An object of which the repair of the color was refused. */
function refused() {
  const store = new Store();
  const lock = store.register("a", { namespace: "shop", name: "web" }, { ...PLAIN, policy: DEFAULT_POLICY });
  const tracked = track(lock, configMaps, desired);
  const salvage = new Salvage(new Refusals());
  const look = (isFirst: boolean) =>
    beginLook({
      tracked,
      held: HELD,
      manager: "helm",
      attempt: 1,
      isVouched: () => false,
      withheld: salvage.withheld(tracked, isFirst),
    });
  const write = (...fields: string[]): Write => ({ do: "apply", live, payload: desired, fields });
  const first = look(true);
  assert.equal(salvage.refused(first, write("/data/color"), refusal), "again");
  assert.deepEqual(first.withheld, ["/data/color"]);
  assert.ok(isLater(salvage.served(first)));
  return { salvage, look, write };
}

const isLater = (step: Step) => typeof step === "object" && (step.retryAfter ?? 0) > 0;

describe("Salvage", () => {
  it("tries what was refused again only once everything else is right, and its time has come", () => {
    const { salvage, look, write } = refused();
    const early = look(false);
    assert.deepEqual(early.withheld, ["/data/color"]);
    assert.ok(isLater(salvage.served(early)));
    const due = look(true);
    assert.deepEqual(due.withheld, ["/data/color"]);
    assert.equal(salvage.served(due), "again");
    assert.deepEqual(due.withheld, []);
    assert.equal(salvage.refused(due, write("/data/color"), refusal), "again");
    assert.deepEqual(due.withheld, ["/data/color"]);
    assert.ok(isLater(salvage.served(due)));
  });

  it("gives way to a change meanwhile, and lets what was refused wait", () => {
    const { salvage, look } = refused();
    const due = look(true);
    assert.ok(!salvage.giveWay(due));
    salvage.served(due);
    assert.ok(salvage.giveWay(due));
    assert.deepEqual(due.withheld, ["/data/color"]);
    assert.ok(isLater(salvage.served(due)));
  });

  it("does not look for what is refused of a change that falls into another attempt", () => {
    const { salvage, look, write } = refused();
    const due = look(true);
    salvage.served(due);
    assert.equal(salvage.refused(due, write("/data/color", "/data/size"), refusal), "again");
    assert.deepEqual(due.withheld, ["/data/color"]);
    assert.equal(due.trial, undefined);
  });

  it("still knows what was refused before, where something else is, too", () => {
    const { salvage, look, write } = refused();
    const due = look(true);
    salvage.refused(due, write("/data/size"), refusal);
    assert.deepEqual(due.withheld, ["/data/color", "/data/size"]);
  });

  it("forgets what was refused once something else is in its place", () => {
    const { salvage, look, write } = refused();
    const due = look(true);
    salvage.served(due);
    salvage.refused(due, write("/data/size"), refusal);
    assert.deepEqual(due.withheld, ["/data/size"]);
  });
});
