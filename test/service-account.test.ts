import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { lockerChart } from "../hack/artifacts/chart";
import type { AuditEvent } from "../hack/clusters/control-plane/audit";
import { collection, configMap, configMapPath, dataOf, type Body } from "../hack/lib/objects";
import type { IsState } from "../hack/lib/watch";
import { untilSeen } from "../hack/lib/patience";
import { LOCKER_NAMESPACE, LOCKER_RELEASE } from "../hack/locker/deployed/chart";
import {
  hasProblems,
  helmReleasePath,
  isLocked,
  lock,
  register,
  helmRelease,
} from "../hack/locker/helm-release";
import { payloadOf } from "../hack/locker/release-record";
import { requestsToWrite } from "./support/audit";
import { helms, installWith } from "./support/both-helms";
import {
  becomes,
  byPatch,
  isRecreated,
  isReverted,
  postSentinel,
  sentinelReverted,
  stands,
  staysAway,
} from "./support/changes";
import { deployment, writeChart } from "./support/chart";
import { isWriteTo } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";
import { forge } from "./support/forged";
import { recipe } from "./support/recipe";
import { AFTER_REFUSAL, STATUS } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";
import { accountPath, makeAccount, makeTenant, permit, toWrite, toWriteAs, userOf } from "./support/tenant";

const RBAC = "rbac.authorization.k8s.io";
const READS = ["get", "list", "watch"];

const configMaps = toWrite("configmaps");

/** A Service that needs nothing. */
function service(name: string): Body {
  const spec = { clusterIP: "None", selector: { app: name }, ports: [{ port: 80 }] };
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec };
}

/** A Deployment with one replica. */
function web(name: string): Body {
  return { ...deployment(name, {}, { replicas: 1 }), metadata: { name } };
}

function webPath(name: string): string {
  return `${collection("apps/v1", "deployments", NAMESPACE)}/${name}`;
}

function servicePath(name: string): string {
  return `${collection("v1", "services", NAMESPACE)}/${name}`;
}

/** What a condition advises. */
function rule(verbs: string[], resource: string, names?: string[], apiGroup = ""): string {
  return JSON.stringify({
    apiGroups: [apiGroup],
    resources: [resource],
    ...(names && { resourceNames: names }),
    verbs,
  });
}

/** How soon it is seen that a ServiceAccount was deleted, and told, in milliseconds. */
const WHEN_DELETED = 10_000 + STATUS;

const WRITES = ["create", "patch", "delete"];

function edits(room: Room, path: string, color = "red"): () => Promise<unknown> {
  return byPatch(room, path, { data: { color } });
}

const isBlue: IsState = now => dataOf(now).color === "blue";

/** Whom a request was sent as, if not as the locker. */
function impersonated({ impersonatedUser }: AuditEvent): string | undefined {
  return impersonatedUser?.username;
}

/** Whether a request is about one of the releases of which every write counts. */
function isOfWhole({ objectRef }: AuditEvent): boolean {
  return objectRef?.name?.startsWith("whole-") === true;
}

/** Whether a request only asks for rights. */
function isQuestion({ objectRef }: AuditEvent): boolean {
  return objectRef?.resource === "selfsubjectaccessreviews";
}

function shown({ verb, requestURI, responseStatus }: AuditEvent): string {
  return `${verb} ${requestURI} ${responseStatus?.code ?? 0}`;
}

describe("a lock with a ServiceAccount", () => {
  let room: Room;
  const spec = { serviceAccountName: "tenant" };
  before(async () => {
    room = await Room.open(postSentinel);
    await makeTenant(room, "tenant", configMaps, {
      apiGroups: ["apps"],
      resources: ["deployments"],
      verbs: WRITES,
    });
  });
  after(() => room.close());

  for (const helm of helms) {
    it(`writes and asks as it, and does nothing else as it, installed by ${helm}`, async () => {
      const release = `whole-${helm}`;
      const page = configMapPath(NAMESPACE, release);
      await installWith(
        room,
        helm,
        {
          templates: {
            page: configMap(release, { color: "blue" }),
            web: web(release),
          },
        },
        release,
      );
      await lock(room, release, { spec });
      await isReverted(room, page, edits(room, page));
      await isReverted(room, page, byPatch(room, page, { data: { size: "large" } }));
      // Nobody is known to have written it, so the server has to be asked.
      const unowned = { metadata: { managedFields: [{}] }, data: { size: "large" } };
      await isReverted(room, page, byPatch(room, page, unowned));
      await isRecreated(room, page);
      await isReverted(room, webPath(release), () =>
        room.kubectl("scale", `deployment/${release}`, "--replicas=3"),
      );
      const network = { op: "add", path: "/spec/template/spec/hostNetwork", value: true };
      await isReverted(room, webPath(release), () => room.api.patch(webPath(release), [network]));

      const events = await room.controlPlane.auditLog();
      const writes = requestsToWrite(events, room.lockerUser).filter(isOfWhole);
      const others = writes.filter(event => impersonated(event) !== userOf("tenant"));
      assert.deepEqual(others.map(shown), []);
      for (const part of ["dryRun=All", "force=true", "fieldManager=helm"])
        assert.ok(writes.some(({ requestURI }) => requestURI.includes(part)));
      const groups = [
        "system:serviceaccounts",
        `system:serviceaccounts:${NAMESPACE}`,
        "system:authenticated",
      ];
      assert.deepEqual(writes[0]?.impersonatedUser?.groups, groups);
      const rest = events.filter(event => event.impersonatedUser && !writes.includes(event));
      assert.deepEqual(rest.filter(event => !isQuestion(event)).map(shown), []);
    });
  }

  it("names the rule that it lacks before anything has changed, and again where it is needed", async () => {
    await room.install("narrow", { templates: { narrow: service("narrow") } });
    await register(room, helmRelease("narrow", { spec }));
    const message = await hasProblems(room, "narrow");
    assert.equal(
      message,
      `Service: ServiceAccount shop/tenant may not write any in namespace shop. To allow it, give ServiceAccount shop/tenant the rule ${rule(WRITES, "services")} by a Role and RoleBinding in namespace shop`,
    );
    await stands(room, servicePath("narrow"), () =>
      room.api.edit(servicePath("narrow"), { spec: { selector: { app: "other" } } }),
    );
    await hasProblems(
      room,
      "narrow",
      said =>
        said.includes(
          `Service shop/narrow: services "narrow" is forbidden: User "${userOf("tenant")}" cannot patch`,
        ) &&
        said.split(`give ServiceAccount shop/tenant the rule ${rule(WRITES, "services")} by a Role`)
          .length === 3,
    );
  });

  it("puts back what it could not, once it has the rule", async () => {
    await permit(room, "services", userOf("tenant"), toWrite("services"));
    const path = servicePath("narrow");
    await becomes(room, path, now => JSON.stringify(now?.spec).includes('"app":"narrow"'), AFTER_REFUSAL);
    await isLocked(room, "narrow");
  });

  it("writes nothing while the ServiceAccount does not exist, although its name has rights", async () => {
    const { release, settings } = await room.installFresh();
    await permit(room, "late", userOf("late"), configMaps);
    await permit(room, "locker-as-late", room.lockerUser, toWriteAs("late"));
    await register(room, helmRelease(release, { spec: { serviceAccountName: "late" } }));
    const missing = "ServiceAccount shop/late, which writes in the locker's place, does not exist";
    assert.match(await hasProblems(room, release), new RegExp(`^${missing}`));
    await stands(room, settings, edits(room, settings));
    await hasProblems(room, release, said => said.includes(`ConfigMap shop/${release}: ${missing}`));
    await makeAccount(room, "late");
    await becomes(room, settings, isBlue, AFTER_REFUSAL);
    await isLocked(room, release);
    const asLate = (await room.controlPlane.auditLog()).filter(
      event => impersonated(event) === userOf("late"),
    );
    const { metadata } = await room.api.read(accountPath("late"));
    const early = asLate.filter(
      event => Date.parse(event.requestReceivedTimestamp) < Date.parse(String(metadata.creationTimestamp)),
    );
    assert.deepEqual(early.map(shown), []);
  });

  it("writes nothing any more soon after the ServiceAccount was deleted, although its name has rights", async () => {
    const { release, settings } = await room.installFresh();
    await makeTenant(room, "brief", configMaps);
    await lock(room, release, { spec: { serviceAccountName: "brief" } });
    await isReverted(room, settings, edits(room, settings));
    await room.api.delete(accountPath("brief"));
    const state = { isTold: false };
    const told = hasProblems(room, release, said => said.includes("does not exist"), WHEN_DELETED);
    void told.finally(() => (state.isTold = true)).catch(() => undefined);
    for (let hand = 1; !state.isTold; hand++) {
      const color = `color-${hand}`;
      await room.api.edit(`${settings}?fieldManager=hand-${hand}`, { data: { color } });
      await sentinelReverted(room);
    }
    await told;
    await stands(room, settings, edits(room, settings, "green"));
  });

  it("names the locker's own rule, where the locker may not write as it", async () => {
    const { release, settings } = await room.installFresh();
    await makeAccount(room, "strange");
    await permit(room, "strange", userOf("strange"), configMaps);
    await register(room, helmRelease(release, { spec: { serviceAccountName: "strange" } }));
    const advice = `the locker may not write as ServiceAccount shop/strange. To allow it, give the locker the rule ${rule(["get", "impersonate"], "serviceaccounts", ["strange"])} by a Role and RoleBinding in namespace shop`;
    assert.equal(await hasProblems(room, release), advice);
    await stands(room, settings, edits(room, settings));
    await hasProblems(room, release, said => said === `${advice}; ConfigMap shop/${release}: ${advice}`);
    await permit(room, "locker-as-strange", room.lockerUser, toWriteAs("strange"));
    await becomes(room, settings, isBlue, AFTER_REFUSAL);
    await isLocked(room, release);
  });

  it("puts back at once what another ServiceAccount may write", async () => {
    const { release, settings } = await room.installFresh();
    await makeTenant(room, "poor");
    await register(room, helmRelease(release, { spec: { serviceAccountName: "poor" } }));
    await stands(room, settings, edits(room, settings));
    await hasProblems(room, release, said => said.includes(`User "${userOf("poor")}" cannot patch`));
    const isDenied = ({ objectRef, responseStatus }: AuditEvent) =>
      objectRef?.name === release && responseStatus?.code === 403;
    // By then, it is tried again after 4 s at the earliest.
    const areMany = async () => (await room.controlPlane.auditLog()).filter(isDenied).length >= 6;
    await untilSeen(areMany, "six denials");
    await room.api.edit(helmReleasePath(release), { spec });
    await becomes(room, settings, isBlue);
    await isLocked(room, release);
  });

  it("lets a forged record grant no more than the ServiceAccount has, even where all may be created", async () => {
    const { release, settings } = await room.installFresh();
    const binding = (kind: string): Body => ({
      apiVersion: `${RBAC}/v1`,
      kind,
      metadata: { name: "taken" },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "ServiceAccount", name: "tenant", namespace: NAMESPACE }],
    });
    const grants = { apiGroups: [RBAC], resources: ["roles", "rolebindings"], verbs: WRITES };
    await permit(room, "grants", userOf("tenant"), grants);
    await lock(room, release, { spec: { ...spec, driftDetection: { allowCreate: true } } });
    const objects = [
      configMap(release, { color: "blue" }),
      binding("RoleBinding"),
      binding("ClusterRoleBinding"),
    ];
    const manifest = objects.map(object => JSON.stringify(object)).join("\n---\n");
    await forge(room, { release, revision: "2", payload: payloadOf(release, 2, manifest) });
    await hasProblems(
      room,
      release,
      said =>
        said.includes(`RoleBinding shop/taken: rolebindings.${RBAC} "taken" is forbidden`) &&
        said.includes(`ClusterRoleBinding taken: clusterrolebindings.${RBAC} "taken" is forbidden`),
      AFTER_REFUSAL,
    );
    await staysAway(room, `${collection(`${RBAC}/v1`, "rolebindings", NAMESPACE)}/taken`);
    await staysAway(room, `${collection(`${RBAC}/v1`, "clusterrolebindings")}/taken`);
    await isReverted(room, settings, edits(room, settings));
  });
});

describe("the ServiceAccount of HelmReleases that name none", () => {
  let room: Room;
  before(async () => {
    room = await Room.withoutLocker();
    await makeTenant(room, "common", configMaps);
    await makeTenant(room, "own", configMaps);
    await room.startLocker({ env: { HELM_LOCKER_DEFAULT_SERVICE_ACCOUNT: "common" } });
  });
  after(() => room.close());

  async function writers(release: string): Promise<(string | undefined)[]> {
    // An object's watch shows a write before the audit log does.
    return untilSeen(async () => {
      const writes = requestsToWrite(await room.controlPlane.auditLog(), room.lockerUser);
      const own = writes.filter(({ objectRef }) => objectRef?.name === release);
      return own.length > 0 && [...new Set(own.map(impersonated))];
    }, `a write for ${release} in the audit log`);
  }

  it("is that of the option", async () => {
    const { release, settings } = await room.installFresh();
    await lock(room, release);
    await isReverted(room, settings, edits(room, settings));
    assert.deepEqual(await writers(release), [userOf("common")]);
  });

  it("remains that where the spec can't be followed any more", async () => {
    const { release, settings } = await room.installFresh();
    await lock(room, release);
    const driftDetection = { ignore: [{ paths: ["/data/a~"] }] };
    await room.api.edit(helmReleasePath(release), { spec: { driftDetection } });
    await isReverted(room, settings, edits(room, settings));
    assert.deepEqual(await writers(release), [userOf("common")]);
  });

  it("gives way to one that is named", async () => {
    const { release, settings } = await room.installFresh();
    await lock(room, release, { spec: { serviceAccountName: "own" } });
    await isReverted(room, settings, edits(room, settings));
    assert.deepEqual(await writers(release), [userOf("own")]);
  });
});

describe("what a ServiceAccount creates while Helm moves on", () => {
  let faulty: FaultyRoom;
  let room: Room;
  before(async () => {
    faulty = await FaultyRoom.openLate();
    room = faulty.room;
    await makeTenant(room, "owner", configMaps);
    await makeTenant(room, "writer", { ...configMaps, verbs: ["create", "patch"] });
  });
  after(() => faulty.close());

  const deleters: [account: string, by: string | undefined][] = [
    ["owner", userOf("owner")],
    ["writer", undefined],
  ];
  for (const [account, by] of deleters) {
    it(`is taken back by ${by === undefined ? "the locker, where it may not" : "it, where it may"}`, async () => {
      const { release, settings } = await room.installFresh();
      await lock(room, release, { spec: { serviceAccountName: account } });
      const create = faulty.proxy.stall(isWriteTo(settings), "request");
      await room.api.delete(settings);
      await create.held();
      await room.install(release, { templates: { other: configMap(`${release}-other`, {}) } });
      await create.release();
      await becomes(room, settings, now => now === undefined);
      await isLocked(room, release);
      await sentinelReverted(room);
      assert.equal(await room.api.get(settings), undefined);
      const deletions = requestsToWrite(await room.controlPlane.auditLog(), room.lockerUser).filter(
        ({ verb, requestURI, responseStatus }) =>
          verb === "delete" && requestURI.startsWith(settings) && responseStatus?.code === 200,
      );
      assert.deepEqual(deletions.map(impersonated), [by]);
    });
  }
});

describe("a locker that itself may lock nothing", () => {
  let room: Room;
  before(async () => {
    const values = ["--set=image.repository=none", "--set-json=rbac.trackedKinds=[]"];
    const place = [LOCKER_RELEASE, await lockerChart(), `--namespace=${LOCKER_NAMESPACE}`];
    room = await Room.withoutLocker(async controlPlane => {
      await controlPlane.helm(["install", ...place, "--create-namespace", ...values]);
      return controlPlane.kubeconfigOf(LOCKER_NAMESPACE, LOCKER_RELEASE);
    });
    const accounts = JSON.stringify([{ namespace: NAMESPACE, names: ["owner", "writer"] }]);
    await room.controlPlane.helm([
      "upgrade",
      ...place,
      ...values,
      `--set-json=rbac.serviceAccounts=${accounts}`,
    ]);
    await makeAccount(room, "owner");
    await permit(room, "owner", userOf("owner"), configMaps, {
      apiGroups: ["apps"],
      resources: ["deployments"],
      verbs: WRITES,
    });
    await makeAccount(room, "writer");
    await permit(room, "writer", userOf("writer"), { ...configMaps, verbs: ["create", "patch"] });
    await room.startLocker();
  });
  after(() => room.close());

  it("locks by a ServiceAccount what it can read", async () => {
    const { release, settings } = await room.installFresh();
    await lock(room, release, { spec: { serviceAccountName: "owner" } });
    await isReverted(room, settings, edits(room, settings));
    await isRecreated(room, settings);
  });

  it("needs to read a kind to lock it, and no more", async () => {
    await room.install("web", { templates: { web: web("web") } });
    await register(room, helmRelease("web", { spec: { serviceAccountName: "owner" } }));
    const advice = `To allow it, give the locker the rule ${rule(READS, "deployments", undefined, "apps")}`;
    const message = await hasProblems(room, "web", said => said.endsWith(advice));
    assert.ok(!message.includes("ServiceAccount"), message);
    const apiVersion = `${RBAC}/v1`;
    await room.api.create(collection(apiVersion, "clusterroles"), {
      apiVersion,
      kind: "ClusterRole",
      metadata: { name: "reader" },
      rules: [{ apiGroups: ["apps"], resources: ["deployments"], verbs: READS }],
    });
    await room.kubectl(
      "create",
      "clusterrolebinding",
      "reader",
      "--clusterrole=reader",
      `--user=${room.lockerUser}`,
    );
    await isLocked(room, "web", AFTER_REFUSAL);
    await isReverted(room, webPath("web"), () => room.kubectl("scale", "deployment/web", "--replicas=3"));
  });

  it("creates nothing that neither of the two could take back", async () => {
    const { release, settings } = await room.installFresh();
    await register(room, helmRelease(release, { spec: { serviceAccountName: "writer" } }));
    await hasProblems(room, release);
    await isReverted(room, settings, edits(room, settings));
    await room.api.delete(settings);
    const words = `ConfigMap shop/${release}: it is missing, and is not made anew, as neither ServiceAccount shop/writer nor the locker could take it back`;
    await hasProblems(room, release, said => said.includes(words));
    assert.equal(await room.api.get(settings), undefined);
    await permit(room, "delete", userOf("writer"), { ...configMaps, verbs: ["delete"] });
    await becomes(room, settings, now => now !== undefined, AFTER_REFUSAL);
    await isLocked(room, release);
  });

  it("locks a tenant's release as docs/policies.md says", async () => {
    await room.controlPlane.kubectl(["create", "namespace", "demo"]);
    const shop = await writeChart(room.controlPlane.directory, "shop", {
      templates: { shop: configMap("shop", { color: "blue" }) },
    });
    await room.controlPlane.helm(["install", "shop", shop, "--namespace=demo"]);
    const [upgrade = ""] = await recipe("A tenant's lock", "sh");
    const [, value = ""] = /--set-json '(.*)'/.exec(upgrade) ?? [];
    const place = [
      LOCKER_RELEASE,
      await lockerChart(),
      `--namespace=${LOCKER_NAMESPACE}`,
      "--reset-then-reuse-values",
    ];
    await room.controlPlane.helm(["upgrade", ...place, `--set-json=${value}`]);
    const [objects = ""] = await recipe("A tenant's lock", "yaml");
    await room.controlPlane.kubectl(["apply", "-f", "-"], { input: objects });
    await isLocked(room, "shop");
    const path = configMapPath("demo", "shop");
    await isReverted(room, path, edits(room, path));
    await isRecreated(room, path);
  });
});
