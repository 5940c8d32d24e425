import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError, optionDocs, readConfig } from "./config";

function complaintsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split("\n").slice(1);
  }
  return [];
}

describe("options", () => {
  it("have defaults, and other variables do not matter", () => {
    const config = readConfig({ PATH: "/bin", HELM_NAMESPACE: "x" });
    assert.deepEqual(config, {
      namespace: "cattle-helm-system",
      controllerName: "helm-locker",
      defaultServiceAccount: undefined,
      ownRelease: undefined,
      identity: undefined,
      stalledAfter: 900,
      resyncInterval: 600,
      logLevel: "info",
    });
    assert.ok(Object.isFrozen(config));
  });

  it("are read from the environment", () => {
    const env = {
      HELM_LOCKER_NAMESPACE: "a",
      HELM_LOCKER_CONTROLLER_NAME: "b c",
      HELM_LOCKER_DEFAULT_SERVICE_ACCOUNT: "shop.locker-1",
      HELM_LOCKER_RELEASE: "tools/helm-locker",
      HELM_LOCKER_IDENTITY: "helm-locker-1",
      HELM_LOCKER_STALLED_AFTER: "60",
      HELM_LOCKER_RESYNC_INTERVAL: "30",
      HELM_LOCKER_LOG_LEVEL: "debug",
    };
    assert.deepEqual(readConfig(env), {
      namespace: "a",
      controllerName: "b c",
      defaultServiceAccount: "shop.locker-1",
      ownRelease: "tools/helm-locker",
      identity: "helm-locker-1",
      stalledAfter: 60,
      resyncInterval: 30,
      logLevel: "debug",
    });
  });

  it("that are bad are all named, with the value given and what is accepted", () => {
    const env = {
      HELM_LOCKER_NAMESPACE: "Not_A_Namespace",
      HELM_LOCKER_CONTROLLER_NAME: "",
      HELM_LOCKER_LOG_LEVEL: "verbose",
      HELM_LOCKER_NAMESPCE: "x",
    };
    const [namespace, name, level, typo, ...none] = complaintsOf(env);
    assert.match(namespace ?? "", /HELM_LOCKER_NAMESPACE="Not_A_Namespace": must be the name of a namespace/);
    assert.match(name ?? "", /HELM_LOCKER_CONTROLLER_NAME="": must be 1 to 253 printable/);
    assert.match(level ?? "", /HELM_LOCKER_LOG_LEVEL="verbose": must be one of error, warn, info, debug/);
    assert.match(
      typo ?? "",
      /HELM_LOCKER_NAMESPCE="x": there is no such option, only HELM_LOCKER_NAMESPACE,/,
    );
    assert.deepEqual(none, []);
  });

  it("have bounds", () => {
    const good = { HELM_LOCKER_NAMESPACE: "a".repeat(63), HELM_LOCKER_CONTROLLER_NAME: "n".repeat(253) };
    assert.deepEqual(complaintsOf(good), []);
    for (const namespace of ["", "-a", "a-", "a.b", "a".repeat(64), "a\n"]) {
      assert.equal(complaintsOf({ HELM_LOCKER_NAMESPACE: namespace }).length, 1, namespace);
    }
    for (const name of [" a", "a ", "a\nb", "é", "n".repeat(254)]) {
      assert.equal(complaintsOf({ HELM_LOCKER_CONTROLLER_NAME: name }).length, 1, name);
    }
  });

  it("are not mistaken for what Kubernetes says of a Service named helm-locker", () => {
    const env = {
      HELM_LOCKER_SERVICE_HOST: "10.0.0.1",
      HELM_LOCKER_SERVICE_PORT_HTTPS: "443",
      HELM_LOCKER_PORT_443_TCP: "tcp://10.0.0.1:443",
    };
    assert.deepEqual(complaintsOf(env), []);
  });

  it("are documented, each with the default it has", () => {
    const defaults = Object.fromEntries(optionDocs.map(doc => [doc.variable, doc.default]));
    assert.deepEqual(readConfig(defaults), readConfig({}));
    for (const { accepts, description } of optionDocs) assert.ok(accepts && description);
  });
});
