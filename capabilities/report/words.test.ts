import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiError, NetworkError } from "../cluster/errors";
import { kindOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { errorWords, few, nameOf } from "./words";

const secret: KubeObject = { apiVersion: "v1", kind: "Secret", metadata: { name: "a", namespace: "shop" } };
const configMap: KubeObject = { ...secret, kind: "ConfigMap" };

describe("nameOf", () => {
  it("names an object, with its namespace if it has one", () => {
    assert.equal(nameOf(secret), "Secret shop/a");
    assert.equal(
      nameOf({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } }),
      "Namespace shop",
    );
    assert.equal(nameOf({ ...secret, metadata: { name: "a", namespace: null } }), "Secret a");
  });
});

describe("errorWords", () => {
  const refusal = apiError(422, {
    reason: "Invalid",
    message: 'data: Invalid value: "hunter2"',
    retryAfterSeconds: 1,
  });

  const cases: [what: string, error: unknown, object: KubeObject | undefined, words: string][] = [
    ["tells the server's words", refusal, configMap, 'data: Invalid value: "hunter2"'],
    ["tells them where no object is concerned", refusal, undefined, 'data: Invalid value: "hunter2"'],
    ["quotes no refusal of a Secret", refusal, secret, "refused by the API server: 422 Invalid"],
    ["tells of a Secret what the server did not say", new NetworkError("no answer"), secret, "no answer"],
    ["takes what is no error", "just text", configMap, "just text"],
  ];

  for (const [what, error, object, words] of cases) {
    it(what, () => {
      assert.equal(errorWords(error, object), words);
    });
  }
});

describe("errorWords of long refusals", () => {
  const words = (message: string) => errorWords(new Error(message));

  it("leaves out what follows in lines of its own", () => {
    const diff =
      'PersistentVolumeClaim "disk" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests' +
      '\n  core.PersistentVolumeClaimSpec{\n- \tVolumeName: "",\n+ \tVolumeName: "volume-1",\n  }\n (PATCH /api/v1/disk)';
    assert.equal(
      words(diff),
      'PersistentVolumeClaim "disk" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests …',
    );
  });

  it("leaves out whole objects", () => {
    const selector =
      'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable (PATCH /web)';
    assert.equal(
      words(selector),
      'Deployment.apps "web" is invalid: spec.selector: field is immutable (PATCH /web)',
    );
    const two =
      'is invalid: [a.b: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"other"}}: field is immutable, c: Required value]';
    assert.equal(words(two), "is invalid: [a.b: field is immutable, c: Required value]");
  });

  it("is cut", () => {
    assert.ok(words("long ".repeat(1000)).length <= 400);
  });
});

describe("errorWords where a right is missing", () => {
  const message = 'secrets "a" is forbidden: User "me" cannot patch resource "secrets" in API group ""';
  const denial = apiError(403, { reason: "Forbidden", message, retryAfterSeconds: 1 });

  it("tells the rule that grants it, of a Secret too", () => {
    const rule = '{"apiGroups":[""],"resources":["secrets"],"verbs":["patch"]}';
    assert.equal(errorWords(denial, secret), `${message}. To allow it, give the locker the rule ${rule}`);
  });

  it("tells all that locking the kind needs", () => {
    const secrets = kindOf({ apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true });
    assert.match(
      errorWords(denial, secret, secrets),
      /"verbs":\["get","list","watch","create","patch","delete"\]\}$/,
    );
  });

  const account = { namespace: "shop", name: "tenant" };

  it("tells who needs it, and where, if it is a ServiceAccount", () => {
    const refusal = apiError(403, { reason: "Forbidden", message, retryAfterSeconds: 1, account });
    const secrets = kindOf({ apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true });
    const whole = { ...secret, metadata: { name: "a" } };
    const rule = '{"apiGroups":[""],"resources":["secrets"],"verbs":["create","patch","delete"]}';
    const told = (object: KubeObject) => errorWords(refusal, object, secrets, true);
    const advice = `${message}. To allow it, give ServiceAccount shop/tenant the rule ${rule} by a`;
    assert.equal(told(secret), `${advice} Role and RoleBinding in namespace shop`);
    assert.equal(told(whole), `${advice} ClusterRole and ClusterRoleBinding`);
  });

  it("tells what the locker itself needs to write as a ServiceAccount", () => {
    const words =
      'configmaps "a" is forbidden: User "me" cannot impersonate-on:serviceaccount:patch resource "configmaps" in API group ""';
    const refusal = apiError(403, { reason: "Forbidden", message: words, retryAfterSeconds: 1, account });
    const rule =
      '{"apiGroups":[""],"resources":["serviceaccounts"],"resourceNames":["tenant"],"verbs":["get","impersonate"]}';
    assert.equal(
      errorWords(refusal, configMap),
      `the locker may not write as ServiceAccount shop/tenant. To allow it, give the locker the rule ${rule} by a Role and RoleBinding in namespace shop`,
    );
  });

  it("tells no rule where none would help", () => {
    const quota = apiError(403, { reason: "Forbidden", message: "exceeded quota", retryAfterSeconds: 1 });
    assert.equal(errorWords(quota, configMap), "exceeded quota");
    assert.equal(errorWords(quota, secret), "refused by the API server: 403 Forbidden");
  });
});

describe("few", () => {
  const cases: [items: string[], most: number | undefined, text: string][] = [
    [[], undefined, ""],
    [["a"], undefined, "a"],
    [["a", "b", "c"], undefined, "a; b; c"],
    [["a", "b", "c", "d", "e"], undefined, "a; b; c; and 2 more"],
    [["a", "b"], 1, "a; and 1 more"],
  ];

  for (const [items, most, text] of cases) {
    it(`makes "${text}" of ${items.length}`, () => {
      assert.equal(few(items, most), text);
    });
  }
});
