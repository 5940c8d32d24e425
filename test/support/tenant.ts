import { collection, type Body } from "../../hack/lib/objects";
import { NAMESPACE, type Room } from "./room";

const RBAC = "rbac.authorization.k8s.io";

/** A rule of a Role, as Kubernetes writes it. */
export interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

/** What writing objects of the core group takes. */
export function toWrite(...resources: string[]): Rule {
  return { apiGroups: [""], resources, verbs: ["create", "patch", "delete"] };
}

/** What writing as a ServiceAccount takes, for the locker. */
export function toWriteAs(...names: string[]): Rule {
  return {
    apiGroups: [""],
    resources: ["serviceaccounts"],
    resourceNames: names,
    verbs: ["get", "impersonate"],
  };
}

/** A ServiceAccount's path, and its user name at the API server. */
export function accountPath(name: string): string {
  return `${collection("v1", "serviceaccounts", NAMESPACE)}/${name}`;
}

export function userOf(name: string): string {
  return `system:serviceaccount:${NAMESPACE}:${name}`;
}

/** Makes a ServiceAccount in {@link NAMESPACE}. */
export async function makeAccount(room: Room, name: string): Promise<void> {
  const account: Body = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } };
  await room.api.create(collection("v1", "serviceaccounts", NAMESPACE), account);
}

/** Gives a user rules in {@link NAMESPACE}, by a Role and RoleBinding of their own. */
export async function permit(room: Room, name: string, user: string, ...rules: Rule[]): Promise<void> {
  const apiVersion = `${RBAC}/v1`;
  const metadata = { name };
  await room.api.create(collection(apiVersion, "roles", NAMESPACE), {
    apiVersion,
    kind: "Role",
    metadata,
    rules,
  });
  await room.api.create(collection(apiVersion, "rolebindings", NAMESPACE), {
    apiVersion,
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: RBAC, kind: "Role", name },
    subjects: [{ apiGroup: RBAC, kind: "User", name: user }],
  });
}

/** Makes a ServiceAccount with rules in {@link NAMESPACE}, as which the locker may write. */
export async function makeTenant(room: Room, name: string, ...rules: Rule[]): Promise<void> {
  await makeAccount(room, name);
  await permit(room, name, userOf(name), ...rules);
  await permit(room, `locker-as-${name}`, room.lockerUser, toWriteAs(name));
}
