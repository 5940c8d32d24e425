import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HelmRelease } from "../../crds/helm-release";
import { Locks } from "./locks";

const release = { namespace: "demo", name: "shop" };

/** A spec that nobody can follow. */
const unreadable = { driftDetection: { mode: "sometimes" } };

interface Given {
  readonly since?: string;
  readonly spec?: object;
  readonly owner?: string;
  readonly locked?: string;
  readonly isLeaving?: boolean;
}

function helmRelease(name: string, { since, spec, owner, locked, isLeaving }: Given = {}): HelmRelease {
  return {
    metadata: {
      name,
      namespace: "cattle-helm-system",
      creationTimestamp: since ?? "2026-01-01T00:00:00Z",
      ...(owner === undefined ? {} : { annotations: { "helmreleases.cattle.io/managed-by": owner } }),
      ...(isLeaving ? { deletionTimestamp: "2026-01-03T00:00:00Z" } : {}),
    },
    spec: { release, ...spec },
    ...(locked === undefined ? {} : { status: { conditions: [{ type: "Locked", reason: locked }] } }),
  };
}

function ruling(...helmReleases: HelmRelease[]): string[] | undefined {
  const found = new Locks(helmReleases).of(release);
  return found && [found.governor, ...found.others].map(each => each.helmRelease.metadata.name);
}

describe("the governor of a release", () => {
  const later = "2026-01-02T00:00:00Z";

  it("is the oldest HelmRelease, then the first by name", () => {
    const old = helmRelease("old");
    const younger = helmRelease("a", { since: later });
    const sameAge = helmRelease("older");
    for (const given of [
      [old, younger, sameAge],
      [younger, sameAge, old],
    ])
      assert.equal(ruling(...given)?.[0], "old");
  });

  it("is none that is leaving, another controller's, or about another release", () => {
    const other = { release: { namespace: "demo", name: "cart" } };
    const none = [
      helmRelease("a", { isLeaving: true }),
      helmRelease("b", { owner: "other" }),
      helmRelease("c", { spec: other }),
      helmRelease("d", { spec: { release: null } }),
    ];
    assert.equal(ruling(...none), undefined);
    assert.deepEqual(ruling(...none, helmRelease("e", { since: later })), ["e"]);
    assert.equal(new Locks(none).foreignOf(release)?.metadata.name, "b");
    assert.deepEqual(new Locks(none).releases, [other.release]);
  });

  it("is one that can't be followed only where it is in effect, or alone", () => {
    const good = helmRelease("good", { since: later });
    const bad = (locked?: string) =>
      helmRelease("bad", { spec: unreadable, ...(locked === undefined ? {} : { locked }) });
    assert.deepEqual(ruling(bad(), good), ["good", "bad"]);
    assert.deepEqual(ruling(bad("InvalidSpec"), good), ["good", "bad"]);
    assert.deepEqual(ruling(bad("Locked"), good), ["bad", "good"]);
    assert.deepEqual(ruling(bad()), ["bad"]);
  });
});
