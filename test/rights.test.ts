import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { lockerChart } from "../hack/artifacts/chart";
import type { AuditEvent } from "../hack/clusters/control-plane/audit";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { untilSeen } from "../hack/lib/patience";
import { Supervisor } from "../hack/lib/supervisor";
import { until } from "../hack/lib/watch";
import { LOCKER_NAMESPACE, LOCKER_RELEASE } from "../hack/locker/deployed/chart";
import { ask, hasProblems, helmRelease, isLocked, register, untilStatus } from "../hack/locker/helm-release";
import { spawnRuntime } from "../hack/locker/runtime";
import { byPatch, isReverted } from "./support/changes";
import { deployment } from "./support/chart";
import { isEstablished } from "./support/definitions";
import { memoryPath } from "./support/memories";
import { AFTER_REFUSAL } from "./support/in-time";
import { isMade, isUnmade, lockerPolicy, makePolicy, policyIs, policyPath } from "./support/locker-policies";
import { NAMESPACE, Room } from "./support/room";

const RBAC = "rbac.authorization.k8s.io";
const MEMORIES = "helm.cattle.io helmreleasememories";

const ruleSchema = z.object({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
});

type Rule = z.infer<typeof ruleSchema>;

/** What locking a kind needs. */
const LOCK = ["get", "list", "watch", "create", "patch", "delete"];

const settings = configMapPath(NAMESPACE, "settings");
const deploymentPath = `${collection("apps/v1", "deployments", NAMESPACE)}/web`;
const role = `${collection(`${RBAC}/v1`, "roles", NAMESPACE)}/reader`;

const reader: Body = {
  apiVersion: `${RBAC}/v1`,
  kind: "Role",
  metadata: { name: "reader" },
  rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
};

/** The rules that a HelmRelease's condition asks for. */
function rulesIn(message: string): Rule[] {
  const found = message.matchAll(/give the locker the rule (\{.*?\})/g);
  return [...found].map(([, text = ""]) => ruleSchema.parse(JSON.parse(text)));
}

/** Waits until a HelmRelease's condition asks for a rule for one kind, and returns the rule. */
async function ruleFor(room: Room, release: string, resource: string, verb: string): Promise<Rule> {
  const asks = ({ resources, verbs }: Rule): boolean => resources.includes(resource) && verbs.includes(verb);
  const message = await hasProblems(room, release, words => rulesIn(words).some(asks), AFTER_REFUSAL);
  const rule = rulesIn(message).find(asks);
  assert.ok(rule);
  return rule;
}

/** Gives the locker a rule, as an administrator does; without the aggregation controller, nothing is aggregated here. */
async function grant(room: Room, name: string, rule: Rule): Promise<void> {
  const apiVersion = `${RBAC}/v1`;
  const metadata = { name };
  const clusterRole = { apiVersion, kind: "ClusterRole", metadata, rules: [rule] };
  await room.api.create(collection(apiVersion, "clusterroles"), clusterRole);
  await room.api.create(collection(apiVersion, "clusterrolebindings"), {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata,
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name: LOCKER_RELEASE, namespace: LOCKER_NAMESPACE }],
  });
}

/** Every right that a request needed, as "group resource verb": an apply that creates needs two. */
function used({ verb, objectRef, responseStatus }: AuditEvent): string[] {
  if (!objectRef || responseStatus?.code === 403) return [];
  const { apiGroup = "", resource, subresource } = objectRef;
  const name = subresource === undefined ? resource : `${resource}/${subresource}`;
  const verbs = responseStatus?.code === 201 ? ["create", "patch"] : [verb];
  return verbs.map(verb => `${apiGroup} ${name} ${verb}`);
}

describe("a locker that may do no more than the chart's base", () => {
  const supervisor = new Supervisor("helm-locker");
  let room: Room;
  let locker: ChildProcess;
  const startLocker = async (): Promise<void> => {
    locker = await spawnRuntime(supervisor, { KUBECONFIG: room.kubeconfig }, "ignore");
  };

  before(async () => {
    room = await Room.withoutLocker(async controlPlane => {
      // Also without the CRDs.
      const place = [`--namespace=${LOCKER_NAMESPACE}`, "--create-namespace", "--skip-crds"];
      const values = ["--set=image.repository=none", "--set-json=rbac.trackedKinds=[]"];
      await controlPlane.helm(["install", LOCKER_RELEASE, await lockerChart(), ...place, ...values]);
      return controlPlane.kubeconfigOf(LOCKER_NAMESPACE, LOCKER_RELEASE);
    });
    await startLocker();
  });

  after(async () => {
    await supervisor.end();
    await room.close();
  });

  it("brings what it needs, and says which rule is missing to lock a kind", async () => {
    for (const kind of ["helmreleases.helm.cattle.io", "peprstores.pepr.dev"]) {
      await isEstablished(room, kind);
    }
    await room.install("web", {
      templates: {
        settings: configMap("settings", { color: "blue" }),
        web: deployment("web", {}, { replicas: 1 }),
        reader,
      },
    });
    await register(room, helmRelease("web"));
    const rule = await ruleFor(room, "web", "deployments", "list");
    assert.deepEqual(rule, { apiGroups: ["apps"], resources: ["deployments"], verbs: LOCK });
  });

  it("says so of what it may read but not write before anything has changed", async () => {
    const rule = await ruleFor(room, "web", "configmaps", "patch");
    assert.deepEqual(rule, { apiGroups: [""], resources: ["configmaps"], verbs: LOCK });
  });

  it("locks a kind as soon as it may, while others are still missing", async () => {
    await room.api.edit(settings, { data: { color: "red" } });
    await grant(room, "configmaps", await ruleFor(room, "web", "configmaps", "patch"));
    await room.kubectl("wait", "configmap/settings", "--for=jsonpath={.data.color}=blue", "--timeout=60s");
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "green" } }));
    await ruleFor(room, "web", "deployments", "list");
  });

  it("is without problems once it has each rule that it asks for", async () => {
    await grant(room, "deployments", await ruleFor(room, "web", "deployments", "list"));
    await grant(room, "roles", await ruleFor(room, "web", "roles", "list"));
    await isLocked(room, "web", AFTER_REFUSAL);
    await isReverted(room, deploymentPath, () => room.kubectl("scale", "deployment/web", "--replicas=0"));
  });

  it("asks for the right to grant rights only where it has to", async () => {
    await room.api.edit(role, { rules: [] });
    const rule = await ruleFor(room, "web", "roles", "escalate");
    assert.deepEqual(rule, { apiGroups: [RBAC], resources: ["roles"], verbs: ["escalate"] });
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    await grant(room, "escalate", rule);
    await isLocked(room, "web", AFTER_REFUSAL);
  });

  it("used every right of the base", async () => {
    await room.controlPlane.helm(["install", "kept", "hack/demo/shop", "--namespace", NAMESPACE], {
      env: { HELM_DRIVER: "configmap" },
    });
    await register(room, helmRelease("kept"));
    await ruleFor(room, "kept", "services", "list");
    await until(room.api, memoryPath("web"), memory => memory !== undefined);
    for (const [action, reason] of [
      ["Warn", "Warn"],
      ["Ignore", undefined],
    ] as const) {
      await ask(room, "web", { admission: { action } });
      await untilStatus(
        room,
        "web",
        ({ conditions }) => conditions.find(({ type }) => type === "Admission")?.reason === reason,
      );
    }
    await room.kubectl("label", "namespace", NAMESPACE, "env=production");
    await room.install("locked", { templates: { settings: configMap("locked", { color: "blue" }) } });
    const releases = { names: ["locked"], namespaceSelector: { matchLabels: { env: "production" } } };
    await makePolicy(room, lockerPolicy("production", releases));
    await isMade(room, "locked", "production");
    await policyIs(room, "production", "Followed");
    await room.api.delete(policyPath("production"));
    await isUnmade(room, "locked");
    locker.kill();
    await once(locker, "exit");
    await startLocker();
    await untilSeen(async () => (await usedByLocker()).has(`${MEMORIES} list`), "what is read at a start");
    const base = await room.api.read(`${collection(`${RBAC}/v1`, "clusterroles")}/${LOCKER_RELEASE}-base`);
    const given = z
      .array(ruleSchema)
      .parse(base.rules)
      .flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap(group =>
          resources.flatMap(resource => verbs.map(verb => `${group} ${resource} ${verb}`)),
        ),
      );
    const needed = await usedByLocker();
    assert.deepEqual(
      given.filter(right => !needed.has(right)),
      [],
    );
  });

  async function usedByLocker(): Promise<ReadonlySet<string>> {
    const events = await room.controlPlane.auditLog();
    return new Set(events.filter(({ user }) => user.username === room.lockerUser).flatMap(used));
  }
});
