import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { Refused } from "../hack/lib/api";
import { dataOf, type Body } from "../hack/lib/objects";
import {
  ask,
  helmRelease,
  isAtRest,
  isLocked,
  lock,
  register,
  saysInvalid,
} from "../hack/locker/helm-release";
import { becomes, byPatch, isReverted, postSentinel, sentinelReverted, stands } from "./support/changes";
import { Room } from "./support/room";

const rule = (rule: Body): Body => ({ driftDetection: { ignore: [rule] } });

/** What the API server refuses by the definition of HelmReleases. */
const REFUSED: Record<string, [spec: Body, words: RegExp]> = {
  "an end without a suspension": [
    { suspendUntil: "2030-01-01T00:00:00Z" },
    /suspendUntil needs suspend: true/,
  ],
  "an end of what is not suspended": [
    { suspend: false, suspendUntil: "2030-01-01T00:00:00Z" },
    /suspendUntil needs suspend: true/,
  ],
  "an end that is no time": [{ suspend: true, suspendUntil: "tomorrow" }, /suspendUntil.*date-time/s],
  "a mode that is none": [{ driftDetection: { mode: "Enabled" } }, /Unsupported value: "Enabled"/],
  "a path that does not begin with a slash": [rule({ paths: ["spec/replicas"] }), /paths\[0\]/],
  "a rule without paths and managers": [
    rule({ target: { kind: "Job" } }),
    /needs paths or managedFieldsManagers/,
  ],
  "a rule with empty lists": [
    rule({ paths: [], managedFieldsManagers: [] }),
    /needs paths or managedFieldsManagers/,
  ],
  "additions that are neither kept nor removed": [{ driftDetection: { additions: "Ignore" } }, /additions/],
  "a name that no ServiceAccount has": [{ serviceAccountName: "Not/One" }, /serviceAccountName/],
  "a reason of more than 256 characters": [
    { suspend: true, suspendReason: "x".repeat(257) },
    /suspendReason/,
  ],
  "more rules than one can read": [
    { driftDetection: { ignore: Array.from({ length: 65 }, () => ({ paths: ["/a"] })) } },
    /ignore/,
  ],
};

/** What only the locker can tell. */
const INVALID: Record<string, [spec: Body, words: RegExp]> = {
  "a regular expression that is not closed": [
    rule({ paths: ["/a"], target: { name: "web-(" } }),
    /^spec\.driftDetection\.ignore\[0\]\.target\.name "web-\("/,
  ],
  "a regular expression that looks back": [
    rule({ paths: ["/a"], target: { namespace: "(?<=a)b" } }),
    /^spec\.driftDetection\.ignore\[0\]\.target\.namespace/,
  ],
  "a selector of labels that is none": [
    rule({ paths: ["/a"], target: { labelSelector: "app in web" } }),
    /^spec\.driftDetection\.ignore\[0\]\.target\.labelSelector .*kubectl get -l/,
  ],
  "a selector of annotations that is none": [
    rule({ paths: ["/a"], target: { annotationSelector: "=x" } }),
    /^spec\.driftDetection\.ignore\[0\]\.target\.annotationSelector/,
  ],
};

describe("a policy that can't be followed", () => {
  let room: Room;
  let release: string;
  let settings: string;
  before(async () => {
    room = await Room.open(postSentinel);
  });
  beforeEach(async () => {
    ({ release, settings } = await room.installFresh());
  });
  after(() => room.close());

  for (const [what, [spec, words]] of Object.entries(REFUSED))
    it(`is refused by the API server: ${what}`, async () => {
      await assert.rejects(
        register(room, helmRelease(release, { spec })),
        (error: unknown) => error instanceof Refused && words.test(error.message),
      );
    });

  for (const [what, [spec, words]] of Object.entries(INVALID))
    it(`locks nothing, and is told of with its field: ${what}`, async () => {
      await register(room, helmRelease(release, { spec }));
      assert.match(await saysInvalid(room, release), words);
      await stands(room, settings, recolor("red"));
      await ask(room, release, { driftDetection: null });
      await becomes(room, settings, now => now !== undefined && dataOf(now).color === "blue");
    });

  it("leaves the lock as it was before, also when the locker starts anew", async () => {
    await lock(room, release, { spec: rule({ paths: ["/data/free"], target: { name: ".*" } }) });
    await ask(room, release, rule({ paths: ["/data/free"], target: { name: "*" } }));
    assert.match(await saysInvalid(room, release), /stays locked as it was before/);
    await isReverted(room, settings, recolor("red"));
    assert.equal(await room.stopLocker(), 0);
    await room.api.edit(settings, { data: { color: "yellow" } });
    await room.startLocker();
    await becomes(room, settings, now => now !== undefined && dataOf(now).color === "blue");
    assert.match(await saysInvalid(room, release), /target\.name/);
    await ask(room, release, { driftDetection: null });
    await isLocked(room, release);
  });

  it("leaves a suspended lock suspended, also when the locker starts anew", async () => {
    await lock(room, release);
    await ask(room, release, { suspend: true });
    await isAtRest(room, release, "Suspended");
    await ask(room, release, { ...rule({ paths: ["/a"], target: { name: "(" } }), suspend: true });
    await saysInvalid(room, release);
    await stands(room, settings, recolor("red"));
    assert.equal(await room.stopLocker(), 0);
    await room.startLocker();
    await stands(room, settings, recolor("yellow"));
  });

  it("suspends all the same", async () => {
    await lock(room, release);
    await ask(room, release, { ...rule({ paths: ["/a"], target: { name: "(" } }), suspend: true });
    await saysInvalid(room, release);
    await stands(room, settings, recolor("red"));
    await ask(room, release, { suspend: false });
    await becomes(room, settings, now => now !== undefined && dataOf(now).color === "blue");
  });

  it("hurts no other lock", async () => {
    for (const [index, [spec]] of Object.values(INVALID).entries())
      await register(room, helmRelease(`${release}-${index}`, { release, spec }));
    for (const index of Object.keys(Object.values(INVALID))) await saysInvalid(room, `${release}-${index}`);
    await lock(room, release);
    await isReverted(room, settings, recolor("red"));
    await sentinelReverted(room);
  });

  function recolor(color: string): () => Promise<unknown> {
    return byPatch(room, settings, { data: { color } });
  }
});
