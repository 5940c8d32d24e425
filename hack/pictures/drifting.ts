import { setTimeout as delay } from "node:timers/promises";
import { areLocked } from "../bench/stand";
import { lockAll, seed } from "../bench/seed";
import { configMapPath } from "../lib/objects";
import { ask } from "../locker/helm-release";
import { Prometheus } from "../locker/prometheus";
import { NAMESPACE, Testbed } from "../locker/testbed";
import { chosenPanels, type Filled } from "./dashboard";

/** Seconds that the picture is about. */
const SECONDS = 120;

/** Who changes objects. */
const HANDS = ["kubectl-edit", "kubectl-edit", "kubectl-patch", "k9s", "terraform"];

/** Milliseconds between their changes: now many, now few. */
const PAUSES = [400, 900, 3_000, 300, 5_000, 1_500, 700];

/** What the chart's dashboard shows of a locker while people change what it locks. */
export async function shownWhileDrifting(): Promise<Filled[]> {
  const testbed = await Testbed.withoutLocker();
  try {
    const seeded = await seed(testbed, { releases: 5, objects: 6, prefix: "shop" });
    await testbed.startLocker();
    await lockAll(testbed, seeded);
    await areLocked(testbed, seeded);
    const [first, second, warned, suspended] = seeded;
    await ask(testbed, warned?.release ?? "", { driftDetection: { mode: "warn" } });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await ask(testbed, suspended?.release ?? "", { suspend: true, suspendUntil: until });
    const prometheus = await Prometheus.start(testbed.locker.port);
    try {
      const names = [first, first, second, warned].flatMap(one => one?.objects ?? []);
      await changeAll(testbed, names);
      return await filled(prometheus);
    } finally {
      await prometheus.stop();
    }
  } finally {
    await testbed.leave();
  }
}

async function changeAll(testbed: Testbed, names: readonly string[]): Promise<void> {
  const end = performance.now() + SECONDS * 1000;
  for (let change = 0; performance.now() < end; change++) {
    const hand = HANDS[change % HANDS.length] ?? "";
    const path = configMapPath(NAMESPACE, names[(change * 5) % names.length] ?? "");
    await testbed.api.edit(`${path}?fieldManager=${hand}`, { data: { color: `red-${change}` } });
    await delay(PAUSES[change % PAUSES.length]);
  }
}

async function filled(prometheus: Prometheus): Promise<Filled[]> {
  const all: Filled[] = [];
  for (const panel of await chosenPanels("15s")) {
    const found = [];
    for (const { expr } of panel.targets) found.push(await prometheus.during(expr, SECONDS));
    all.push({ panel, found });
  }
  return all;
}
