import * as z from "zod";
import type { KubeClient } from "./client";
import { NotFoundError } from "./errors";
import { versionPath, type Resource } from "./resources";

const resourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** Knows which kinds the API server serves, at which path and in which scope. */
export class Discovery {
  readonly #client: KubeClient;
  readonly #versions = new Map<string, Promise<Map<string, Resource>>>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /**
   * Finds a kind. A version once read is remembered; a kind missing in it is looked for afresh, since CRDs come and go.
   *
   * @returns undefined while the server does not serve it
   * @throws ApiError, NetworkError
   */
  async find(apiVersion: string, kind: string): Promise<Resource | undefined> {
    const known = (await this.#versions.get(apiVersion)?.catch(() => undefined))?.get(kind);
    if (known) return known;
    const reading = this.#read(apiVersion);
    this.#versions.set(apiVersion, reading);
    return (await reading).get(kind);
  }

  async #read(apiVersion: string): Promise<Map<string, Resource>> {
    const kinds = new Map<string, Resource>();
    try {
      const reply = await this.#client.send({ method: "GET", path: versionPath(apiVersion) });
      for (const { name, kind, namespaced } of resourceList.parse(reply).resources) {
        if (!name.includes("/")) kinds.set(kind, { apiVersion, kind, plural: name, namespaced });
      }
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    return kinds;
  }
}
