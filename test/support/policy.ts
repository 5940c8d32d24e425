import { CommandError } from "../../hack/lib/command";
import { collection, type Body } from "../../hack/lib/objects";
import { untilSeen } from "../../hack/lib/patience";
import type { Room } from "./room";

const ADMISSION = "admissionregistration.k8s.io/v1";

/** What the locker may not do. */
export interface Denial {
  name: string;
  apiGroup: string;
  /** Plural. */
  resource: string;
  /** In CEL: the condition that a write has to meet. */
  validation: string;
  /** The API server's answer to a write that does not meet the condition. */
  message: string;
  /** An update that does not meet it: the object's name for kubectl, and a merge patch. */
  probe: { object: string; patch: Body };
}

/** Denies the locker some writes with a ValidatingAdmissionPolicy, and waits until the policy is in force. */
export async function deny(room: Room, denial: Denial): Promise<void> {
  const { name, validation, message } = denial;
  await room.api.create(collection(ADMISSION, "validatingadmissionpolicies"), {
    apiVersion: ADMISSION,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [denial.apiGroup],
            apiVersions: ["*"],
            operations: ["CREATE", "UPDATE"],
            resources: [denial.resource],
          },
        ],
      },
      matchConditions: [{ name: "locker", expression: `request.userInfo.username == "${room.lockerUser}"` }],
      validations: [{ expression: validation, message }],
    },
  });
  await room.api.create(collection(ADMISSION, "validatingadmissionpolicybindings"), {
    apiVersion: ADMISSION,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  });
  await untilSeen(() => isDenied(room, denial), `what policy ${name} denies`);
}

/** Takes a denial back, and waits until the policy is no longer in force. */
export async function allow(room: Room, denial: Denial): Promise<void> {
  const { name } = denial;
  await room.api.delete(`${collection(ADMISSION, "validatingadmissionpolicybindings")}/${name}`);
  await room.api.delete(`${collection(ADMISSION, "validatingadmissionpolicies")}/${name}`);
  await untilSeen(async () => !(await isDenied(room, denial)), `what policy ${name} no longer denies`);
}

async function isDenied(room: Room, { message, probe: { object, patch } }: Denial): Promise<boolean> {
  const flags = ["--type=merge", "--dry-run=server", `--as=${room.lockerUser}`];
  try {
    await room.kubectl("patch", object, ...flags, "--patch", JSON.stringify(patch));
    return false;
  } catch (error) {
    if (error instanceof CommandError && error.stderr.includes(message)) return true;
    throw error;
  }
}
