import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A way to a server on which every answer may come late. */
export class LateLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** By how many milliseconds whatever the server says comes late. */
  delay = 0;
  /** How many connections there were at most at a time. */
  most = 0;

  private constructor(readonly target: URL) {
    this.#server = createServer(client => {
      this.#join(client);
    });
  }

  /** Opens it on the loopback address. */
  static async open(target: string): Promise<LateLink> {
    const link = new LateLink(new URL(target));
    await once(link.#server.listen(0, "127.0.0.1"), "listening");
    return link;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the link has no port");
    return `${this.target.protocol}//127.0.0.1:${address.port}`;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    this.most = Math.max(this.most, this.#sockets.size / 2);
    client.pipe(server);
    server.on("data", (chunk: Buffer) => {
      setTimeout(() => client.write(chunk), this.delay);
    });
  }
}
