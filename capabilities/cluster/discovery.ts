import * as z from "zod";
import { kindOf, versionPath, type Kind } from "../kube/kinds";
import { NotFoundError } from "./errors";
import type { Cluster } from "./k8s";

const resourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** The plural of a kind, which is a step of its path; subresources have a slash. What serves them may be anybody's API server. */
const PLURAL = /^[a-z0-9][-a-z0-9.]{0,252}$/;

const groupList = z.object({
  groups: z.array(z.object({ versions: z.array(z.object({ groupVersion: z.string() })) })),
});

/** How long what is not served counts as not served, in milliseconds: nothing is asked about more often than that. */
const FRESH = 1_000;

/** API versions of which it remembers what they serve: those that were read last. */
const MOST = 1_000;

/** An answer of the API server, or one under way. */
interface Reading<T> {
  readonly answer: Promise<T>;
  /** performance.now() when it came; Infinity before. */
  at: number;
}

/** Knows which kinds the API server serves, under which path and in which scope. */
export class Discovery {
  readonly #cluster: Pick<Cluster, "Raw">;
  readonly #versions = new Map<string, Reading<ReadonlyMap<string, Kind>>>();
  #served: Reading<ReadonlySet<string>> | undefined;

  constructor(cluster: Pick<Cluster, "Raw">) {
    this.#cluster = cluster;
  }

  /**
   * Finds a kind. It remembers each version that it has read. If a kind is missing there, it reads the version again,
   * because CRDs come and go, but at most once a second. However many versions are asked about that the API server does
   * not serve: it asks the API server only for the list of those that it does.
   *
   * @returns undefined while the server does not serve it
   * @throws ApiError, NetworkError
   */
  async find(apiVersion: string, kind: string): Promise<Kind | undefined> {
    if (!this.#versions.has(apiVersion) && !(await this.#isServed(apiVersion))) return undefined;
    const known = await this.#versions.get(apiVersion)?.answer.catch(() => undefined);
    return known?.get(kind) ?? (await this.#recent(apiVersion)).get(kind);
  }

  /** Forgets what it has read of an API version: its CRDs may be others by now. */
  forget(apiVersion: string): void {
    this.#versions.delete(apiVersion);
    this.#served = undefined;
  }

  #recent(apiVersion: string): Promise<ReadonlyMap<string, Kind>> {
    const known = this.#versions.get(apiVersion);
    const reading = known && isFresh(known) ? known : readingOf(this.#read(apiVersion));
    this.#versions.delete(apiVersion);
    this.#versions.set(apiVersion, reading);
    const [oldest] = this.#versions.keys();
    if (this.#versions.size > MOST && oldest !== undefined) this.#versions.delete(oldest);
    return reading.answer;
  }

  /** The core's versions are not in the list, and are as good as always served. */
  async #isServed(apiVersion: string): Promise<boolean> {
    if (!apiVersion.includes("/")) return CORE.has(apiVersion);
    if (!this.#served || !isFresh(this.#served)) this.#served = readingOf(this.#readServed());
    return (await this.#served.answer).has(apiVersion);
  }

  async #readServed(): Promise<Set<string>> {
    const { groups } = groupList.parse(await this.#cluster.Raw("/apis"));
    return new Set(groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion)));
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

/** Source: Kubernetes API concepts: the core group has no other version. */
const CORE = new Set(["v1"]);

function readingOf<T>(answer: Promise<T>): Reading<T> {
  const reading: Reading<T> = { answer, at: Infinity };
  const answered = () => {
    reading.at = performance.now();
  };
  answer.then(answered, answered);
  return reading;
}

/** Whether an answer is of a moment ago, or still to come. */
function isFresh({ at }: Reading<unknown>): boolean {
  return performance.now() - at < FRESH;
}
