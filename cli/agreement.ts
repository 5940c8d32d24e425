import { UserError } from "./errors";
import type { Flags } from "./read-flags";
import type { Verb } from "./verb";

/**
 * Checks that what a user has typed does not speak of two namespaces.
 *
 * @param flags those that were given: what Helm's variables say gives way
 * @throws UserError
 */
export function assertAgreed(
  { args: takes }: Pick<Verb, "args">,
  [name, ...more]: readonly string[],
  { namespace, allNamespaces }: Partial<Flags>,
): void {
  if (namespace !== undefined && allNamespaces === true)
    throw new UserError("--namespace and --all-namespaces exclude each other");
  if (name === undefined || more.length > 0 || !takes.includes("RELEASE")) return;
  if (allNamespaces === true)
    throw new UserError("a release is of one namespace: name it, or give --all-namespaces");
  const [own, ...rest] = name.split("/");
  if (namespace !== undefined && rest.length > 0 && own !== namespace)
    throw new UserError(`release ${name} is not of namespace ${namespace}: leave --namespace out`);
}
