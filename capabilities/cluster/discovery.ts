import * as z from "zod";
import { kindOf, versionPath, type Kind } from "../kube/kinds";
import { NotFoundError } from "./errors";
import type { Cluster } from "./k8s";

const resourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** The plural of a kind, which is a step of its path; subresources have a slash. What serves them may be anybody's API server. */
const PLURAL = /^[a-z0-9][-a-z0-9.]{0,252}$/;

/** Knows which kinds the API server serves, under which path and in which scope. */
export class Discovery {
  readonly #cluster: Pick<Cluster, "Raw">;
  readonly #versions = new Map<string, Promise<Map<string, Kind>>>();

  constructor(cluster: Pick<Cluster, "Raw">) {
    this.#cluster = cluster;
  }

  /**
   * Finds a kind. It remembers each version that it has read. If a kind is missing there, it reads the version again,
   * because CRDs come and go.
   *
   * @returns undefined while the server does not serve it
   * @throws ApiError, NetworkError
   */
  async find(apiVersion: string, kind: string): Promise<Kind | undefined> {
    const known = (await this.#versions.get(apiVersion)?.catch(() => undefined))?.get(kind);
    if (known) return known;
    const reading = this.#read(apiVersion);
    this.#versions.set(apiVersion, reading);
    return (await reading).get(kind);
  }

  /** Forgets what it has read of an API version: its CRDs may be others by now. */
  forget(apiVersion: string): void {
    this.#versions.delete(apiVersion);
  }

  async #read(apiVersion: string): Promise<Map<string, Kind>> {
    const kinds = new Map<string, Kind>();
    try {
      const reply = await this.#cluster.Raw(versionPath(apiVersion));
      for (const { name, kind, namespaced } of resourceList.parse(reply).resources) {
        if (PLURAL.test(name)) kinds.set(kind, kindOf({ apiVersion, kind, plural: name, namespaced }));
      }
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    return kinds;
  }
}
