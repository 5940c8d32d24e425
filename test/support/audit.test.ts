import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AuditEvent } from "../../hack/clusters/control-plane/audit";
import { breaches } from "./audit";

const LOCKER = "system:serviceaccount:pepr-system:locker";

const ownership = {
  "meta.helm.sh/release-name": "web",
  "meta.helm.sh/release-namespace": "shop",
};

/** One request, sent at a second of the hour and answered half a second later. */
function request(second: number, verb: string, path: string, more: Partial<AuditEvent> = {}): AuditEvent {
  const [resource = "", name = ""] = path.split("?")[0]?.split("/") ?? [];
  const time = `2026-01-01T00:00:${String(second).padStart(2, "0")}`;
  return {
    auditID: `${second}`,
    stage: "ResponseComplete",
    verb,
    requestURI: `/api/v1/namespaces/shop/${path}`,
    user: { username: LOCKER },
    objectRef: { resource, name, namespace: "shop" },
    responseStatus: { code: 200 },
    requestObject: undefined,
    responseObject: undefined,
    requestReceivedTimestamp: `${time}.000000Z`,
    stageTimestamp: `${time}.500000Z`,
    ...more,
  };
}

function record(second: number, revision: number, status: string): AuditEvent {
  return request(second, "update", `secrets/sh.helm.release.v1.web.v${revision}`, {
    user: { username: "admin" },
    userAgent: "Helm/3.22",
    responseObject: { metadata: { labels: { status } } },
  });
}

function check(second: number, revision: number): AuditEvent[] {
  const path = "secrets/sh.helm.release.v1.web.v";
  return [
    request(second, "get", `${path}${revision}`),
    request(second, "get", `${path}${revision + 1}`, { responseStatus: { code: 404 } }),
  ];
}

function write(second: number, { manager = "helm", annotations = {}, verb = "patch" } = {}): AuditEvent {
  return request(second, verb, `configmaps/settings?fieldManager=${manager}&force=true`, {
    requestObject: { metadata: { resourceVersion: "7", annotations: { ...ownership, ...annotations } } },
    responseObject: { metadata: { uid: "1", resourceVersion: "8", annotations: ownership } },
  });
}

/** A change by hand that leaves a state. */
function edit(second: number, resourceVersion: string): AuditEvent {
  return request(second, "patch", "configmaps/settings", {
    user: { username: "admin" },
    responseObject: { metadata: { uid: "1", resourceVersion, annotations: ownership } },
  });
}

/** A write that says nothing of the state that it is for. */
function stateless(second: number, code: number): AuditEvent {
  const requestObject = { metadata: { annotations: ownership } };
  return { ...write(second), requestObject, responseStatus: { code } };
}

/** A JSON patch that is for a state. */
function jsonPatch(second: number, value: string): AuditEvent {
  const test = { op: "test", path: "/metadata/resourceVersion", value };
  return { ...write(second), requestObject: [test, { op: "remove", path: "/data/color" }] };
}

/** The same write, of an object on which a hand has changed the name of the release. */
function namedByHand(event: AuditEvent): AuditEvent {
  const annotations = { ...ownership, "meta.helm.sh/release-name": "none" };
  return { ...event, responseObject: { metadata: { uid: "1", resourceVersion: "8", annotations } } };
}

/** The same check, each read of which was answered some seconds later. */
function slow(reads: AuditEvent[], answered: number): AuditEvent[] {
  return reads.map(read => ({ ...read, stageTimestamp: `2026-01-01T00:00:0${answered}.000000Z` }));
}

describe("the rule of Helm's precedence", () => {
  const kept: Record<string, AuditEvent[]> = {
    "a write after its check": [record(1, 1, "deployed"), ...check(3, 1), write(4)],
    "a write that was checked just before an upgrade began": [
      record(1, 1, "deployed"),
      ...check(3, 1),
      record(4, 2, "pending-upgrade"),
      write(5),
    ],
    "a check while `deployed` is being stored": [
      record(1, 1, "pending-install"),
      { ...record(3, 1, "deployed"), requestReceivedTimestamp: "2026-01-01T00:00:02.000000Z" },
      ...check(3, 1),
      write(5),
    ],
    "an annotation that Helm wrote, too": [
      record(1, 1, "deployed"),
      { ...write(2, { annotations: { note: "x" } }), user: { username: "admin" }, userAgent: "Helm/3.22" },
      ...check(3, 1),
      write(4, { annotations: { note: "x" } }),
    ],
    "a state that was there when the check was sent": [
      record(1, 1, "deployed"),
      edit(2, "7"),
      ...check(3, 1),
      write(4),
    ],
    "such a state of which a dry run was made after the check": [
      record(1, 1, "deployed"),
      edit(2, "7"),
      ...check(3, 1),
      edit(4, "7"),
      write(5),
    ],
    "a JSON patch of such a state": [record(1, 1, "deployed"), ...check(3, 1), jsonPatch(4, "7")],
    "a removal from what a hand has named for a release that there is not": [
      record(1, 1, "deployed"),
      ...check(3, 1),
      namedByHand(jsonPatch(4, "7")),
      write(5),
    ],
    "a create": [record(1, 1, "deployed"), ...check(3, 1), stateless(4, 201)],
    "a check that was answered as late as the write came after it": [
      record(1, 1, "deployed"),
      ...slow(check(2, 1), 5),
      write(8),
    ],
    "a check of the revision that is the newest since a later one was deleted": [
      record(1, 1, "deployed"),
      record(1, 2, "deployed"),
      { ...record(2, 2, ""), verb: "delete" },
      ...check(3, 1),
      write(4),
    ],
    "a dry run": [{ ...write(4), requestURI: "/api/v1/namespaces/shop/configmaps/settings?dryRun=All" }],
    "a refused write": [{ ...write(4), responseStatus: { code: 409 } }],
  };
  for (const [what, events] of Object.entries(kept)) {
    it(`is kept by ${what}`, () => {
      assert.deepEqual(breaches(events, LOCKER), []);
    });
  }

  const broken: Record<string, [RegExp, AuditEvent[]]> = {
    "a write without a check": [/no phase check/, [record(1, 1, "deployed"), write(4)]],
    "such a removal without a check": [
      /no phase check/,
      [record(1, 1, "deployed"), namedByHand(jsonPatch(2, "7")), ...check(3, 1), write(4)],
    ],
    "a write whose check came after it": [
      /no phase check/,
      [record(1, 1, "deployed"), write(2), ...check(3, 1)],
    ],
    "a write whose check is old": [/answered at/, [record(1, 1, "deployed"), ...check(3, 1), write(9)]],
    "a write that carries no state": [
      /carries no state/,
      [record(1, 1, "deployed"), ...check(3, 1), stateless(4, 200)],
    ],
    "a state from after the check": [
      /younger than its phase check/,
      [record(1, 1, "deployed"), ...check(3, 1), edit(4, "7"), write(5)],
    ],
    "a JSON patch of a state from after the check": [
      /younger than its phase check/,
      [record(1, 1, "deployed"), ...check(3, 1), edit(4, "7"), jsonPatch(5, "7")],
    ],
    "a check of a revision that was not deployed": [
      /pending-upgrade/,
      [record(1, 2, "pending-upgrade"), ...check(3, 2), write(4)],
    ],
    "a check of an older revision": [
      /pending-rollback/,
      [record(1, 1, "deployed"), record(2, 3, "pending-rollback"), ...check(3, 1), write(4)],
    ],
    "a check after the record was gone": [
      /gone/,
      [record(1, 1, "deployed"), { ...record(2, 1, ""), verb: "delete" }, ...check(3, 1), write(4)],
    ],
    "a check of a revision that was superseded when the newest was deleted": [
      /superseded/,
      [
        record(1, 1, "superseded"),
        record(1, 2, "deployed"),
        { ...record(2, 2, ""), verb: "delete" },
        ...check(3, 1),
        write(4),
      ],
    ],
    "another field manager": [
      /pepr/,
      [record(1, 1, "deployed"), ...check(3, 1), write(4, { manager: "pepr" })],
    ],
    "an annotation of its own": [
      /note/,
      [record(1, 1, "deployed"), ...check(3, 1), write(4, { annotations: { note: "x" } })],
    ],
    "a deletion": [
      /did not create/,
      [record(1, 1, "deployed"), ...check(3, 1), write(4, { verb: "delete" })],
    ],
  };
  for (const [what, [breach, events]] of Object.entries(broken)) {
    it(`is broken by ${what}`, () => {
      assert.match(breaches(events, LOCKER).join("\n"), breach);
    });
  }
});
