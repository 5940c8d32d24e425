import { z } from "zod";
import type { Api } from "../../hack/lib/api";
import { collection, configMapPath, type Body } from "../../hack/lib/objects";
import { NAMESPACE } from "./room";

/** What the API server makes of a request. */
export type Answer = "refused" | "warned" | "let through";

/** A request about an object of a release; each is another one. */
export type Attempt = (api: Api, release: string, count: number) => Promise<Reply>;

type Reply = Awaited<ReturnType<Api["answer"]>>;

const OF_POLICY = /ValidatingAdmissionPolicy 'helm-locker/;

/** @throws Error for any other failure */
export function answerOf({ status, warning, text }: Reply): Answer {
  if (status === 403 && OF_POLICY.test(text)) return "refused";
  if (status >= 300) throw new Error(`${status} ${text}`);
  return OF_POLICY.test(warning) ? "warned" : "let through";
}

function webPath(release: string): string {
  return `${collection("apps/v1", "deployments", NAMESPACE)}/${release}`;
}

/** One of the ConfigMaps of a release that are there to be deleted. */
export function sparePath(release: string, count: number): string {
  return configMapPath(NAMESPACE, `${release}-spare-${count}`);
}

function patched(query: string, body: (count: number) => Body, sub = ""): Attempt {
  return (api, release, count) => api.answer("PATCH", `${webPath(release)}${sub}${query}`, body(count));
}

const minReady = (count: number): Body => ({ spec: { minReadySeconds: count } });

const live = z.looseObject({ metadata: z.looseObject({}), spec: z.looseObject({}) });

/** An update of the whole object, which is read again where it was changed meanwhile. */
function replaced(query: string): Attempt {
  return async (api, release, count) => {
    for (;;) {
      const object = live.parse(await api.read(webPath(release)));
      const body = { ...object, spec: { ...object.spec, minReadySeconds: count } };
      const reply = await api.answer("PUT", `${webPath(release)}${query}`, body);
      if (reply.status !== 409) return reply;
    }
  };
}

export const ATTEMPTS = {
  patch: patched("?fieldManager=kubectl-patch", minReady),
  edit: patched("?fieldManager=kubectl-edit", minReady),
  "edit without a manager": patched("", minReady),
  replace: replaced("?fieldManager=kubectl-replace"),
  "replace without a manager": replaced(""),
  "JSON patch": (api, release, count) =>
    api.answer(
      "PATCH",
      `${webPath(release)}?fieldManager=kubectl-patch`,
      [{ op: "add", path: "/spec/minReadySeconds", value: count }],
      "application/json-patch+json",
    ),
  "client-side apply": patched("?fieldManager=kubectl-client-side-apply", minReady),
  "server-side apply": (api, release, count) =>
    api.answer(
      "PATCH",
      `${webPath(release)}?fieldManager=kubectl&force=true`,
      { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: release }, ...minReady(count) },
      "application/apply-patch+yaml",
    ),
  "write of Terraform": patched("?fieldManager=terraform-provider-helm", minReady),
  "write as helm": patched("?fieldManager=helm", minReady),
  "dry run": patched("?fieldManager=kubectl-patch&dryRun=All", minReady),
  label: patched("?fieldManager=kubectl-label", count => ({ metadata: { labels: { mine: `${count}` } } })),
  "rollout restart": patched("?fieldManager=kubectl-rollout", count => ({
    spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": `${count}` } } } },
  })),
  "label of the Pods": patched("?fieldManager=kubectl-patch", count => ({
    spec: { template: { metadata: { labels: { mine: `${count}` } } } },
  })),
  "set image": patched("?fieldManager=kubectl-set", count => ({
    spec: { template: { spec: { terminationGracePeriodSeconds: count } } },
  })),
  scale: patched("?fieldManager=kubectl", count => ({ spec: { replicas: count % 5 } }), "/scale"),
  status: patched(
    "?fieldManager=kubectl-edit",
    count => ({ status: { observedGeneration: count } }),
    "/status",
  ),
  "cluster-scoped patch": (api, release, count) =>
    api.answer(
      "PATCH",
      `${collection("rbac.authorization.k8s.io/v1", "clusterroles")}/${release}?fieldManager=kubectl-patch`,
      { rules: [{ apiGroups: [""], resources: [`r${count}`], verbs: ["get"] }] },
    ),
  delete: (api, release, count) => api.answer("DELETE", sparePath(release, count)),
  "delete collection": (api, release, count) =>
    api.answer(
      "DELETE",
      `${collection("v1", "configmaps", NAMESPACE)}?labelSelector=spare%3D${release}-${count}`,
    ),
} satisfies Record<string, Attempt>;

export type What = keyof typeof ATTEMPTS;
