import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isManagedByGitOps } from "./gitops";

describe("isManagedByGitOps", () => {
  const fleet = { "objectset.rio.cattle.io/id": "default-app" };
  const cases: [who: string, metadata: object, expected: boolean][] = [
    ["nobody", {}, false],
    [
      "Helm",
      { labels: { "app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "web" } },
      false,
    ],
    ["Flux's helm-controller", { labels: { "helm.toolkit.fluxcd.io/name": "web" } }, true],
    ["Flux's kustomize-controller", { labels: { "kustomize.toolkit.fluxcd.io/name": "web" } }, true],
    ["Argo CD", { annotations: { "argocd.argoproj.io/tracking-id": "web" } }, true],
    ["Argo CD, by its label", { labels: { "argocd.argoproj.io/instance": "web" } }, true],
    ["Fleet", { annotations: fleet }, true],
    [
      "the original Helm Locker",
      {
        annotations: {
          ...fleet,
          "objectset.rio.cattle.io/owner-gvk": "internal.cattle.io/v1alpha1, Kind=objectSetState",
        },
      },
      false,
    ],
  ];
  for (const [who, metadata, expected] of cases)
    it(`is ${expected} of what ${who} manages`, () => {
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web", ...metadata } };
      assert.equal(isManagedByGitOps(object), expected);
    });
});
