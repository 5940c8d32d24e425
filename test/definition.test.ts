import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { basename, join } from "node:path";
import { z } from "zod";
import { version } from "../package.json";
import { collection, configMap, configMapPath, dataOf } from "../hack/lib/objects";
import { untilSeen } from "../hack/lib/patience";
import { freePort } from "../hack/lib/ports";
import { Supervisor } from "../hack/lib/supervisor";
import { until } from "../hack/lib/watch";
import {
  helmRelease,
  helmReleasePath,
  isAtRest,
  isLocked,
  lock,
  register,
  REGISTRATION_NAMESPACE,
} from "../hack/locker/helm-release";
import { ROOT } from "../hack/lib/project";
import { spawnRuntime } from "../hack/locker/runtime";
import { becomes, byPatch, isReverted } from "./support/changes";
import { definitionPath, isEstablished } from "./support/definitions";
import { originalDefinition } from "./support/original";
import { WHEN_SERVED } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

const DEFINITION = "customresourcedefinition/helmreleases.helm.cattle.io";
const definition = definitionPath("helmreleases.helm.cattle.io");
const VERSION = "helmreleases.cattle.io/crd-version";

const settings = configMapPath(NAMESPACE, "settings");

/** The definition of version 0.1.0, which knows no policies. */
const PREVIOUS = join(ROOT, "test/data/helmreleases-0.1.0.yaml");

const withVersions = z.object({ spec: z.object({ versions: z.array(z.looseObject({})) }) });

describe("the definition of HelmReleases at a locker's start", () => {
  let supervisor: Supervisor | undefined;
  let room: Room;
  before(async () => {
    room = await Room.withoutLocker();
    await room.install("web", { templates: { settings: configMap("settings", { color: "blue" }) } });
  });
  afterEach(() => supervisor?.end());
  after(() => room.close());

  async function startLocker(): Promise<void> {
    supervisor = new Supervisor("helm-locker");
    const port = String(await freePort());
    const env = { KUBECONFIG: room.kubeconfig, HELM_LOCKER_NAMESPACE: REGISTRATION_NAMESPACE, PORT: port };
    await spawnRuntime(supervisor, env, "ignore");
    const isReady = async (): Promise<boolean> =>
      (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true;
    await untilSeen(isReady, "ready");
  }

  it("explains each field of the spec", async () => {
    const explain = (path: string, ...flags: string[]) =>
      untilSeen(
        () => room.kubectl("explain", path, ...flags).catch(() => false as const),
        `${path}, explained`,
      );
    const explained = await explain("hrl.spec", "--recursive");
    const fields = [...explained.matchAll(/^ +(\w+)\t<(\S+)>/gm)].map(([, name, type]) => `${name} ${type}`);
    assert.deepEqual(fields, [
      "admission Object",
      ...["action string", "deployers []Object", "kind string", "name string", "namespace string"],
      "subjects string",
      "driftDetection Object",
      ...["additions string", "allowCreate boolean", "ignore []Object"],
      ...["managedFieldsManagers []string", "paths []string", "target Object"],
      ...["annotationSelector string", "group string", "kind string", "labelSelector string"],
      ...["name string", "namespace string", "version string"],
      ...["knownControllers boolean", "mode string", "recordDiff string"],
      "release Object",
      ...["name string", "namespace string"],
      ...["serviceAccountName string", "suspend boolean", "suspendReason string", "suspendUntil string"],
    ]);
    for (const path of [
      "hrl.spec",
      "hrl.spec.release",
      "hrl.spec.driftDetection",
      "hrl.spec.driftDetection.ignore",
      "hrl.spec.admission",
      "hrl.spec.admission.deployers",
    ])
      assert.doesNotMatch(await explain(path), /<no description>/);
    assert.match(
      await explain("hrl.spec.driftDetection.mode"),
      /enabled \(the default\) reverts drift; warn only tells/,
    );
  });

  it("is brought where it is missing", async () => {
    await room.kubectl("delete", DEFINITION);
    await startLocker();
    await room.kubectl("wait", "--for=create", DEFINITION);
    await isEstablished(room, basename(DEFINITION));
    await lock(room, "web", {}, WHEN_SERVED);
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });

  it("is brought up to date where it is the original's, and its HelmReleases stay", async () => {
    await room.kubectl("delete", DEFINITION);
    await room.api.create(
      collection("apiextensions.k8s.io/v1", "customresourcedefinitions"),
      originalDefinition,
    );
    await isEstablished(room, basename(DEFINITION));
    const helmReleases = collection("helm.cattle.io/v1alpha1", "helmreleases", REGISTRATION_NAMESPACE);
    await room.api.create(helmReleases, {
      apiVersion: "helm.cattle.io/v1alpha1",
      kind: "HelmRelease",
      metadata: { name: "web" },
      spec: { release: { name: "web", namespace: NAMESPACE } },
    });
    await startLocker();
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    await room.kubectl("wait", DEFINITION, "--for=jsonpath={.spec.names.shortNames[0]}=hrl");
    const locked = ["helmrelease/web", "--namespace", REGISTRATION_NAMESPACE, "--for=condition=Locked"];
    await room.kubectl("wait", ...locked, "--timeout=60s");
  });

  it("is brought up to date where it is the previous version's, and back again, with HelmReleases in place", async () => {
    await room.kubectl("delete", DEFINITION);
    await room.kubectl("create", "--filename", PREVIOUS);
    await isEstablished(room, basename(DEFINITION));
    await register(room, helmRelease("web", { spec: { suspend: true } }));
    await startLocker();
    await until(room.api, definition, now => now?.metadata.annotations?.[VERSION] === version);
    await isLocked(room, "web", WHEN_SERVED);
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    await room.api.edit(helmReleasePath("web"), { spec: { suspend: true } });
    await isAtRest(room, "web", "Suspended");
    await room.api.edit(settings, { data: { color: "red" } });

    await room.kubectl("replace", "--filename", PREVIOUS);
    // The previous definition knows no suspension: what asks for nothing else is a lock.
    await becomes(room, settings, now => dataOf(now).color === "blue", WHEN_SERVED);
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "yellow" } }));
    assert.doesNotMatch(JSON.stringify((await room.api.read(helmReleasePath("web"))).spec), /suspend/);
  });

  it("stays as it is where it is a newer one", async () => {
    const columns = [{ jsonPath: ".status.state", name: "Newest", type: "string" }];
    const { spec } = withVersions.parse(await room.api.read(definition));
    await room.api.edit(definition, {
      metadata: { annotations: { [VERSION]: "99.0.0" } },
      spec: { versions: spec.versions.map(version => ({ ...version, additionalPrinterColumns: columns })) },
    });
    await startLocker();
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    await until(room.api, definition, now => now?.metadata.annotations?.[VERSION] === "99.0.0");
    assert.match(await room.kubectl("get", "helmreleases", "--namespace", REGISTRATION_NAMESPACE), /NEWEST/);
  });
});
