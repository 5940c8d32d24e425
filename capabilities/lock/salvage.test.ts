import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiError } from "../cluster/errors";
import type { Write } from "../drift/operation";
import { kindOf } from "../kube/kinds";
import { DEFAULT_POLICY } from "../policy/policy";
import { PLAIN } from "../state/standing";
import { Store } from "../state/store";
import { track } from "../state/new-tracked";
import { lookAt } from "./example";
import type { Step } from "./look";
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

/** An object of which the repair of places was refused, each by itself. */
function refused(...places: string[]) {
  const store = new Store();
  const lock = store.register("a", { namespace: "shop", name: "web" }, { ...PLAIN, policy: DEFAULT_POLICY });
  const tracked = track(lock, configMaps, desired);
  const salvage = new Salvage(new Refusals());
  const look = (attempt: number) => {
    const look = lookAt(tracked, attempt);
    salvage.begin(look);
    return look;
  };
  const write = (...fields: string[]): Write => ({ do: "apply", live, payload: desired, fields });
  const first = look(1);
  assert.equal(salvage.refused(first, write(...places), refusal), "again");
  while (first.trial) salvage.refused(first, write(...first.trial.current), refusal);
  assert.deepEqual(first.withheld, places);
  assert.ok(isLater(salvage.served(first)));
  return { salvage, look, write };
}

const isLater = (step: Step) => typeof step === "object" && (step.retryAfter ?? 0) > 0;

describe("Salvage", () => {
  it("tries what was refused again once its time has come", () => {
    const { salvage, look, write } = refused("/data/color");
    const early = look(2);
    assert.deepEqual(early.withheld, ["/data/color"]);
    assert.ok(isLater(salvage.served(early)));
    const due = look(1);
    assert.deepEqual(due.withheld, []);
    assert.equal(salvage.refused(due, write("/data/color"), refusal), "again");
    assert.deepEqual(due.withheld, ["/data/color"]);
    assert.ok(isLater(salvage.served(due)));
  });

  it("gives way to a change meanwhile, and tries what was refused in the next look", () => {
    const { salvage, look } = refused("/data/color");
    assert.ok(!salvage.giveWay(look(2)));
    const due = look(1);
    assert.ok(salvage.giveWay(due));
    assert.deepEqual(due.withheld, ["/data/color"]);
    assert.ok(!salvage.giveWay(due));
    assert.ok(isLater(salvage.served(due)));
    assert.deepEqual(look(2).withheld, []);
  });

  it("does not look for what is refused of a change that falls into another attempt", () => {
    const { salvage, look, write } = refused("/data/color");
    const due = look(1);
    assert.equal(salvage.refused(due, write("/data/color", "/data/size"), refusal), "again");
    assert.deepEqual(due.withheld, ["/data/color"]);
    assert.equal(due.trial, undefined);
  });

  it("still knows what was refused before, where something else is, too", () => {
    const { salvage, look, write } = refused("/data/color");
    const early = look(2);
    salvage.refused(early, write("/data/size"), refusal);
    assert.deepEqual(early.withheld, ["/data/color", "/data/size"]);
  });

  it("still knows what was refused before, where what goes before it is refused", () => {
    const { salvage, look } = refused("/data/color");
    const due = look(1);
    const removal = {
      do: "remove",
      live,
      fields: ["/data/more"],
      rest: ["/data/color"],
      removed: [],
    } as const;
    salvage.refused(due, removal, refusal);
    assert.deepEqual(due.withheld, ["/data/color"]);
  });

  it("tries by parts, in every fourth attempt, what is refused together", () => {
    const places = ["/data/color", "/data/size"];
    const { salvage, look, write } = refused(...places);
    const isByParts = [2, 3, 4, 5, 6].map(() => {
      const due = look(1);
      salvage.refused(due, write(...places), refusal);
      const { trial } = due;
      while (due.trial) salvage.refused(due, write(...due.trial.current), refusal);
      assert.deepEqual(due.withheld, places);
      return trial !== undefined;
    });
    assert.deepEqual(isByParts, [false, false, false, true, false]);
  });

  it("forgets what is accepted by itself", () => {
    const places = ["/data/color", "/data/size"];
    const { salvage, look, write } = refused(...places);
    for (let attempt = 2; attempt <= 4; attempt++) salvage.refused(look(1), write(...places), refusal);
    const due = look(1);
    salvage.refused(due, write(...places), refusal);
    assert.deepEqual(due.withheld, ["/data/size"]);
    salvage.served(due);
    assert.equal(due.trial, undefined);
    assert.deepEqual(due.withheld, ["/data/size"]);
    assert.deepEqual(look(2).withheld, ["/data/size"]);
  });
});
