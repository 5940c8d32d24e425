import { Refused } from "../../hack/lib/api";
import { collection, configMap, configMapPath, content, type Body } from "../../hack/lib/objects";
import { lock } from "../../hack/locker/helm-release";
import { isContent, type Change } from "./changes";
import { deployment } from "./chart";
import { AFTER_OUTAGE } from "./in-time";
import { NAMESPACE, type Room } from "./room";

const pages = Array.from({ length: 6 }, (_, index) => `page-${index}`);

const service: Body = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80 }] },
};

const role: Body = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { name: "reader" },
  rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
};

/** Two locked releases with objects of several kinds, and every sort of drift for them. */
export class Fleet {
  /** Helm's version of each object, by its path. */
  readonly #manifest = new Map<string, Body>();
  /** The possible changes to each object, by its path. */
  readonly #changes: ReadonlyMap<string, readonly Change[]>;
  #round = 0;

  private constructor(readonly room: Room) {
    const { api } = room;
    const edit = (path: string, ...patches: Body[]): Change[] =>
      patches.map(patch => () => api.edit(path, patch));
    const deletion =
      (path: string): Change =>
      () =>
        api.delete(path);
    const changes = new Map<string, Change[]>();
    for (const name of pages) {
      const path = configMapPath(NAMESPACE, name);
      const edits = edit(path, { data: { title: "By hand" } }, { data: { addition: "By hand" } });
      changes.set(path, [...edits, deletion(path)]);
    }
    const path = {
      deployment: `${collection("apps/v1", "deployments", NAMESPACE)}/web`,
      service: `${collection("v1", "services", NAMESPACE)}/web`,
      role: `${collection("rbac.authorization.k8s.io/v1", "roles", NAMESPACE)}/reader`,
    };
    changes.set(path.deployment, [
      ...edit(path.deployment, { spec: { replicas: 0 } }, { spec: { paused: true } }),
      deletion(path.deployment),
    ]);
    // A recreated Service has another address.
    changes.set(
      path.service,
      edit(
        path.service,
        { spec: { ports: [{ name: "http", port: 81 }] } },
        { spec: { selector: { tier: "front" } } },
      ),
    );
    changes.set(path.role, [...edit(path.role, { rules: [] }), deletion(path.role)]);
    this.#changes = changes;
  }

  /** Installs and locks the releases. */
  static async launch(room: Room): Promise<Fleet> {
    const fleet = new Fleet(room);
    const templates = pages.map(name => [name, configMap(name, { title: "Welcome" })] as const);
    await room.install("pages", { templates: Object.fromEntries(templates) });
    await room.install("web", { templates: { web: deployment("web", {}, { replicas: 2 }), service, role } });
    await lock(room, "pages");
    // A locker that was killed has not seen the Role that was deleted meanwhile.
    const annotations = { "helmreleases.cattle.io/allow-create": "true" };
    await lock(room, "web", { metadata: { annotations } });
    for (const path of fleet.#changes.keys()) fleet.#manifest.set(path, content(await room.api.read(path)));
    return fleet;
  }

  /** Changes every object, each time differently. */
  async drift(): Promise<void> {
    this.#round += 1;
    for (const [index, changes] of [...this.#changes.values()].entries()) {
      await unlessGone(changes[(this.#round + index) % changes.length]);
    }
  }

  /** Waits until every object is as Helm made it. */
  async isRestored(): Promise<void> {
    for (const [path, made] of this.#manifest) await isContent(this.room, path, made, AFTER_OUTAGE);
  }
}

/** Changes an object that an earlier change may have deleted. */
async function unlessGone(change: Change | undefined): Promise<void> {
  try {
    await change?.();
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
  }
}
