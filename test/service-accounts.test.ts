import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { collection, kubeObject, type Body, type KubeObject } from "../hack/lib/objects";
import { until, Watch } from "../hack/lib/watch";
import { isLocked } from "../hack/locker/helm-release";
import { helms } from "./support/both-helms";
import { becomes, isReverted, sentinelReverted, stands } from "./support/changes";
import type { Chart } from "./support/chart";
import { openForTwins, OWN_NAME, Pair, type Write } from "./support/pair";
import { NAMESPACE, Room } from "./support/room";

const OPENSHIFT = "openshift-controller-manager";

const references = z.array(z.object({ name: z.string() })).default([]);
const list = z.object({ items: z.array(kubeObject) });

const secrets = collection("v1", "secrets", NAMESPACE);

/** What charts say of both lists. */
const accounts: Record<string, Body> = {
  silent: {},
  empty: { secrets: [], imagePullSecrets: [] },
  nothing: { secrets: null, imagePullSecrets: null },
  named: { secrets: [{ name: "own" }], imagePullSecrets: [{ name: "own" }] },
};

function account(name: string): Body {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name }, ...accounts[name] };
}

function pathIn(namespace: string, name: string): string {
  return `${collection("v1", "serviceaccounts", namespace)}/${name}`;
}

function namesIn(value: unknown): string[] {
  return references.parse(value).map(({ name }) => name);
}

/** What others do to a ServiceAccount, with what they have to add. */
function appends(room: Room, added: Record<string, string>, manager: string): Write {
  return async path => {
    const lists = await room.api.read(path);
    const body = Object.entries(added).map(([key, name]): [string, unknown] => [
      key,
      [...references.parse(lists[key]), { name }],
    ]);
    await room.api.edit(`${path}?fieldManager=${manager}`, Object.fromEntries(body));
  };
}

/** A token controller, a cloud, OpenShift and a person, one after the other. */
const writes: [added: Record<string, string>, manager: string][] = [
  [{ secrets: "runner-token-x7k2p" }, "kube-controller-manager"],
  [{ imagePullSecrets: "ecr-credentials" }, "registry-credentials-controller"],
  [{ secrets: "dockercfg-qq9zt", imagePullSecrets: "dockercfg-qq9zt" }, OPENSHIFT],
  [{ imagePullSecrets: "regcred" }, "kubectl-patch"],
];

describe("what others add to the lists of a ServiceAccount", () => {
  let room: Room;
  before(async () => {
    room = await openForTwins();
  });
  after(() => room.close());

  for (const helm of helms) {
    for (const name of Object.keys(accounts)) {
      it(`stays where the chart has them ${name}, installed by ${helm}`, async t => {
        const release = `${name}-${helm}`;
        const template = { ...account(name), metadata: { name: OWN_NAME } };
        const pair = await Pair.install(room, helm, release, { templates: { template } });
        const made = writes.map(([added, manager]) => appends(room, added, manager));
        t.diagnostic(await pair.leaves(pathIn, ...made));
      });
    }
  }
});

for (const helm of helms) {
  describe(`ServiceAccounts on OpenShift, installed by ${helm}`, () => {
    let room: Room;
    let openShift: OpenShift;
    const chart: Chart = {
      templates: Object.fromEntries(Object.keys(accounts).map(name => [name, account(name)])),
    };
    before(async () => {
      room = await openForTwins();
      openShift = await OpenShift.start(room);
      await Pair.install(room, helm, "accounts", chart);
    });
    after(async () => {
      openShift.stop();
      await room.close();
    });

    /** Waits until each account has its pull secret in both lists. */
    async function areServed(): Promise<void> {
      for (const name of Object.keys(accounts)) {
        await until(room.api, pathIn(NAMESPACE, name), isServed);
      }
    }

    it("get one Secret each, and keep it", async () => {
      await areServed();
      await sentinelReverted(room);
      await isLocked(room, "accounts");
      const made = list.parse(await room.api.send("GET", secrets)).items.filter(isMade);
      assert.equal(made.length, Object.keys(accounts).length);
      assert.equal(openShift.made, made.length);
    });

    it("keep it when the chart's own entries come back", async () => {
      const path = pathIn(NAMESPACE, "named");
      for (const key of ["secrets", "imagePullSecrets"]) {
        const index = namesIn((await room.api.read(path))[key]).indexOf("own");
        await room.api.patch(path, [{ op: "remove", path: `/${key}/${index}` }]);
        await becomes(room, path, now => namesIn(now?.[key]).includes("own") && isServed(now));
      }
      await isLocked(room, "accounts");
      assert.equal(openShift.made, Object.keys(accounts).length);
    });

    it("keep it, and the chart's own entries come back, when somebody has emptied a list", async () => {
      const path = pathIn(NAMESPACE, "named");
      await room.api.edit(path, { imagePullSecrets: [] });
      await becomes(room, path, now => isServed(now) && namesIn(now?.imagePullSecrets).includes("own"));
      await isLocked(room, "accounts");
    });

    it("are fully locked otherwise", async () => {
      const path = pathIn(NAMESPACE, "empty");
      await isReverted(room, path, () => room.api.edit(path, { automountServiceAccountToken: false }));
      await stands(room, path, () => room.api.edit(path, { metadata: { annotations: { note: "mine" } } }));
      assert.ok(isServed(await room.api.read(path)));
    });
  });
}

/** Whether a ServiceAccount has what OpenShift gives it. */
function isServed(account: KubeObject | undefined): boolean {
  return [account?.secrets, account?.imagePullSecrets].every(value =>
    namesIn(value).some(name => MADE.test(name)),
  );
}

const MADE = /-dockercfg-/;

function isMade({ metadata }: KubeObject): boolean {
  return MADE.test(metadata.name);
}

/**
 * Gives every ServiceAccount of the namespace a pull secret, and a new one where its name is missing in a list. Source:
 * openshift-controller-manager, pkg/serviceaccounts/controllers/create_dockercfg_secrets.go.
 */
class OpenShift {
  #made = 0;
  readonly #watch: Watch;

  private constructor(
    readonly room: Room,
    watch: Watch,
  ) {
    this.#watch = watch;
  }

  static async start(room: Room): Promise<OpenShift> {
    const watch = await Watch.open(room.api, collection("v1", "serviceaccounts", NAMESPACE), {
      patience: 600_000,
    });
    const openShift = new OpenShift(room, watch);
    // It ends with its watch.
    openShift.#run().catch(() => undefined);
    return openShift;
  }

  /** How many Secrets it has made. */
  get made(): number {
    return this.#made;
  }

  stop(): void {
    this.#watch.close();
  }

  async #run(): Promise<void> {
    for (;;) {
      let missing: KubeObject | undefined;
      await this.#watch.until(objects => {
        missing = [...objects.values()].find(object => object.metadata.name in accounts && !isServed(object));
        return missing !== undefined;
      }, "an account without a pull secret");
      if (missing) await this.#serve(missing.metadata.name);
    }
  }

  async #serve(name: string): Promise<void> {
    const { api } = this.room;
    const path = pathIn(NAMESPACE, name);
    const now = await api.get(path);
    if (!now || isServed(now)) return;
    const made = { name: `${name}-dockercfg-${++this.#made}` };
    await api.create(secrets, { apiVersion: "v1", kind: "Secret", metadata: made });
    const next = (value: unknown) => [...references.parse(value).filter(one => !MADE.test(one.name)), made];
    const lists = { secrets: next(now.secrets), imagePullSecrets: next(now.imagePullSecrets) };
    await api.replace(`${path}?fieldManager=${OPENSHIFT}`, { ...now, ...lists }).catch(() => undefined);
  }
}
