import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import { digestOf } from "../kube/digest";
import { decide } from "./decide";
import {
  learnFromApply,
  learnFromRemoval,
  learnRight,
  learnUnchanged,
  NOTHING_KNOWN,
  type Known,
} from "./known";
import type { Operation, Situation } from "./operation";
import type { Reason } from "./reasons";

const release = { name: "web", namespace: "shop" };
const api = { name: "api", namespace: "shop" };
/** A release in another namespace than the object: its record alone does not claim the object. */
const beyond = { release: { name: "web", namespace: "warehouse" } };
const helmLabel = { "app.kubernetes.io/managed-by": "Helm" };
const helmAnnotations = { "meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop" };

function configMap(data: JsonObject, metadata: JsonObject = {}): KubeObject {
  const owned = { labels: helmLabel, annotations: helmAnnotations };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", namespace: "shop", ...owned, ...metadata },
    data,
  };
}

/** An object with everything else that the server stores in it. */
function stored(object: KubeObject, metadata: JsonObject = {}): KubeObject {
  const own = { uid: "u", resourceVersion: "7", generation: 1, creationTimestamp: "2026-01-01T00:00:00Z" };
  return { ...object, metadata: { ...object.metadata, ...own, ...metadata } };
}

/** An operation as text: "apply /data/a". */
function summary(operation: Operation): string {
  return "fields" in operation ? [operation.do, ...operation.fields].join(" ") : operation.do;
}

describe("decide", () => {
  const desired = configMap({ a: "1", b: "2" });
  const right = stored(desired);
  const edited = stored(configMap({ a: "changed", b: "2" }));

  const helm = { manager: "helm", operation: "Apply", fieldsV1: { "f:data": { "f:a": {}, "f:b": {} } } };
  const by = (manager: string, fieldsV1: JsonObject, more: JsonObject = {}): JsonObject => ({
    manager,
    operation: "Update",
    fieldsV1,
    ...more,
  });
  const extra = { "f:data": { "f:extra": {} } };

  /** The desired object with an addition, and with its author in managedFields. */
  const added = (data: JsonObject, ...owners: JsonObject[]) =>
    stored(configMap({ b: "2", ...data, extra: "x" }), { managedFields: [helm, ...owners] });

  const verified = NOTHING_KNOWN;
  /** Knows that the server makes this of a field by itself. */
  const own = (pointer: string, value: Json | undefined): Known => ({
    ...verified,
    own: new Set([digestOf(pointer, value)]),
  });
  const annotated = (annotations: JsonObject) => stored(configMap({ a: "1", b: "2" }, { annotations }));
  const labelled = stored(
    configMap({ a: "changed" }, { labels: { "app.kubernetes.io/managed-by": "Helm" }, annotations: {} }),
  );
  const bare = stored(configMap({ a: "changed" }, { labels: {}, annotations: {} }));
  const markedFor = (name: string) =>
    stored(
      configMap(
        { a: "1", b: "2" },
        {
          labels: {},
          annotations: {
            "objectset.rio.cattle.io/owner-gvk": "internal.cattle.io/v1alpha1, Kind=objectSetState",
            "objectset.rio.cattle.io/owner-name": name,
            "objectset.rio.cattle.io/owner-namespace": "shop",
          },
        },
      ),
    );
  const foreign = annotated({ ...helmAnnotations, "meta.helm.sh/release-name": "api" });

  function situation(live: KubeObject, change: Partial<Situation> = {}): Situation {
    const known: Situation["known"] = verified;
    const rest = {
      known,
      manager: "helm",
      isApplicable: true,
      rivalTracks: undefined,
      wasSeen: false,
      wasRivals: false,
      isAutoscaled: undefined,
      isAsked: false,
      anew: undefined,
      isBroughtBack: false,
      isRefused: false,
      isRemovalRefused: false,
      knowsControllers: true,
      isFinished: undefined,
      allowsCreate: false,
    };
    return { release, desired, observed: { as: "live", at: 0, object: live }, ...rest, ...change };
  }

  const seenAs = (observed: Situation["observed"], change: Partial<Situation> = {}) =>
    situation(desired, { observed, ...change });

  const back = "apply /metadata/annotations/meta.helm.sh~1release-name";
  const fromElsewhere = annotated({ ...helmAnnotations, "meta.helm.sh/release-namespace": "elsewhere" });
  const takenBy = (manager: string, live = foreign) => ({
    ...live,
    metadata: {
      ...live.metadata,
      managedFields: [
        by(manager, { "f:metadata": { "f:annotations": { "f:meta.helm.sh/release-name": {} } } }),
      ],
    },
  });
  const has = { wasSeen: true };
  const claims: [what: string, situation: Situation, operation: string][] = [
    [
      "does not even ask about a name that kubectl wrote on what it has",
      situation(takenBy("kubectl"), has),
      back,
    ],
    ["asks about a name that Helm wrote on what it has", situation(takenBy("helm"), has), "ask"],
    [
      "gives up what it has to a release of the same namespace",
      situation(takenBy("helm"), { ...has, rivalTracks: true }),
      "none",
    ],
    [
      "keeps it where that release does not track it",
      situation(takenBy("helm"), { ...has, rivalTracks: false }),
      back,
    ],
    [
      "does not even ask about a release of another namespace that names what it has",
      situation(takenBy("helm", fromElsewhere), has),
      "apply /metadata/annotations/meta.helm.sh~1release-namespace",
    ],
    [
      "asks about one that a HelmRelease vouches for",
      situation(takenBy("helm", fromElsewhere), { ...has, isRivalVouched: true }),
      "ask",
    ],
    [
      "leaves to a release of another namespace what it does not have",
      situation(fromElsewhere, { rivalTracks: true }),
      "none",
    ],
    [
      "leaves to another lock what that has, whatever name it bears",
      situation(edited, { holder: api }),
      "none",
    ],
    [
      "makes nothing that another lock has",
      seenAs({ as: "absent", at: 0, wasRead: true }, { holder: api }),
      "none",
    ],
  ];

  const cases: [what: string, situation: Situation, operation: string][] = [
    ["reads what it knows nothing of", seenAs({ as: "unknown" }), "observe"],
    ["leaves alone what was found right", seenAs({ as: "right" }), "none"],
    ["creates what is absent", seenAs({ as: "absent", at: 0, wasRead: true }), "create"],
    [
      "creates nothing that must not be created",
      seenAs({ as: "absent", at: 0, wasRead: true }, beyond),
      "none",
    ],

    [
      "reads first what the watch does not show and must not be created: it may only have lost Helm's label",
      seenAs({ as: "absent", at: 0, wasRead: false }, beyond),
      "observe",
    ],
    [
      "creates at once what the watch does not show: the server refuses that where it is there",
      seenAs({ as: "absent", at: 0, wasRead: false }),
      "create",
    ],

    ["leaves alone what is right", situation(right), "none"],
    ["leaves alone what is right, verified or not", situation(right, { known: undefined }), "none"],
    [
      "asks the server about a difference in what was never verified",
      situation(edited, { known: undefined }),
      "probe",
    ],
    ["restores an edit", situation(edited), "apply /data/a"],
    ["restores what was taken out", situation(stored(configMap({ b: "2" }))), "apply /data/a"],
    [
      "restores Helm's label",
      situation(stored(configMap({ a: "1", b: "2" }, { labels: {} }))),
      "apply /metadata/labels/app.kubernetes.io~1managed-by",
    ],
    [
      "leaves alone what the server makes of the desired object by itself",
      situation(edited, { known: own("/data/a", "changed") }),
      "none",
    ],
    [
      "restores what differs from what the server makes of it",
      situation(edited, { known: own("/data/a", "other") }),
      "apply /data/a",
    ],
    [
      "restores what differs where the server drops the field",
      situation(edited, { known: own("/data/a", undefined) }),
      "apply /data/a",
    ],
    [
      "waits while an object is being deleted, edited or not",
      situation(stored(edited, { deletionTimestamp: "2026-01-01T00:00:00Z" })),
      "wait",
    ],

    [
      "removes what kubectl added",
      situation(added({ a: "1" }, by("kubectl-edit", extra))),
      "remove /data/extra",
    ],
    [
      "removes an addition from what was never verified",
      situation(added({ a: "1" }, by("kubectl-edit", extra)), { known: undefined }),
      "remove /data/extra",
    ],
    ["leaves an addition that nobody owns: a default", situation(added({ a: "1" })), "none"],
    [
      "leaves what a controller of the object added",
      situation(
        added(
          { a: "1" },
          by("operator", extra),
          by("operator", { "f:status": {} }, { subresource: "status" }),
        ),
      ),
      "none",
    ],
    [
      "takes no kubectl for a controller",
      situation(
        added(
          { a: "1" },
          by("kubectl-edit", extra),
          by("kubectl-edit", { "f:status": {} }, { subresource: "status" }),
        ),
      ),
      "remove /data/extra",
    ],
    [
      "leaves an addition that the server makes again whenever it is removed",
      situation(added({ a: "1" }, by("webhook", extra)), {
        known: own("/data/extra", "x"),
      }),
      "none",
    ],
    [
      "restores what Helm's own entry holds too much, as an unfinished takeover leaves it",
      situation(added({ a: "1" }, by("helm", extra, { operation: "Apply" }))),
      "apply /data/extra",
    ],
    [
      "leaves foreign labels and annotations",
      situation(
        stored(configMap({ a: "1", b: "2" }, { labels: { ...helmLabel, mine: "x" } }), {
          managedFields: [by("kubectl-label", { "f:metadata": { "f:labels": { "f:mine": {} } } })],
        }),
      ),
      "none",
    ],

    ["asks whether another release that is named as owner tracks it", situation(foreign), "ask"],
    ["leaves alone what another release tracks", situation(foreign, { rivalTracks: true }), "none"],
    [
      "restores the owner where the other release does not track it",
      situation(foreign, { rivalTracks: false }),
      "apply /metadata/annotations/meta.helm.sh~1release-name",
    ],
    [
      "restores a missing owner where Helm's label is there",
      situation(annotated({})),
      "apply /metadata/annotations/meta.helm.sh~1release-name /metadata/annotations/meta.helm.sh~1release-namespace",
    ],
    [
      "does not take what names another release for its own where the record alone says so",
      situation(foreign, { rivalTracks: false, ...beyond }),
      "none",
    ],
    [
      "takes it where it was its own before",
      situation(foreign, { rivalTracks: false, ...beyond, wasSeen: true }),
      "apply /metadata/annotations/meta.helm.sh~1release-name",
    ],
    ...claims,
    [
      "does not take what only has Helm's label for its own where the record alone says so",
      situation(labelled, { ...beyond }),
      "none",
    ],
    ["leaves alone what bears no mark of Helm", situation(bare), "none"],
    [
      "knows its own where it was seen before, whatever was taken off",
      situation(bare, { wasSeen: true }),
      "apply /metadata/labels/app.kubernetes.io~1managed-by /metadata/annotations/meta.helm.sh~1release-name /metadata/annotations/meta.helm.sh~1release-namespace /data/a /data/b",
    ],
    [
      "knows its own by the marks of the original Helm Locker for this release",
      situation(markedFor("web")),
      "apply /metadata/labels/app.kubernetes.io~1managed-by /metadata/annotations/meta.helm.sh~1release-name /metadata/annotations/meta.helm.sh~1release-namespace",
    ],
    ["leaves alone what the original has marked for another release", situation(markedFor("api")), "none"],
    [
      "knows its own by Helm's fields where every mark was taken off",
      situation(
        stored(configMap({ a: "1", b: "2" }, { labels: {}, annotations: {} }), { managedFields: [helm] }),
      ),
      "apply /metadata/labels/app.kubernetes.io~1managed-by /metadata/annotations/meta.helm.sh~1release-name /metadata/annotations/meta.helm.sh~1release-namespace",
    ],
  ];

  for (const [what, given, operation] of cases) {
    it(what, () => {
      assert.equal(summary(decide(given)), operation);
    });
  }

  for (const known of [verified, undefined]) {
    it(`takes over additions before it restores what was changed, ${known ? "" : "never "}verified`, () => {
      // A dry run would be refused if list keys have changed.
      const given = situation(added({ a: "changed" }, by("kubectl-edit", extra)), { known });
      const operation = decide(given);
      assert.ok(operation.do === "take over");
      assert.deepEqual(
        operation.additions.map(({ pointer }) => pointer),
        ["/data/extra"],
      );
      assert.deepEqual(operation.fields, ["/data/a", "/data/extra"]);
    });
  }

  const reasons: [what: string, situation: Situation, reason: Reason][] = [
    ["must not be created", seenAs({ as: "absent", at: 0, wasRead: true }, beyond), { is: "never seen" }],
    [
      "is another release's",
      situation(foreign, { rivalTracks: true }),
      { is: "tracked by another", rival: { name: "api", namespace: "shop" } },
    ],
    ["bears no mark of Helm", situation(bare), { is: "unmarked" }],
    [
      "names another release, and reaches beyond its own",
      situation(foreign, { rivalTracks: false, ...beyond }),
      { is: "named by another", rival: { name: "api", namespace: "shop" } },
    ],
    ["names no release, and reaches beyond its own", situation(labelled, beyond), { is: "unnamed" }],
    [
      "names no release, where only a policy names one",
      situation(labelled, { isUnnamed: true }),
      { is: "unnamed" },
    ],
    [
      "names another release, where only a policy names one",
      situation(foreign, { rivalTracks: false, isUnnamed: true }),
      { is: "named by another", rival: { name: "api", namespace: "shop" } },
    ],
  ];

  for (const [what, given, because] of reasons) {
    it(`tells why it leaves alone what ${what}`, () => {
      assert.deepEqual(decide(given), { do: "none", because });
    });
  }

  for (const isWatched of [true, false]) {
    it(`${isWatched ? "trusts" : "does not trust"} the watch to tell the end of what ${isWatched ? "has" : "lost"} Helm's label`, () => {
      const labels = isWatched ? helmLabel : {};
      const leaving = stored(configMap({}, { labels }), { deletionTimestamp: "2026-01-01T00:00:00Z" });
      assert.deepEqual(decide(situation(leaving)), { do: "wait", isWatched, isHeld: false });
    });
  }

  it("restores field by field where the server takes no apply of the object", () => {
    const operation = decide(
      situation(added({ a: "changed" }, by("kubectl-edit", extra)), { isApplicable: false }),
    );
    assert.ok(operation.do === "patch");
    assert.deepEqual(operation.patch, [
      { op: "test", path: "/metadata/resourceVersion", value: "7" },
      { op: "replace", path: "/data/a", value: "1" },
      { op: "remove", path: "/data/extra" },
    ]);
  });

  it("says nothing of what is right", () => {
    assert.deepEqual(decide(situation(right)), { do: "none" });
  });

  it("asks about what was never verified also where an apply of it is refused", () => {
    assert.equal(summary(decide(situation(edited, { known: undefined, isRefused: true }))), "probe");
    const operation = decide(situation(edited, { known: undefined, isRefused: true, isAsked: true }));
    assert.equal(summary(operation), "patch /data/a");
    assert.equal(summary(decide(situation(edited, { isRefused: true }))), "patch /data/a");
  });

  describe("of an object that nobody is known to have changed, and that is not as it was", () => {
    const left = { manager: "helm", left: [] };
    const known = learnRight(undefined, {
      desired,
      live: stored(configMap({ a: "1", b: "2", made: "x" })),
      ...left,
    });

    it("does nothing where it is as it was when it was right, whatever else was learned", () => {
      const live = stored(configMap({ a: "1", b: "2", made: "x" }), { managedFields: [helm] });
      assert.equal(summary(decide(situation(live, { known }))), "none");
    });

    it("asks what the server makes of it anew, and brings that back", () => {
      assert.equal(summary(decide(situation(right, { known }))), "compare");
      const anew = stored(configMap({ a: "1", b: "2", made: "x" }));
      const brought = decide(situation(right, { known, anew }));
      assert.equal(summary(brought), "apply /data/made");
      assert.ok(brought.do === "apply");
      assert.deepEqual(brought.payload.data, { a: "1", b: "2", made: "x" });
      for (const given of [{ isRefused: true }, { isApplicable: false }])
        assert.equal(summary(decide(situation(right, { known, anew, ...given }))), "patch /data/made");
      assert.equal(summary(decide(situation(right, { known, anew: right }))), "none");
    });

    it("keeps what it has brought back before, whatever it brings back or applies next", () => {
      const owned = { ...helm, fieldsV1: { "f:data": { "f:a": {}, "f:b": {}, "f:made": {} } } };
      const given = { known: { ...known, ...own("/data/made", "x"), right: "" } };
      const live = (data: JsonObject) =>
        stored(configMap({ made: "x", ...data }), { managedFields: [owned] });
      const anew = stored(configMap({ a: "1", b: "2", made: "x", more: "y" }));
      const brought = decide(situation(live({ a: "1", b: "2" }), { ...given, anew }));
      assert.equal(summary(brought), "apply /data/more");
      assert.ok(brought.do === "apply");
      assert.deepEqual(brought.payload.data, { a: "1", b: "2", made: "x", more: "y" });
      const edited = decide(situation(live({ a: "changed", b: "2" }), given));
      assert.equal(summary(edited), "apply /data/a");
      assert.ok(edited.do === "apply");
      assert.deepEqual(edited.payload.data, { a: "1", b: "2", made: "x" });
    });

    it("keeps nothing of what a takeover has given Helm's entry before the object was right once", () => {
      const owned = { ...helm, fieldsV1: { "f:data": { "f:a": {}, "f:b": {}, "f:made": {} } } };
      const live = stored(configMap({ made: "x", a: "changed", b: "2" }), { managedFields: [owned] });
      const never = { ...NOTHING_KNOWN, ...own("/data/made", "x") };
      const edited = decide(situation(live, { known: never }));
      assert.ok(edited.do === "apply");
      assert.deepEqual(edited.payload.data, { a: "1", b: "2" });
    });

    it("learns of what is as it was only which state that is", () => {
      const live: KubeObject = { ...right, metadata: { ...right.metadata, generation: 9 } };
      assert.deepEqual(learnUnchanged(known, live), { ...known, generation: 9 });
      assert.equal(learnUnchanged(known, { ...live, metadata: right.metadata }), known);
    });

    it("takes nothing away that somebody has come to own while changing something else", () => {
      const owns = by("terraform", { "f:data": { "f:made": {}, "f:extra": {} } }, { operation: "Apply" });
      const live = stored(configMap({ a: "1", b: "2", made: "x", extra: "y" }), {
        managedFields: [helm, owns],
      });
      assert.equal(summary(decide(situation(live, { known }))), "remove /data/extra");
      const edited = stored(configMap({ a: "1", b: "2", made: "z" }), { managedFields: [helm, owns] });
      assert.equal(summary(decide(situation(edited, { known }))), "remove /data/made");
    });

    it("tells of what can't be taken away only where it is not as it was, and nothing else brings it back", () => {
      const live = added({ a: "1" }, by("dashboard", extra));
      const kept = new Set([digestOf("/data/extra", "x")]);
      const because = { is: "kept", fields: ["/data/extra"] };
      const given = { known: { ...known, kept } };
      assert.equal(summary(decide(situation(live, given))), "compare");
      assert.deepEqual(decide(situation(live, { ...given, anew: live })), { do: "none", because });
      assert.equal(summary(decide(situation(live, { ...given, anew: right }))), "patch /data/extra");
    });

    it("takes nothing away that somebody has only come to own", () => {
      const live = added({ a: "1" }, by("dashboard", extra));
      const asItWas = learnRight(undefined, {
        desired,
        live: { ...live, metadata: right.metadata },
        ...left,
      });
      assert.equal(summary(decide(situation(live, { known: asItWas }))), "none");
      assert.equal(summary(decide(situation(live, { known }))), "remove /data/extra");
    });

    it("tells that it is another one where the server refuses to make it anew", () => {
      const because = { is: "immutable" };
      const given = { known: { ...known, generation: 1 }, anew: "refused" as const };
      const live: KubeObject = { ...right, metadata: { ...right.metadata, generation: 2 } };
      assert.deepEqual(decide(situation(live, given)), { do: "none", because });
      assert.deepEqual(decide(situation({ ...live, metadata: desired.metadata }, given)), {
        do: "none",
        because,
      });
    });

    it("tells nothing where nobody has written since: an API server of another version reads it so", () => {
      const generation = 3;
      const live: KubeObject = { ...right, metadata: { ...right.metadata, generation } };
      const given = { known: { ...known, generation }, anew: "refused" as const };
      assert.deepEqual(decide(situation(live, given)), { do: "none" });
    });
  });

  describe("of an object that a hand has changed through another API version", () => {
    const old = { apiVersion: "v0" };
    const unread = by("kubectl-edit", { "f:data": { "f:extra": {}, "f:gone": {} } }, old);
    const doubted = (operation: Operation) =>
      operation.do === "probe" ? operation.doubts.map(({ pointer }) => pointer) : [];

    it("takes away once what managedFields show as well", () => {
      const live = stored(configMap({ a: "1", b: "2", extra: "x" }), { managedFields: [helm, unread] });
      const operation = decide(situation(live));
      assert.ok(operation.do === "remove");
      assert.deepEqual(operation.fields, ["/data/extra"]);
    });

    it("does not ask about what a controller of the object has added", () => {
      const owners = [
        by("operator", { "f:data": { "f:made": {} } }),
        by("operator", { "f:status": {} }, { subresource: "status" }),
      ];
      const live = (data: JsonObject) =>
        stored(configMap({ a: "1", b: "2", ...data }), { managedFields: [helm, unread, ...owners] });
      assert.deepEqual(doubted(decide(situation(live({ hidden: "x", made: "y" })))), ["/data/hidden"]);
      assert.equal(summary(decide(situation(live({ made: "y" })))), "none");
    });
  });

  it("asks about what only Helm sets, added to an object without owners", () => {
    const annotations = { ...helmAnnotations, "helm.sh/resource-policy": "keep", note: "of others" };
    const live = stored(configMap({ a: "1", b: "2" }, { annotations }), { managedFields: [] });
    const operation = decide(situation(live));
    assert.ok(operation.do === "probe");
    assert.deepEqual(
      operation.doubts.map(({ pointer }) => pointer),
      ["/metadata/annotations/helm.sh~1resource-policy"],
    );
  });

  it("hands over the object as it was observed", () => {
    const operation = decide(situation(edited));
    assert.ok(operation.do === "apply");
    assert.equal(operation.live, edited);
    assert.deepEqual(operation.payload, desired);
  });

  describe("after learning from the server's reply", () => {
    const wanted = configMap({ a: "1000m" });
    const reply = stored(configMap({ a: "1", extra: "x" }), { managedFields: [by("webhook", extra)] });
    const given = situation(reply, { desired: wanted });
    const judging = { desired: wanted, live: reply, manager: "helm", left: [] };

    it("leaves alone what the server writes otherwise, but not additions that only were there", () => {
      const known = learnFromApply(undefined, judging);
      assert.equal(summary(decide({ ...given, known })), "remove /data/extra");
    });

    it("tells of what is there as it was although it was just removed, and leaves it alone", () => {
      const removed = [{ pointer: "/data/extra", value: "x" }];
      const known = learnFromRemoval(learnFromApply(undefined, judging), reply, removed);
      const because = { is: "kept", fields: ["/data/extra"] };
      assert.deepEqual(decide({ ...given, known }), { do: "none", because });
      const later = stored(configMap({ a: "1", extra: "y" }), { managedFields: [by("webhook", extra)] });
      assert.equal(summary(decide(situation(later, { desired: wanted, known }))), "remove /data/extra");
    });

    it("does not take what has another value after its removal for kept: a default came back", () => {
      const known = learnFromRemoval(undefined, reply, [{ pointer: "/data/extra", value: "z" }]);
      assert.equal(known.kept.size, 0);
    });
  });
});
