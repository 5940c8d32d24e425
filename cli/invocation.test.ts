import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UserError } from "./errors";
import { assertFollows, invocationOf } from "./invocation";

/** What Helm passes to a plugin, whatever its flags are. */
const HELM = {
  HELM_PLUGIN_NAME: "locker",
  HELM_NAMESPACE: "default",
  HELM_KUBECONTEXT: "",
  HELM_KUBEASUSER: "",
  HELM_KUBETOKEN: "",
  HELM_KUBEINSECURE_SKIP_TLS_VERIFY: "false",
  HELM_DEBUG: "false",
};

describe("how the command is called", () => {
  it("is as a user types it", () => {
    const programs = ["/usr/bin/helm-locker", "/usr/bin/kubectl-helm_locker"].map(
      file => invocationOf(file, {}).program,
    );
    assert.deepEqual(programs, ["helm-locker", "kubectl helm-locker"]);
    assert.equal(invocationOf("/plugins/locker/helm-locker", HELM).program, "helm locker");
  });

  it("takes Helm's flags for its own, where Helm calls it", () => {
    const { defaults, namespace } = invocationOf("", {
      ...HELM,
      HELM_NAMESPACE: "demo",
      HELM_KUBECONTEXT: "there",
      HELM_KUBEASUSER: "jane",
      HELM_DEBUG: "true",
    });
    assert.deepEqual(defaults, { context: ["there"], as: "jane", verbose: true });
    assert.equal(namespace, "demo");
    assert.deepEqual(invocationOf("", HELM).defaults, {});
  });

  it("knows nothing of Helm otherwise, and as a program that another plugin calls", () => {
    for (const plugin of [undefined, "secrets"]) {
      const environment = { ...HELM, HELM_KUBECONTEXT: "there", HELM_PLUGIN_NAME: plugin };
      const invocation = invocationOf("helm-locker", environment);
      assert.deepEqual(invocation, { program: "helm-locker", defaults: {}, namespace: undefined });
      assertFollows({ ...environment, HELM_KUBETOKEN: "abc" });
    }
  });

  it("refuses the flags of Helm that it can't follow", () => {
    assertFollows(HELM);
    for (const variable of ["HELM_KUBETOKEN", "HELM_KUBEAPISERVER", "HELM_KUBEASGROUPS"])
      assert.throws(() => {
        assertFollows({ ...HELM, [variable]: "abc" });
      }, UserError);
  });
});
