import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Json } from "../kube/object";
import { Discovery } from "./discovery";
import { ApiError, NotFoundError } from "./errors";

const widgets = { resources: [{ name: "widgets", kind: "Widget", namespaced: true }] };

describe("discovery", () => {
  const served = new Map<string, Json | Error>();
  let asked: string[];
  let discovery: Discovery;
  let now: number;
  beforeEach(t => {
    now = performance.now();
    if ("mock" in t) t.mock.method(performance, "now", () => now);
    served.clear();
    asked = [];
    discovery = new Discovery({
      Raw: path => {
        asked.push(path);
        const versions = [...served.keys()].map(version => ({
          groupVersion: version.slice("/apis/".length),
        }));
        const reply = path === "/apis" ? { groups: [{ versions }] } : served.get(path);
        if (reply === undefined) return Promise.reject(new NotFoundError(404, "NotFound", path));
        return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
      },
    });
  });

  it("asks one question about ten thousand versions that are not served", async () => {
    for (let i = 0; i < 10_000; i++)
      assert.equal(await discovery.find(`x${i}.example.com/v1`, "Widget"), undefined);
    assert.deepEqual(asked, ["/apis"]);
  });

  it("asks one question about ten thousand kinds that a version does not serve", async () => {
    served.set("/api/v1", widgets);
    for (let i = 0; i < 10_000; i++) assert.equal(await discovery.find("v1", `Kind${i}`), undefined);
    assert.deepEqual(asked, ["/api/v1"]);
  });

  it("asks one question about a version that does not answer", async () => {
    served.set("/apis/example.com/v1", new ApiError(503, "ServiceUnavailable", "gone"));
    for (let i = 0; i < 100; i++) await assert.rejects(discovery.find("example.com/v1", "Widget"), /gone/);
    assert.deepEqual(asked, ["/apis", "/apis/example.com/v1"]);
  });

  it("asks anew at once about what it has to forget", async () => {
    assert.equal(await discovery.find("example.com/v1", "Widget"), undefined);
    served.set("/apis/example.com/v1", widgets);
    discovery.forget("example.com/v1");
    assert.equal((await discovery.find("example.com/v1", "Widget"))?.plural, "widgets");
  });

  it("finds a kind a second after it is served", async () => {
    assert.equal(await discovery.find("example.com/v1", "Widget"), undefined);
    served.set("/apis/example.com/v1", widgets);
    now += 1_001;
    const found = await discovery.find("example.com/v1", "Widget");
    assert.equal(found?.plural, "widgets");
    await discovery.find("example.com/v1", "Widget");
    assert.deepEqual(asked, ["/apis", "/apis", "/apis/example.com/v1"]);
  });
});
