import { collection, type Body } from "../../hack/lib/objects";
import { until } from "../../hack/lib/watch";
import { NAMESPACE, type Room } from "./room";

/** A Job that Helm runs as a hook and waits for. No Job controller runs here, so the Job lasts until a test completes it. */
export function hookJob(name: string, hook: string): Body {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      annotations: { "helm.sh/hook": hook, "helm.sh/hook-delete-policy": "before-hook-creation" },
    },
    spec: {
      template: { spec: { restartPolicy: "Never", containers: [{ name: "hook", image: "busybox" }] } },
    },
  };
}

/** Waits until Helm runs a hook. */
export async function hookRuns(room: Room, name: string): Promise<void> {
  await until(room.api, hookPath(name), job => job !== undefined);
}

/** Completes a hook, as the Job controller would. */
export async function completeHook(room: Room, name: string): Promise<void> {
  const now = new Date().toISOString();
  await room.api.edit(`${hookPath(name)}/status`, {
    status: {
      startTime: now,
      completionTime: now,
      succeeded: 1,
      conditions: ["SuccessCriteriaMet", "Complete"].map(type => ({
        type,
        status: "True",
        lastTransitionTime: now,
      })),
    },
  });
}

function hookPath(name: string): string {
  return `${collection("batch/v1", "jobs", NAMESPACE)}/${name}`;
}
