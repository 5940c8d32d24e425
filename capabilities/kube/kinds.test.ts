import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  collectionPath,
  kindOf,
  objectKey,
  objectPath,
  pathProblem,
  placeKey,
  refOf,
  versionPath,
} from "./kinds";

const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const clusterRoles = kindOf({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  namespaced: false,
});

describe("paths", () => {
  const cases: [what: string, path: string, expected: string][] = [
    ["the core version", versionPath("v1"), "/api/v1"],
    ["a version of a group", versionPath("apps/v1"), "/apis/apps/v1"],
    ["a collection of all namespaces", collectionPath(configMaps), "/api/v1/configmaps"],
    [
      "a collection of one namespace",
      collectionPath(configMaps, "shop"),
      "/api/v1/namespaces/shop/configmaps",
    ],
    [
      "a cluster-scoped collection, whatever namespace is named",
      collectionPath(clusterRoles, "shop"),
      "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    ],
    [
      "an object",
      objectPath(configMaps, { name: "a", namespace: "shop" }),
      "/api/v1/namespaces/shop/configmaps/a",
    ],
    [
      "a name that is no plain path segment",
      objectPath(clusterRoles, { name: "system:a/b?c" }),
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Aa%2Fb%3Fc",
    ],
    [
      "a namespace that is no plain path segment",
      collectionPath(configMaps, "a/b"),
      "/api/v1/namespaces/a%2Fb/configmaps",
    ],
  ];

  for (const [what, path, expected] of cases) {
    it(`leads to ${what}`, () => {
      assert.equal(path, expected);
    });
  }
});

describe("pathProblem", () => {
  const cases: [
    what: string,
    apiVersion: string,
    metadata: { name: string; namespace?: string },
    isOne: boolean,
  ][] = [
    ["a plain object", "apps/v1", { name: "web", namespace: "shop" }, false],
    ["a name that RBAC may have", "v1", { name: "system:web admin" }, false],
    ["a name that leads up", "v1", { name: ".." }, true],
    ["a name with a slash", "v1", { name: "a/b" }, true],
    ["a name of 254 characters", "v1", { name: "a".repeat(254) }, true],
    ["half a character for a name", "v1", { name: "a\ud800" }, true],
    ["a namespace that leads up", "v1", { name: "web", namespace: ".." }, true],
    ["half a character for a namespace", "v1", { name: "web", namespace: "\udc00" }, true],
    ["a namespace with a query", "v1", { name: "web", namespace: "shop?a=b" }, true],
    ["a namespace of 64 characters", "v1", { name: "web", namespace: "a".repeat(64) }, true],
    ["a version of a path", "../v1", { name: "web" }, true],
    ["a version without end", `${"a".repeat(400)}/v1`, { name: "web" }, true],
  ];
  for (const [what, apiVersion, metadata, isOne] of cases) {
    it(`${isOne ? "finds one in" : "finds none in"} ${what}`, () => {
      assert.equal(pathProblem({ apiVersion, kind: "ConfigMap", metadata }) !== undefined, isOne);
    });
  }
});

describe("placeKey", () => {
  it("is the same in every version of a group", () => {
    const of = (apiVersion: string) =>
      placeKey({ apiVersion, kind: "Job" }, { metadata: { name: "a", namespace: "shop" } });
    assert.equal(of("batch/v1"), of("batch/v2"));
    assert.notEqual(of("batch/v1"), of("v1"));
  });
});

describe("refOf", () => {
  const object = { apiVersion: "v1", kind: "ConfigMap" };

  it("names an object, with its namespace if it has one", () => {
    assert.deepEqual(refOf({ ...object, metadata: { name: "a", namespace: "shop" } }), {
      name: "a",
      namespace: "shop",
    });
    assert.deepEqual(refOf({ ...object, metadata: { name: "a" } }), { name: "a", namespace: undefined });
  });

  it("takes no namespace that is no text", () => {
    assert.equal(refOf({ ...object, metadata: { name: "a", namespace: null } }).namespace, undefined);
  });
});

describe("objectKey", () => {
  it("has no namespace where the object has none", () => {
    const roles = kindOf({
      apiVersion: "rbac/v1",
      kind: "ClusterRole",
      plural: "clusterroles",
      namespaced: false,
    });
    assert.equal(objectKey(roles, { metadata: { name: "a" } }), "rbac/v1 ClusterRole /a");
    const configMap = { metadata: { name: "a", namespace: "shop" } };
    assert.equal(objectKey(configMaps, configMap), "v1 ConfigMap shop/a");
  });
});

describe("kindOf", () => {
  it("knows group and version apart", () => {
    assert.deepEqual([configMaps.group, configMaps.version], ["", "v1"]);
    assert.deepEqual([clusterRoles.group, clusterRoles.version], ["rbac.authorization.k8s.io", "v1"]);
  });
});
