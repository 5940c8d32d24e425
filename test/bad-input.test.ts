import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import {
  hasProblems,
  helmRelease,
  helmReleasePath,
  isLocked,
  isUnlocked,
  lock,
  register,
  says,
  untilStatus,
} from "../hack/locker/helm-release";
import { recordPath } from "../hack/locker/release-record";
import { byPatch, isReverted, postSentinel, sentinelReverted, stands } from "./support/changes";
import { inStatus, rewriteRecord, withDocument } from "./support/record";
import { LATE_STATUS } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

describe("bad input", () => {
  let room: Room;
  /** Each test has its own release, and its ConfigMap. */
  let release: string;
  let settings: string;
  before(async () => {
    room = await Room.open(postSentinel);
  });
  beforeEach(async () => {
    ({ release, settings } = await room.installFresh());
  });
  after(() => room.close());

  it("unlocks while a record is unreadable, and locks when it is well again", async () => {
    await lock(room, release);
    const { data } = await room.api.read(recordPath(release, 1));
    await room.api.edit(recordPath(release, 1), {
      data: { release: Buffer.from("not gzip").toString("base64") },
    });
    const { conditions } = await isUnlocked(room, release, "Error", "RecordError");
    assert.match(conditions.map(({ message }) => message).join(), new RegExp(`${release}\\.v1|revision 1`));
    await stands(room, settings, edit());
    await room.api.edit(recordPath(release, 1), { data });
    await isLocked(room, release);
    await isReverted(room, settings, edit("green"));
  });

  it("unlocks while a record's label and body disagree", async () => {
    await lock(room, release);
    await room.api.edit(recordPath(release, 1), { metadata: { labels: { status: "failed" } } });
    await isUnlocked(room, release, "Error", "RecordError");
    await stands(room, settings, edit());
  });

  const states: Record<string, [state: string, reason: string]> = {
    superseded: ["Error", "RecordError"],
    uninstalling: ["Transitioning", "Transitioning"],
    "pending-install": ["Transitioning", "Transitioning"],
    "pending-upgrade": ["Transitioning", "Transitioning"],
    "pending-rollback": ["Transitioning", "Transitioning"],
    uninstalled: ["Uninstalled", "Uninstalled"],
    failed: ["Failed", "Failed"],
    unknown: ["Unknown", "Unknown"],
  };
  for (const [status, [state, reason]] of Object.entries(states)) {
    it(`stands down while the newest record is ${status}`, async () => {
      await lock(room, release);
      await rewriteRecord(room, release, inStatus(status));
      await isUnlocked(room, release, state, reason);
      await stands(room, settings, edit());
    });
  }

  const specs: Record<string, Body> = {
    "no spec": {},
    "an empty spec": { spec: {} },
    "an empty release": { spec: { release: {} } },
    "nulls for names": { spec: { release: { name: null, namespace: null } } },
    "an impossible name": { spec: { release: { name: "Not/A Name", namespace: NAMESPACE } } },
    "an impossible namespace": { spec: { release: { name: "web", namespace: "../kube-system" } } },
  };
  for (const [what, spec] of Object.entries(specs)) {
    it(`reports ${what}`, async () => {
      await register(room, { ...helmRelease(release), spec: undefined, ...spec });
      await saysInvalid(release);
      await sentinelReverted(room);
    });
  }

  it("locks again when a bad spec is mended, and unlocks when it is spoilt", async () => {
    await register(room, { ...helmRelease(release), spec: {} });
    await saysInvalid(release);
    await room.api.edit(helmReleasePath(release), {
      spec: { release: { name: release, namespace: NAMESPACE } },
    });
    await isLocked(room, release);
    await room.api.edit(helmReleasePath(release), { spec: { release: { name: null } } });
    await saysInvalid(release);
    await stands(room, settings, edit());
  });

  const documents: Record<string, [document: Body | string, named: RegExp]> = {
    "is no YAML": ["kind: [ConfigMap", /document|YAML/i],
    "has no name": [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "some-" } },
      /generateName|name/,
    ],
    "is of a kind that is not served": [
      { apiVersion: "zoo.example.com/v1", kind: "Unicorn", metadata: { name: "ash" } },
      /Unicorn/,
    ],
  };
  it("locks the rest of a manifest of which a document is of a kind whose own API server does not answer", async () => {
    const group = "absent.example.com";
    await room.api.create(collection("apiregistration.k8s.io/v1", "apiservices"), {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: `v1.${group}` },
      spec: {
        group,
        version: "v1",
        service: { name: "absent", namespace: NAMESPACE },
        groupPriorityMinimum: 10,
        versionPriority: 10,
        insecureSkipTLSVerify: true,
      },
    });
    const document = { apiVersion: `${group}/v1`, kind: "Ghost", metadata: { name: "anna" } };
    await rewriteRecord(room, release, withDocument(document));
    await register(room, helmRelease(release));
    assert.match(await hasProblems(room, release, undefined, LATE_STATUS), /Ghost.*can't be looked up/);
    await isReverted(room, settings, edit());
  });

  for (const [what, [document, named]] of Object.entries(documents)) {
    it(`locks the rest of a manifest of which a document ${what}`, async () => {
      await rewriteRecord(room, release, withDocument(document));
      await register(room, helmRelease(release));
      assert.match(await hasProblems(room, release), named);
      await isReverted(room, settings, edit());
    });
  }

  it("names an object that cannot be reverted, and keeps the others locked", async () => {
    const other = `${release}-other`;
    await room.install(release, {
      templates: {
        settings: configMap(release, { color: "blue" }),
        other: configMap(other, { color: "blue" }),
      },
    });
    await lock(room, release);
    await room.api.edit(settings, { data: { color: "red" }, immutable: true });
    assert.match(await hasProblems(room, release), new RegExp(release));
    await isReverted(room, configMapPath(NAMESPACE, other), edit("red", configMapPath(NAMESPACE, other)));
  });

  async function saysInvalid(name: string): Promise<void> {
    await untilStatus(room, name, seen =>
      ["Ready", "Locked"].every(type => says(seen, type, "False", "InvalidSpec")),
    );
  }

  function edit(color = "red", path = settings): () => Promise<unknown> {
    return byPatch(room, path, { data: { color } });
  }
});
