import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, suite, test } from "node:test";
import { PAUSE_IMAGE } from "../../hack/artifacts/image/pause";
import { startRealNode, type RealNode } from "../../hack/clusters/real-node";
import { realNodeObstacle } from "../../hack/clusters/real-node/obstacle";

suite("a real node", { skip: realNodeObstacle() ?? false }, () => {
  let node: RealNode;

  before(async () => {
    node = await startRealNode();
  });

  after(async () => {
    await node.stop();
    assert.equal(existsSync(node.directory), false);
  });

  test("runs a Pod", async () => {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "waiting" },
      spec: { containers: [{ name: "pause", image: PAUSE_IMAGE }], terminationGracePeriodSeconds: 1 },
    };
    await node.kubectl(["apply", "-f", "-"], { input: JSON.stringify(pod) });
    await node.kubectl(["wait", "--for=condition=Ready", "pod/waiting", "--timeout=60s"]);
  });

  test("runs it again after a loss of power", async () => {
    await node.stopNode();
    await node.startNode();
    const restarted = "--for=jsonpath={.status.containerStatuses[0].restartCount}=1";
    await node.kubectl(["wait", restarted, "pod/waiting", "--timeout=60s"]);
    await node.kubectl(["wait", "--for=condition=Ready", "pod/waiting", "--timeout=60s"]);
    await node.kubectl(["delete", "pod/waiting", "--timeout=30s"]);
  });
});
