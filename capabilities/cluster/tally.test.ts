import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, it } from "node:test";
import { Agent, request } from "undici";
import { TooLateError } from "./errors";
import { punctual } from "./pools";
import { tallied, Tally } from "./tally";

let server: Server;
let origin: string;
before(async () => {
  server = createServer(({ url = "" }, response) => {
    if (url === "/cut") response.destroy();
    else if (url === "/cut-later") response.writeHead(200).write("{", () => response.destroy());
    else if (url !== "/silent") response.writeHead(url === "/gone" ? 404 : 200).end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

it("counts each answer once, and what is not answered, but nothing that was withheld or given up", async () => {
  const tally = new Tally();
  const agent = new Agent();
  const dispatcher = tallied(agent, tally);
  const send = async (path: string, options: Parameters<typeof request>[1] = {}) => {
    const reply = await request(origin + path, { dispatcher, ...options });
    await reply.body.text();
  };
  for (const path of ["/one", "/one", "/gone", "/many?limit=500", "/many?watch=1&limit=1"]) await send(path);
  for (const method of ["POST", "PATCH", "DELETE"] as const) await send("/one", { method });
  await assert.rejects(send("/cut"));
  await assert.rejects(send("/cut-later"));
  await assert.rejects(send("/one", { dispatcher: punctual(dispatcher, 0) }), TooLateError);
  const stopped = new AbortController();
  const followed = send("/silent", { signal: stopped.signal });
  setTimeout(() => {
    stopped.abort();
  }, 50);
  await assert.rejects(followed);
  await agent.destroy();
  assert.deepEqual(
    [...tally.answered].map(({ verb, code, count }) => `${verb} ${code}: ${count}`),
    [
      ...["get 200: 3", "get 404: 1", "list 200: 1", "watch 200: 1"],
      ...["create 200: 1", "patch 200: 1", "delete 200: 1", "get none: 1"],
    ],
  );
});
