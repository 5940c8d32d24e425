import { setTimeout as delay } from "node:timers/promises";
import { peprImage } from "../../artifacts/image/pepr";
import { startRealNode, type RealNode } from "../../clusters/real-node";
import { ROOT } from "../../lib/project";
import { CHART_PODS, installChart } from "../../locker/deployed/chart";
import { PEPR_PODS, peprDeploy } from "../../locker/deployed/pepr";
import { podOf, type DeployedPods } from "../../locker/deployed/pods";
import { driftShop, lockShop, untilRestored } from "../../locker/deployed/shop";
import type { Part, Row } from "../row";
import { megabytes } from "../statistics";

/** Milliseconds until a Pod has settled. */
const SETTLING = 15_000;

/** A way to get a locker into a cluster. */
interface Route {
  name: string;
  pods: DeployedPods;
  install: (node: RealNode) => Promise<void>;
}

const ROUTES: Route[] = [
  {
    name: "npx pepr deploy",
    pods: PEPR_PODS,
    install: async node => {
      await node.importImage(await peprImage());
      await peprDeploy(node, ROOT);
    },
  },
  { name: "helm install of the chart", pods: CHART_PODS, install: installChart },
];

/** How much memory the locker's Pod needs, for each way of deploying. */
export const pods: Part = {
  name: "pods",
  about: "memory of the Pod on a real node",
  onlyByName: true,
  run: async () => {
    const rows: Row[] = [];
    for (const route of ROUTES) rows.push(...(await measured(route)));
    return rows;
  },
};

async function measured({ name, pods, install }: Route): Promise<Row[]> {
  const node = await startRealNode();
  try {
    await install(node);
    await lockShop(node);
    await untilRestored(node, await driftShop(node));
    await delay(SETTLING);
    const { processes, workingSet } = await node.podMemory(pods.namespace, await podOf(node, pods));
    return [
      { measure: `${name}: working set of the Pod`, figure: megabytes(workingSet) },
      {
        measure: `${name}: resident memory of its processes`,
        figure: processes.map(megabytes).join(" + "),
      },
    ];
  } finally {
    await node.stop();
  }
}
