import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { freePort } from "./ports";

test("a port that was found is nobody else's, although nobody listens on it", { timeout: 5000 }, async () => {
  const socket = createSocket("udp4").bind(await freePort(), "127.0.0.1");
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "EADDRINUSE");
  socket.close();
});
