import type { ReleaseStatus } from "./record";
import type { Newest } from "./storage";

/** For tests: what the newest record of release shop/web says in a status of Helm's. */
export function recordIn(status: ReleaseStatus): Extract<Newest, { is: "record" }> {
  return {
    is: "record",
    state: { driver: "Secret", revision: 2, uid: "u", resourceVersion: "7" },
    record: {
      name: "web",
      namespace: "shop",
      revision: 2,
      status,
      description: "",
      notes: "",
      manifest: "",
      isServerSide: false,
    },
    writers: [],
  };
}
