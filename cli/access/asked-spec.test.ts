import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { askedSpec } from "./asked-spec";

const release = { name: "shop", namespace: "demo" };

/** The spec of a HelmRelease, but for its suspension. */
const lasting = {
  release,
  serviceAccountName: "writer",
  driftDetection: { mode: "warn", ignore: [{ paths: ["/data/color"] }] },
};

const current = { ...lasting, suspend: true, suspendReason: "INC-4711" };

describe("what is asked of a HelmRelease that there is", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "asked-"));
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  function asked(spec: object, mode?: "enabled") {
    const filename = join(directory, "spec.yaml");
    writeFileSync(filename, JSON.stringify(spec));
    return askedSpec({ filename, mode });
  }

  it("replaces each field that is named as a whole, and leaves the others", () => {
    const { appliedTo, patchOf } = asked({ driftDetection: { additions: "Keep" } });
    assert.deepEqual(appliedTo(current), { ...current, driftDetection: { additions: "Keep" } });
    assert.deepEqual(patchOf(current), { driftDetection: { additions: "Keep", mode: null, ignore: null } });
  });

  it("changes the mode alone by --mode, which has precedence over the file", () => {
    const driftDetection = { ...current.driftDetection, mode: "enabled" };
    assert.deepEqual(askedSpec({ mode: "enabled" }).appliedTo(current), { ...current, driftDetection });
    assert.deepEqual(askedSpec({ mode: "enabled" }).patchOf(current), {
      driftDetection: { mode: "enabled" },
    });
    const both = asked({ driftDetection: { mode: "warn", additions: "Keep" } }, "enabled");
    assert.deepEqual(both.spec, { driftDetection: { mode: "enabled", additions: "Keep" } });
    assert.deepEqual(both.appliedTo(current), { ...current, ...both.spec });
  });

  it("takes a suspension as one", () => {
    const { appliedTo, patchOf } = asked({ suspend: false });
    assert.deepEqual(appliedTo(current), { ...lasting, suspend: false });
    assert.deepEqual(patchOf(current), { suspend: false, suspendReason: null });
  });

  it("is all there is where a spec can't be one", () => {
    assert.deepEqual(asked({ suspend: true }).patchOf(null), { suspend: true });
  });
});
