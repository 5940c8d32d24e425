import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { collection, type Body } from "../hack/lib/objects";
import { ROOT } from "../hack/lib/project";
import {
  helmRelease,
  helmReleasePath,
  isAtRest,
  isLocked,
  lock,
  register,
} from "../hack/locker/helm-release";
import { becomes, byPatch, isReverted, postSentinel, stands } from "./support/changes";
import { deployment } from "./support/chart";
import { recipe } from "./support/recipe";
import { NAMESPACE, Room } from "./support/room";

const ADMISSION = "admissionregistration.k8s.io/v1";

const deployments = collection("apps/v1", "deployments", NAMESPACE);
const services = collection("v1", "services", NAMESPACE);
const webhooks = collection(ADMISSION, "validatingwebhookconfigurations");

/** A recipe of docs/policies.md, and what it is tried with. */
interface Trial {
  /** What the release has. */
  readonly object: Body;
  readonly path: string;
  /** What the recipe leaves alone. @property manager that changes it */
  readonly ignored: { readonly patch: Body; readonly manager?: string };
  /** What goes back all the same. */
  readonly locked: Body;
}

const web = (labels: Body = {}): Body => {
  const body = deployment("web", { containers: [container("web")] }, { replicas: 2 });
  return { ...body, metadata: { name: "web", labels } };
};
const container = (name: string): Body => ({
  name,
  image: "nginx:1.27",
  resources: { requests: { cpu: "100m" } },
});
const ofTemplate = (change: Body): Body => ({ spec: { template: { spec: { containers: [change] } } } });
const restarted: Body = { spec: { minReadySeconds: 7 } };
const bundle = (text: string) => Buffer.from(text).toString("base64");
const webhook = (caBundle: string): Body => ({
  name: "web.example.com",
  admissionReviewVersions: ["v1"],
  sideEffects: "None",
  failurePolicy: "Ignore",
  clientConfig: { url: "https://127.0.0.1:1/", caBundle: bundle(caBundle) },
  rules: [
    { apiGroups: ["example.com"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothings"] },
  ],
});

const TRIALS: Record<string, Trial> = {
  "A HorizontalPodAutoscaler": {
    object: web(),
    path: `${deployments}/web`,
    ignored: { patch: { spec: { replicas: 5 } } },
    locked: restarted,
  },
  KEDA: {
    object: web(),
    path: `${deployments}/web`,
    ignored: { patch: { spec: { paused: true } }, manager: "keda-operator" },
    locked: restarted,
  },
  "Resource requests that somebody tunes": {
    object: web(),
    path: `${deployments}/web`,
    ignored: {
      patch: ofTemplate({ name: "web", image: "nginx:1.27", resources: { requests: { cpu: "300m" } } }),
    },
    locked: restarted,
  },
  "A caBundle that is rotated": {
    object: {
      apiVersion: ADMISSION,
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "web" },
      webhooks: [webhook("old")],
    },
    path: `${webhooks}/web`,
    ignored: { patch: { webhooks: [webhook("new")] } },
    locked: { webhooks: [{ ...webhook("new"), failurePolicy: "Fail" }] },
  },
  "Argo Rollouts": {
    object: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web-canary" },
      spec: { selector: { app: "web", track: "none" }, ports: [{ port: 80 }] },
    },
    path: `${services}/web-canary`,
    ignored: { patch: { spec: { selector: { track: "canary" } } } },
    locked: { spec: { selector: { app: "other" } } },
  },
  "A sidecar that is injected into the workload": {
    object: web(),
    path: `${deployments}/web`,
    ignored: {
      patch: {
        spec: {
          template: {
            metadata: { annotations: { "proxy.example.com/injected": "yes" } },
            spec: { containers: [{ name: "proxy", image: "proxy:1" }, container("web")] },
          },
        },
      },
    },
    locked: restarted,
  },
  "A nightly downscaler": {
    object: web({ nightly: "down" }),
    path: `${deployments}/web`,
    ignored: { patch: { spec: { replicas: 0 } } },
    locked: restarted,
  },
};

const manifest = z.object({ spec: z.record(z.string(), z.json()) });

/** The spec of a recipe. */
async function specOf(title: string): Promise<Body> {
  const [block] = await recipe(title, "yaml");
  assert.ok(block !== undefined, `docs/policies.md has no recipe "${title}"`);
  const { spec } = manifest.parse(parse(block));
  return Object.fromEntries(Object.entries(spec).filter(([key]) => key !== "release"));
}

describe("the recipes of docs/policies.md", () => {
  let room: Room;
  before(async () => {
    room = await Room.open(postSentinel);
  });
  after(() => room.close());

  it("are all tried, here or where ServiceAccounts or admission are", async () => {
    const text = await readFile(join(ROOT, "docs/policies.md"), "utf8");
    const titles = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    const others = ["Break glass", "A tenant's lock", "Nobody changes it by hand", "Warn first for a week"];
    assert.deepEqual(titles, [...Object.keys(TRIALS), ...others]);
  });

  for (const [heading, { object, path, ignored, locked }] of Object.entries(TRIALS))
    it(heading, async () => {
      await room.install("recipe", { templates: { object } });
      await lock(room, "recipe", { spec: await specOf(heading) });
      await stands(
        room,
        path,
        byPatch(room, `${path}?fieldManager=${ignored.manager ?? "tuner"}`, ignored.patch),
      );
      await isReverted(room, path, byPatch(room, `${path}?fieldManager=hand`, locked));
      await isLocked(room, "recipe");
      await room.api.delete(helmReleasePath("recipe"));
      await room.helm("uninstall", "recipe");
    });

  it("Break glass", async () => {
    const { release, settings } = await room.installFresh();
    await register(room, helmRelease(release, { spec: await specOf("Break glass") }));
    const { conditions } = await isAtRest(room, release, "Suspended");
    assert.match(conditions.map(({ message }) => message).join(), /INC-4711.*|2030-01-31T18:00:00Z/);
    await stands(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    await room.api.edit(helmReleasePath(release), { spec: { suspend: false, suspendUntil: null } });
    await becomes(room, settings, now => JSON.stringify(now?.data) === '{"color":"blue"}');
  });

  it("Warn first for a week", async () => {
    const { release, settings } = await room.installFresh();
    await register(room, helmRelease(release, { spec: await specOf("Warn first for a week") }));
    await isAtRest(room, release, "Warn");
    await stands(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    await room.api.edit(helmReleasePath(release), { spec: { driftDetection: null } });
    await becomes(room, settings, now => JSON.stringify(now?.data) === '{"color":"blue"}');
  });
});
