import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KubeConfig } from "@kubernetes/client-node";
import { Credentials } from "../../capabilities/cluster/credentials";
import { NetworkError } from "../../capabilities/cluster/errors";
import { Cluster } from "../../capabilities/cluster/k8s";
import { untilLocks } from "./follower";

/** Nobody listens there. */
const NOWHERE = { name: "away", server: "http://127.0.0.1:1", skipTLSVerify: false };

describe("untilLocks", () => {
  it("says that the cluster is away if it is when the time is over", async () => {
    const cluster = new Cluster(
      new Credentials(() => {
        const config = new KubeConfig();
        config.loadFromClusterAndUser(NOWHERE, { name: "me" });
        return config;
      }),
      1,
    );
    await assert.rejects(
      untilLocks({ cluster, namespace: "locks" }, 500, () => true),
      NetworkError,
    );
    await cluster.close();
  });
});
