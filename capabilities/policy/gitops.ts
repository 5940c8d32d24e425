import { isObject, type KubeObject } from "../kube/object";

/** Labels and annotations of what Flux and Argo CD manage. Source: fluxcd/helm-controller internal/postrender; Argo CD docs, "Resource Tracking". */
const MARKS = [
  "helm.toolkit.fluxcd.io/name",
  "kustomize.toolkit.fluxcd.io/name",
  "argocd.argoproj.io/tracking-id",
  "argocd.argoproj.io/instance",
];

/** What Fleet puts on the objects of a bundle: the original Helm Locker did, too, but always with an owner. Source: rancher/fleet internal/helmdeployer. */
const FLEET = { id: "objectset.rio.cattle.io/id", owner: "objectset.rio.cattle.io/owner-gvk" };

/** Whether an object, live or in a manifest, bears the mark of Flux, Argo CD or Fleet. */
export function isManagedByGitOps({ metadata: { labels, annotations } }: KubeObject): boolean {
  const marks = { ...(isObject(labels) ? labels : {}), ...(isObject(annotations) ? annotations : {}) };
  return MARKS.some(mark => mark in marks) || (FLEET.id in marks && !(FLEET.owner in marks));
}
