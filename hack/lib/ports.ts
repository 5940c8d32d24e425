import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Finds a free TCP port of 127.0.0.1 between 10000 and 32767: below the ports that systems give to outgoing
 * connections. One of these could otherwise take the port of a server that is stopped and started again.
 *
 * No other process gets the same one here, even while nobody listens on it: the UDP port of the same number stays
 * bound until this process ends.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    if ((await isFree(port)) && (await reserve(port))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

async function reserve(port: number): Promise<boolean> {
  const socket = createSocket("udp4").unref();
  socket.bind(port, "127.0.0.1");
  try {
    await once(socket, "listening");
    return true;
  } catch {
    socket.close();
    return false;
  }
}
