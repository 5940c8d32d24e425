import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { collection } from "../../hack/lib/objects";
import type { Room } from "./room";

const ADMISSION = "admissionregistration.k8s.io/v1";

/** An admission webhook that does not answer, for the locker's writes to some ConfigMaps. */
export class HangingWebhook {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(
    readonly room: Room,
    readonly name: string,
  ) {
    this.#server = createServer(socket => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
      this.#called.resolve(undefined);
    });
  }

  readonly #called = Promise.withResolvers<undefined>();

  /**
   * Opens it on the loopback address; the API server waits ten seconds for its answer.
   *
   * @param matchLabels what it is about
   */
  static async open(
    room: Room,
    name: string,
    matchLabels: Record<string, string> = { hangs: "yes" },
  ): Promise<HangingWebhook> {
    const webhook = new HangingWebhook(room, name);
    await once(webhook.#server.listen(0, "127.0.0.1"), "listening");
    const address = webhook.#server.address();
    if (address === null || typeof address === "string") throw new Error("the webhook has no port");
    await room.api.create(collection(ADMISSION, "validatingwebhookconfigurations"), {
      apiVersion: ADMISSION,
      kind: "ValidatingWebhookConfiguration",
      metadata: { name },
      webhooks: [
        {
          name: `${name}.example.com`,
          clientConfig: { url: `https://127.0.0.1:${address.port}/` },
          rules: [
            {
              apiGroups: [""],
              apiVersions: ["v1"],
              resources: ["configmaps"],
              operations: ["CREATE", "UPDATE"],
            },
          ],
          objectSelector: { matchLabels },
          matchConditions: [
            { name: "locker", expression: `request.userInfo.username == "${room.lockerUser}"` },
          ],
          admissionReviewVersions: ["v1"],
          sideEffects: "None",
          timeoutSeconds: 10,
        },
      ],
    });
    return webhook;
  }

  /** Resolves once the API server has called it. */
  async called(): Promise<void> {
    await this.#called.promise;
  }

  /** Removes it from the API server, and ends it. */
  async close(): Promise<void> {
    await this.room.api.delete(`${collection(ADMISSION, "validatingwebhookconfigurations")}/${this.name}`);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
