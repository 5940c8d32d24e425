import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { realNodeObstacle, startRealNode, type RealNode } from "../../hack/real-node";
import { imageDeployment } from "../../hack/real-node/deployment";
import { lockerImage } from "../../hack/real-node/images/locker";
import { assertReverts, assertUpgrades, lockShop } from "./proof";

const DEPLOYMENT = "deployment/pepr-helm-locker-watcher";

suite("the locker's own image", { skip: realNodeObstacle() ?? false }, () => {
  let node: RealNode;
  const inPepr = (...args: string[]): Promise<string> => node.kubectl(["--namespace=pepr-system", ...args]);

  before(async () => {
    node = await startRealNode();
    await node.importImage(await lockerImage());
  });

  after(() => node.stop());

  test("becomes ready under the strictest Pod Security Standard, with nothing prepared", async () => {
    const list = { apiVersion: "v1", kind: "List", items: await imageDeployment() };
    await node.kubectl(["apply", "--server-side", "-f", "-"], { input: JSON.stringify(list) });
    await inPepr("rollout", "status", DEPLOYMENT, "--timeout=60s");
  });

  test("locks", async () => {
    await lockShop(node);
    await assertReverts(node);
    await assertUpgrades(node);
  });

  test("ends in order when it is asked to", async () => {
    const start = performance.now();
    await inPepr("delete", "pod", "--selector=pepr.dev/controller=watcher", "--timeout=30s");
    assert.ok(performance.now() - start < 4000, "it was killed after its grace period of 5 s");
    await inPepr("rollout", "status", DEPLOYMENT, "--timeout=60s");
  });
});
