import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ForbiddenError, InvalidError } from "../cluster/errors";
import { collectionPath, kindOf } from "../kube/kinds";
import { track } from "../state/new-tracked";
import { toAskForRights } from "../state/requests";
import { Store } from "../state/store";
import { Accounts } from "./accounts";

const release = { namespace: "shop", name: "web" };
const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const desired = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop" } };

const ofRights = new ForbiddenError(
  403,
  "Forbidden",
  'configmaps "a" is forbidden: User "me" cannot patch resource "configmaps" in API group "" in the namespace "shop"',
);

/** What is done about a failed look at an object. @param isKnown whether it is known already that none of its kind can be written */
function doneAbout(error: unknown, isKnown = false): unknown[] {
  const store = new Store();
  const lock = store.register("web", release);
  const lacking = { kind: configMaps, account: undefined, namespaces: ["shop"] };
  const unwritable = new Map(isKnown ? [[collectionPath(configMaps), lacking]] : []);
  store.lacks(lock, { unwritable, accountProblem: undefined });
  const done: unknown[] = [];
  const note = (what: unknown): number => done.push(what);
  const accounts = new Accounts({
    access: { presenceOf: () => Promise.resolve("there"), doubt: note },
    queue: { add: note },
  });
  accounts.failed(track(lock, configMaps, desired), error);
  return done;
}

describe("a look that has failed", () => {
  it("for a right has it asked about anew", () => {
    const writing = { kind: configMaps, namespace: "shop", account: undefined };
    assert.deepEqual(doneAbout(ofRights), [writing, toAskForRights(release)]);
  });

  it("for a right that is known to be missing changes nothing", () => {
    assert.deepEqual(doneAbout(ofRights, true), []);
  });

  it("for anything else has nothing to do with rights", () => {
    const denied = new ForbiddenError(403, "Forbidden", 'admission webhook "w" denied the request: no');
    assert.deepEqual(doneAbout(denied), []);
    assert.deepEqual(doneAbout(new InvalidError(422, "Invalid", "no")), []);
  });
});
