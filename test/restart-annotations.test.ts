import { after, before, describe, it } from "node:test";
import { collection, type Body } from "../hack/lib/objects";
import { isLocked, lock } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { byPatch, postSentinel, stands } from "./support/changes";
import { deployment } from "./support/chart";
import { isUndone } from "./support/hands";
import { openForTwins, OWN_NAME, Pair, type Write } from "./support/pair";
import { NAMESPACE, Room } from "./support/room";

/** The name of the objects of a release "web". */
const NAME = `${NAMESPACE}-web`;

function workload(kind: string, more: Body = {}): Body {
  return { ...deployment(OWN_NAME, {}, more), kind };
}

const workloads: Record<string, [plural: string, template: Body]> = {
  Deployment: ["deployments", workload("Deployment")],
  StatefulSet: ["statefulsets", workload("StatefulSet", { serviceName: "web" })],
  DaemonSet: ["daemonsets", workload("DaemonSet")],
};

function ofPods(annotations: Body): Body {
  return { spec: { template: { metadata: { annotations } } } };
}

/** By program: its field manager, and what it annotates Pod templates with. */
const restarts: Record<string, [manager: string, annotations: Body]> = {
  "kubectl rollout restart": [
    "kubectl-rollout",
    { "kubectl.kubernetes.io/restartedAt": "2026-11-25T12:00:00Z" },
  ],
  "k9s and Lens": ["node-fetch", { "kubectl.kubernetes.io/restartedAt": "2026-11-25T12:00:01Z" }],
  "Rancher's Redeploy": ["rancher", { "cattle.io/timestamp": "2026-11-25T12:00:00Z" }],
  Reloader: ["Reloader", { "reloader.stakater.com/last-reloaded-from": '{"type":"SECRET","name":"a"}' }],
  "Vault Secrets Operator": [
    "vault-secrets-operator",
    { "vso.secrets.hashicorp.com/restartedAt": "2026-11-25T12:00:00Z" },
  ],
  "OpenShift's console": ["Mozilla", { "openshift.openshift.io/restartedAt": "2026-11-25T12:00:00Z" }],
  "1Password's operator": ["onepassword-connect-operator", { "operator.1password.io/last-restarted": "now" }],
  "Infisical's operator": ["manager", { "secrets.infisical.com/managed-secret.a-b": "W/3f" }],
};

/** What would change Pods and is no restart that anybody knows. */
const others: Record<string, Body> = {
  "a restart key of another domain": { "example.com/restartedAt": "now" },
  "a restart key without a domain": { restartedAt: "now" },
  "what begins like a restart key": { "kubectl.kubernetes.io/restartedAt-2": "now" },
  "kubectl's default container": { "kubectl.kubernetes.io/default-container": "web" },
  "the injection of a sidecar": { "sidecar.istio.io/inject": "true" },
  "a profile of AppArmor": { "container.apparmor.security.beta.kubernetes.io/web": "unconfined" },
  "a checksum": { "checksum/config": "0f" },
};

function pathIn(plural: string) {
  return (namespace: string, name: string) => `${collection("apps/v1", plural, namespace)}/${name}`;
}

describe("annotations by which programs start new Pods", () => {
  let room: Room;
  before(async () => {
    room = await openForTwins();
  });
  after(() => room.close());

  const isFrom =
    (manager: string, annotations: Body): Write =>
    path =>
      room.api.edit(`${path}?fieldManager=${manager}`, ofPods(annotations));

  for (const helm of helms) {
    for (const [kind, [plural, template]] of Object.entries(workloads)) {
      it(`stay on a ${kind}, installed by ${helm}`, async t => {
        const pair = await Pair.install(room, helm, `${plural}-${helm}`, { templates: { template } });
        const writes = Object.values(restarts).map(([manager, annotations]) => isFrom(manager, annotations));
        t.diagnostic(await pair.leaves(pathIn(plural), ...writes));
      });
    }

    it(`stay where the chart has copied one, installed by ${helm}`, async t => {
      const key = "kubectl.kubernetes.io/restartedAt";
      const metadata = { labels: { app: OWN_NAME }, annotations: { [key]: "2020-01-01T00:00:00Z" } };
      const spec = { containers: [{ name: "web", image: "nginx:1.27" }] };
      const template = workload("Deployment", { template: { metadata, spec } });
      const pair = await Pair.install(room, helm, `copied-${helm}`, { templates: { template } });
      const writes = ["2026-11-25T12:00:00Z", "2026-11-25T13:00:00Z"].map(at =>
        isFrom("kubectl-rollout", { [key]: at }),
      );
      t.diagnostic(await pair.leaves(pathIn("deployments"), ...writes));
    });
  }
});

for (const helm of helms) {
  describe(`other annotations, of a release of ${helm}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;
    before(async () => {
      room = await Room.open();
      const templates = Object.fromEntries(
        Object.entries(workloads).map(([kind, [, template]]) => [kind.toLowerCase(), template]),
      );
      upgrade = await installWith(room, helm, { templates });
      await lock(room, "web");
      await postSentinel(room);
    });
    after(() => room.close());

    for (const [kind, [plural]] of Object.entries(workloads)) {
      const path = pathIn(plural)(NAMESPACE, NAME);

      for (const [what, annotations] of Object.entries(others)) {
        it(`go from the Pods of a ${kind}: ${what}`, () =>
          isUndone(room, path, byPatch(room, path, ofPods(annotations))));
      }

      it(`stay on a ${kind} itself`, () =>
        stands(room, path, () =>
          room.api.edit(path, {
            metadata: { annotations: { ...others["a checksum"], "team.example.com/restartedAt": "now" } },
          }),
        ));

      it(`go beside a restart of a ${kind}, and the restart stays`, async () => {
        await stands(room, path, () => room.kubectl("rollout", "restart", `${kind.toLowerCase()}/${NAME}`));
        await isUndone(room, path, byPatch(room, path, ofPods({ note: "x" })));
        await isUndone(room, path, byPatch(room, path, { spec: { minReadySeconds: 7 } }));
        await isUndone(
          room,
          path,
          byPatch(room, path, { spec: { template: { spec: { priorityClassName: "x" } } } }),
        );
      });
    }

    it("leave a release that is upgraded with no force", async () => {
      await isLocked(room, "web");
      await upgrade();
      await isLocked(room, "web");
    });
  });
}
