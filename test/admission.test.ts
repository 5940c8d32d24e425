import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Api } from "../hack/lib/api";
import { isInForce, lockWith } from "./support/admission";
import { answerOf, ATTEMPTS, type Answer, type What } from "./support/attempts";
import { postSentinel } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { configMap, type Body } from "../hack/lib/objects";
import { Room } from "./support/room";
import { admitVisitors, visit, type Visitor } from "./support/visitors";

/** How many ConfigMaps of each release may be deleted. */
const SPARES = 50;

const CI = [{ kind: "Group", name: "ci" }];

/** What each release asks for. */
const RULES = {
  ignored: {},
  warned: { action: "Warn" },
  denied: { action: "Deny" },
  all: { action: "Deny", subjects: "All" },
  owned: { action: "Deny", deployers: CI },
  everything: { action: "Deny", subjects: "All", deployers: CI },
} satisfies Record<string, Body>;

type Rule = keyof typeof RULES;

/** Who does what, and what becomes of it. */
type Cell = readonly [who: Visitor, what: What, rule: Rule, answer: Answer];

/** What changes an object by hand. */
const BY_HAND: readonly What[] = [
  "patch",
  "edit",
  "edit without a manager",
  "replace",
  "replace without a manager",
  "JSON patch",
  "client-side apply",
  "server-side apply",
  "label of the Pods",
  "set image",
  "cluster-scoped patch",
];

/** What changes nothing that a lock is about, or not now. */
const HARMLESS: readonly What[] = ["dry run", "label", "rollout restart", "scale", "status"];

/** What other programs send. */
const OTHERS: readonly What[] = ["write of Terraform", "write as helm"];

const DELETES: readonly What[] = ["delete", "delete collection"];

const CONTROL_PLANE: readonly Visitor[] = ["garbageCollector", "namespaceController", "node", "cloud"];

function cells(who: readonly Visitor[], what: readonly What[], rule: Rule, answer: Answer): Cell[] {
  return who.flatMap(one => what.map(each => [one, each, rule, answer] as const));
}

const MATRIX: readonly Cell[] = [
  ...cells(["master"], BY_HAND, "denied", "refused"),
  ...cells(["configurer"], ["patch", "edit without a manager", ...DELETES], "denied", "refused"),
  ...cells(["editor"], ["patch"], "denied", "refused"),
  ...cells(["master"], [...HARMLESS, ...OTHERS, ...DELETES], "denied", "let through"),
  ...cells(["account"], ["patch", "edit without a manager", ...DELETES], "denied", "let through"),
  ...cells(CONTROL_PLANE, ["edit without a manager"], "denied", "let through"),
  ...cells(CONTROL_PLANE, DELETES, "denied", "let through"),
  ...cells(["master"], ["patch", "edit without a manager", "cluster-scoped patch"], "warned", "warned"),
  ...cells(["configurer"], ["delete"], "warned", "warned"),
  ...cells(["master"], ["label", "scale", "write as helm", "delete"], "warned", "let through"),
  ...cells(["master"], ["patch", "delete", "cluster-scoped patch"], "ignored", "let through"),
  ...cells(["account"], ["patch"], "all", "refused"),
  ...cells(["account"], ["edit without a manager", "write as helm", "delete"], "all", "let through"),
  ...cells(CONTROL_PLANE, DELETES, "all", "let through"),
  ...cells(["master", "editor"], ["patch", ...OTHERS, ...DELETES], "owned", "refused"),
  ...cells(["master"], HARMLESS, "owned", "let through"),
  ...cells(["deployer"], ["patch", ...OTHERS, ...DELETES], "owned", "let through"),
  ...cells(["account", ...CONTROL_PLANE], ["edit without a manager", ...DELETES], "owned", "let through"),
  ...cells(["account"], ["patch", ...DELETES], "everything", "refused"),
  ...cells(["account"], ["write as helm"], "everything", "let through"),
  ...cells(["deployer"], ["patch", "delete"], "everything", "let through"),
  ...cells(CONTROL_PLANE, DELETES, "everything", "let through"),
];

function chartOf(release: string, more: Chart["templates"] = {}): Chart {
  const spares = Array.from({ length: SPARES }, (_, count) => {
    const labels = { spare: `${release}-${count}` };
    return [`spare-${count}`, configMap(`${release}-spare-${count}`, { color: "blue" }, { labels })] as const;
  });
  const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
  const role = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: release },
    rules,
  };
  return { templates: { ...Object.fromEntries(spares), web: deployment(release), role, ...more } };
}

describe("admission", () => {
  let room: Room;
  const clients = new Map<Visitor, Api>();
  const counts = new Map<Rule, number>();
  before(async () => {
    room = await Room.open(postSentinel);
    await admitVisitors(room);
    for (const [release, admission] of Object.entries(RULES)) {
      await room.install(release, chartOf(release));
      await lockWith(room, release, admission);
    }
    await isInForce(async () => (await answered("master", "patch", "owned")) === "refused");
    await isInForce(async () => (await answered("master", "patch", "warned")) === "warned");
    await isInForce(async () => (await answered("master", "cluster-scoped patch", "denied")) === "refused");
  });
  after(async () => {
    for (const client of clients.values()) await client.close();
    await room.close();
  });

  async function answered(who: Visitor, what: What, rule: Rule): Promise<Answer> {
    const client = clients.get(who) ?? (await visit(room, who));
    clients.set(who, client);
    const count = (counts.get(rule) ?? 0) + 1;
    assert.ok(count < SPARES);
    counts.set(rule, count);
    return answerOf(await ATTEMPTS[what](client, rule, count));
  }

  for (const [who, what, rule, answer] of MATRIX) {
    it(`${who}, ${what}, ${rule}: ${answer}`, async () => {
      assert.equal(await answered(who, what, rule), answer);
    });
  }
});
