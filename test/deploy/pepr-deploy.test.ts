import { after, before, suite, test } from "node:test";
import { bin } from "../../hack/project";
import { realNodeObstacle, startRealNode, type RealNode } from "../../hack/real-node";
import { peprImage } from "../../hack/real-node/images/pepr";
import { assertReverts, assertUpgrades, lockShop } from "./proof";

/** `pepr deploy` waits for its Pods for ever. */
const TIMEOUT_SECONDS = "240";

suite("npx pepr deploy", { skip: realNodeObstacle() ?? false }, () => {
  let node: RealNode;

  before(async () => {
    node = await startRealNode();
    await node.importImage(await peprImage());
  });

  after(() => node.stop());

  test("puts a locker into the cluster that locks", async () => {
    await node.run(["timeout", TIMEOUT_SECONDS, process.execPath, bin("pepr"), "deploy", "--yes"]);
    await lockShop(node);
  });

  test("reverts an edit, a deletion and an addition", () => assertReverts(node));

  test("lets an upgrade through", () => assertUpgrades(node));
});
