import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { KubeObject } from "../kube/object";
import type { Driver } from "../release/revisions";
import { KnownReleases } from "./known-releases";

const web = { namespace: "shop", name: "web" };

function record(revision: number, status = "deployed", labels: Record<string, string> = {}): KubeObject {
  const helms = { owner: "helm", name: "web", version: String(revision), status };
  const metadata = {
    name: `sh.helm.release.v1.web.v${revision}`,
    namespace: "shop",
    labels: { ...labels, ...helms },
  };
  return { apiVersion: "v1", kind: "Secret", metadata };
}

describe("KnownReleases", () => {
  let known: KnownReleases;
  beforeEach(() => {
    known = new KnownReleases();
    known.ask(new Set(["lock"]));
  });

  const note = (...records: KubeObject[]) => {
    for (const one of records) known.note("Secret", one);
  };

  /** A whole list of both drivers. */
  const list = (...drivers: Driver[]) => {
    for (const driver of drivers) {
      known.listing(driver);
      known.retain(driver, new Set());
    }
  };

  it("holds nothing while nobody asks", () => {
    const idle = new KnownReleases();
    idle.note("Secret", record(1));
    assert.deepEqual(idle.all(), []);
    assert.equal(idle.areComplete, false);
    note(record(1));
    known.ask(undefined);
    assert.deepEqual(known.all(), []);
  });

  const cases: [what: string, records: KubeObject[], is: string][] = [
    ["no record", [], "gone"],
    ["a deployed one", [record(1)], "there"],
    ["one under way to be installed", [record(1, "pending-install")], "unsure"],
    ["one that failed to be installed", [record(1, "failed")], "unsure"],
    ["an upgrade under way", [record(1), record(2, "pending-upgrade")], "there"],
    [
      "the end of an upgrade, as the old record goes before the new one is deployed",
      [record(2, "pending-upgrade")],
      "unsure",
    ],
    ["a failed upgrade", [record(1), record(2, "failed")], "there"],
    ["one being uninstalled", [record(1, "uninstalling")], "unsure"],
    ["one that was uninstalled, and kept", [record(1), record(2, "uninstalled")], "gone"],
  ];
  for (const [what, records, is] of cases)
    it(`knows what ${what} means`, () => {
      note(...records);
      assert.equal(known.presence(web).is, is);
    });

  it("has the asked labels of the newest deployed record", () => {
    note(record(1, "deployed", { lock: "old" }), record(3, "failed", { lock: "new" }));
    note(record(2, "deployed", { lock: "true", other: "x" }));
    assert.deepEqual(known.presence(web), { is: "there", labels: { lock: "true" } });
  });

  it("forgets a record that is gone, or that a list does not show", () => {
    note(record(1));
    known.forget("Secret", record(1));
    assert.deepEqual(known.all(), []);
    note(record(1));
    known.retain("ConfigMap", new Set());
    assert.equal(known.presence(web).is, "there");
    known.retain("Secret", new Set());
    assert.equal(known.presence(web).is, "gone");
  });

  it("is complete once both drivers were listed, and again after it was asked for more", () => {
    list("Secret");
    assert.equal(known.areComplete, false);
    list("ConfigMap");
    assert.equal(known.areComplete, true);
    assert.equal(known.ask(new Set()), false);
    assert.equal(known.ask(new Set(["tier"])), true);
    assert.equal(known.areComplete, false);
  });

  it("does not count a list that began before it was asked", () => {
    known.listing("Secret");
    known.ask(new Set(["tier"]));
    known.retain("Secret", new Set());
    list("ConfigMap");
    assert.equal(known.areComplete, false);
    list("Secret");
    assert.equal(known.areComplete, true);
  });
});
