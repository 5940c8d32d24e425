import { closest, distance } from "fastest-levenshtein";

/** How many letters may differ in a name that is suggested. */
const MOST_DIFFERENT = 3;

/** Whether a name is as a glob says, in which * stands for any text. */
export function globbed(glob: string): (name: string) => boolean {
  const pattern = glob.split("*").map(text => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${pattern.join(".*")}$`);
  return name => expression.test(name);
}

/** `; did you mean "shop"?`, or nothing where no name is near. */
export function nearest(name: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const found = closest(name, names);
  return distance(name, found) <= Math.min(MOST_DIFFERENT, Math.floor(name.length / 2))
    ? `; did you mean "${found}"?`
    : "";
}
