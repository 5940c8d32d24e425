import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiError } from "../cluster/errors";
import { asObject } from "../cluster/replies";
import { kindOf, presenceKey } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { policyOf } from "../policy/policy";
import { admissionVerdict } from "../report/admission-words";
import type { Lock } from "../state/lock";
import { track } from "../state/new-tracked";
import type { ReleaseLock } from "../state/release-locks";
import { PLAIN } from "../state/standing";
import { Store } from "../state/store";
import type { Request } from "../work/controller";
import { Admissions } from "./admissions";

const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });

const NOT_FOUND = apiError(404, { reason: "NotFound", message: "no such kind", retryAfterSeconds: 1 });
const FORBIDDEN = apiError(403, { reason: "Forbidden", message: "no right", retryAfterSeconds: 1 });

/** An API server: what it has, and how it answers. */
class Server {
  readonly stored = new Map<string, KubeObject>();
  readonly requests: string[] = [];
  bringing: Error | undefined;
  writing: Error | undefined;
  listing: Error | undefined;

  whoAmI = () => Promise.resolve("the locker");

  all = () => {
    this.requests.push("list");
    return this.listing ? Promise.reject(this.listing) : Promise.resolve([...this.stored.values()]);
  };

  write = (releaseLock: ReleaseLock) => {
    this.requests.push("write");
    if (this.writing) return Promise.reject(this.writing);
    const object = asObject(JSON.parse(JSON.stringify({ kind: "ReleaseLock", ...releaseLock })));
    this.stored.set(presenceKey(releaseLock.metadata.namespace, releaseLock.metadata.name), object);
    return Promise.resolve(object);
  };

  delete = (object: KubeObject) => {
    this.requests.push("delete");
    for (const [key, { metadata }] of this.stored)
      if (metadata.name === object.metadata.name) this.stored.delete(key);
    return Promise.resolve();
  };

  bring = () => {
    this.requests.push("bring");
    return this.bringing ? Promise.reject(this.bringing) : Promise.resolve();
  };
}

/** A locker with one lock, whose requests run when they are told to. */
class Bench {
  readonly server = new Server();
  readonly store = new Store();
  readonly lock: Lock;
  readonly failures: unknown[] = [];
  isListed = true;
  #waiting: Request[] = [];
  readonly #admissions: Admissions;

  constructor(action: "Ignore" | "Warn" | "Deny") {
    const spec = { admission: { action } };
    const standing = { ...PLAIN, spec, policy: policyOf(spec) };
    this.lock = this.store.register("web", { namespace: "shop", name: "web" }, standing);
    const metadata = { name: "web", namespace: "shop" };
    const tracked = track(this.lock, configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata });
    this.store.track(this.lock, { manifest: "m", objects: [tracked], untracked: [] });
    const add = (request: Request) => void this.#waiting.push(request);
    const isListed = () => this.isListed;
    this.#admissions = new Admissions({
      storage: this.server,
      store: this.store,
      queue: { add, addNow: add, addAfter: add },
      helmReleases: {
        get areListed() {
          return isListed();
        },
      },
      readiness: { isLoading: false },
      reporter: { troubled: () => undefined, waiting: () => undefined, statusOf: () => undefined },
      config: { namespace: "home", controllerName: "helm-locker" },
    });
  }

  /** Does all there is to do, and what failed once. */
  async run(): Promise<unknown> {
    this.#admissions.ask();
    for (let request = this.#waiting.shift(); request; request = this.#waiting.shift())
      try {
        await this.#admissions.reconcile(request, 1);
      } catch (error) {
        this.#admissions.failed(request, error);
        this.failures.push(error);
      }
    const { is, reason } = admissionVerdict(this.lock) ?? {};
    return is === undefined ? undefined : [is, reason];
  }
}

describe("Admissions", () => {
  it("tell the API server, and say what it does", async () => {
    const bench = new Bench("Deny");
    assert.deepEqual(await bench.run(), [true, "Deny"]);
    assert.equal(bench.server.stored.size, 1);
    assert.deepEqual(bench.server.requests, ["list", "write", "bring"]);
    await bench.run();
    assert.deepEqual(bench.server.requests, ["list", "write", "bring"], "what is there need not be written");
  });

  it("let go of what is suspended, and say so only then", async () => {
    const bench = new Bench("Warn");
    assert.deepEqual(await bench.run(), [true, "Warn"]);
    bench.store.suspend(bench.lock, true);
    assert.deepEqual(admissionVerdict(bench.lock)?.is, true);
    assert.deepEqual(await bench.run(), [false, "Idle"]);
    assert.equal(bench.server.stored.size, 0);
  });

  it("do nothing where nobody asks for anything, and need no right for that", async () => {
    const bench = new Bench("Ignore");
    bench.server.listing = FORBIDDEN;
    assert.equal(await bench.run(), undefined);
    assert.deepEqual(bench.server.requests, ["list"]);
    assert.deepEqual(bench.failures, []);
  });

  it("leave what an earlier process has told until the HelmReleases are known", async () => {
    const bench = new Bench("Deny");
    await bench.run();
    const later = new Bench("Ignore");
    for (const [key, object] of bench.server.stored) later.server.stored.set(key, object);
    later.isListed = false;
    await later.run();
    assert.equal(later.server.stored.size, 1);
    later.isListed = true;
    assert.equal(await later.run(), undefined);
    assert.equal(later.server.stored.size, 0);
  });

  it("say where Kubernetes knows no ValidatingAdmissionPolicy", async () => {
    const bench = new Bench("Deny");
    bench.server.bringing = NOT_FOUND;
    await bench.run();
    const { reason, message = "" } = admissionVerdict(bench.lock) ?? {};
    assert.equal(reason, "NotSupported");
    assert.match(message, /1\.30/);
    bench.server.bringing = undefined;
    assert.deepEqual(await bench.run(), [true, "Deny"], "once it is newer");
  });

  it("say where a right is missing", async () => {
    for (const what of ["bringing", "writing", "listing"] as const) {
      const bench = new Bench("Deny");
      bench.server[what] = FORBIDDEN;
      await bench.run();
      const { reason, message = "" } = admissionVerdict(bench.lock) ?? {};
      assert.equal(reason, "Failed", what);
      assert.match(message, /no right/);
    }
  });

  it("look again what is stored where a write has failed", async () => {
    const bench = new Bench("Deny");
    bench.server.writing = new Error("no answer");
    await bench.run();
    bench.server.writing = undefined;
    await bench.run();
    assert.deepEqual(bench.server.requests, ["list", "write", "bring", "list", "write"]);
  });
});
