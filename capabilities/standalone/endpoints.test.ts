import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import { after, before, describe, it } from "node:test";
import { endpoints } from "./endpoints";

describe("endpoints", () => {
  let isReady = false;
  let metrics = (): Promise<string> => Promise.resolve("helm_locker_releases 1\n");
  let server: Server;
  let url: string;

  before(async () => {
    server = endpoints({ isReady: () => isReady, metrics: () => metrics() }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address);
    url = `http://127.0.0.1:${address.port}`;
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  async function ask(path: string): Promise<[status: number, text: string]> {
    const reply = await fetch(url + path);
    return [reply.status, await reply.text()];
  }

  it("is alive, but not ready before all is watched", async () => {
    assert.deepEqual(await ask("/livez"), [200, "ok\n"]);
    assert.deepEqual(await ask("/readyz"), [503, "not all is watched yet\n"]);
    isReady = true;
    assert.deepEqual(await ask("/readyz?verbose"), [200, "ok\n"]);
  });

  it("shows the metrics", async () => {
    assert.deepEqual(await ask("/metrics"), [200, "helm_locker_releases 1\n"]);
  });

  it("survives metrics that can't be had", async () => {
    metrics = () => Promise.reject(new Error("no metrics"));
    assert.deepEqual(await ask("/metrics"), [500, "Error: no metrics"]);
    assert.deepEqual(await ask("/livez"), [200, "ok\n"]);
  });

  it("has nothing else", async () => {
    assert.equal((await ask("/"))[0], 404);
  });
});
