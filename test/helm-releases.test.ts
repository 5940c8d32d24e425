import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { configMap, configMapPath } from "../hack/lib/objects";
import { until } from "../hack/lib/watch";
import {
  CLAIM,
  hasEvent,
  helmRelease,
  helmReleasePath,
  helmReleasesSettled,
  isLocked,
  lock,
  register,
  REGISTRATION_NAMESPACE,
} from "../hack/locker/helm-release";
import { byPatch, isReverted, postSentinel, stands } from "./support/changes";
import { NAMESPACE, Room } from "./support/room";

describe("what a HelmRelease says is done", () => {
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

  it("claims one that nobody has claimed, and leaves no finalizer on it", async () => {
    await lock(room, release);
    const { metadata } = await room.api.read(helmReleasePath(release));
    assert.equal(metadata.annotations?.[CLAIM], "helm-locker");
    assert.equal(metadata.finalizers, undefined);
  });

  it("is shown by kubectl with what it locks", async () => {
    await lock(room, release);
    const table = await room.kubectl("get", "helmreleases", release, `--namespace=${REGISTRATION_NAMESPACE}`);
    const [head = "", row = ""] = table.split("\n");
    assert.match(
      head,
      /^NAME +RELEASE NAME +RELEASE NAMESPACE +VERSION +STATE +MODE +READY +DRIFTED +LAST DRIFT +AGE/,
    );
    assert.match(row, new RegExp(`^${release} +${release} +${NAMESPACE} +1 +Deployed +enabled +True`));
  });

  it("unlocks when it is deleted", async () => {
    await lock(room, release);
    await room.api.delete(helmReleasePath(release));
    await helmReleasesSettled(room);
    await stands(room, settings, edit());
  });

  it("unlocks the one and locks the other when it is repointed", async () => {
    const other = `${release}-other`;
    await room.install(other, { templates: { settings: configMap(other, { color: "blue" }) } });
    await lock(room, release);
    await room.api.edit(helmReleasePath(release), { spec: { release: { name: other } } });
    await isLocked(room, release);
    await hasEvent(room, release, "Untracked");
    await hasEvent(room, release, "Locked", `of release ${NAMESPACE}/${other} at`);
    await isReverted(room, configMapPath(NAMESPACE, other), edit(configMapPath(NAMESPACE, other)));
    await stands(room, settings, edit());
  });

  it("unlocks when another controller claims it, and says nothing more", async () => {
    await lock(room, release);
    await room.api.edit(helmReleasePath(release), { metadata: { annotations: { [CLAIM]: "other" } } });
    await helmReleasesSettled(room);
    const { status } = await room.api.read(helmReleasePath(release));
    await stands(room, settings, edit());
    await room.install(release, { templates: {} });
    await helmReleasesSettled(room);
    assert.deepEqual((await room.api.read(helmReleasePath(release))).status, status);
  });

  it("leaves alone what another controller has claimed from the start", async () => {
    await register(room, helmRelease(release, { metadata: { annotations: { [CLAIM]: "other" } } }));
    await helmReleasesSettled(room);
    await stands(room, settings, edit());
    assert.equal((await room.api.read(helmReleasePath(release))).status, undefined);
  });

  it("locks when the claim of another controller is lifted", async () => {
    await register(room, helmRelease(release, { metadata: { annotations: { [CLAIM]: "other" } } }));
    await room.api.edit(helmReleasePath(release), { metadata: { annotations: { [CLAIM]: null } } });
    await isLocked(room, release);
    await isReverted(room, settings, edit());
  });

  it("keeps a release locked until the last of its HelmReleases is gone", async () => {
    const twin = `${release}-twin`;
    await lock(room, release);
    await lock(room, twin, { release });
    await room.api.delete(helmReleasePath(release));
    await helmReleasesSettled(room);
    await isReverted(room, settings, edit());
    await room.api.delete(helmReleasePath(twin));
    await helmReleasesSettled(room);
    await stands(room, settings, edit());
  });

  it("ignores one outside the registration namespace", async () => {
    await register(room, helmRelease(release), NAMESPACE);
    await helmReleasesSettled(room);
    await stands(room, settings, edit());
    const { status, metadata } = await room.api.read(helmReleasePath(release, NAMESPACE));
    assert.equal(status, undefined);
    assert.equal(metadata.annotations, undefined);
  });

  it("lets one go that still has the finalizer of the original Helm Locker", async () => {
    const finalizers = ["wrangler.cattle.io/on-helm-release-remove"];
    await lock(room, release, { metadata: { finalizers } });
    await room.api.delete(helmReleasePath(release));
    await until(room.api, helmReleasePath(release), object => object === undefined);
    await helmReleasesSettled(room);
    await stands(room, settings, edit());
  });

  function edit(path = settings): () => Promise<unknown> {
    return byPatch(room, path, { data: { color: "red" } });
  }
});
