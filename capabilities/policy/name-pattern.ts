/** Whether a name is as a pattern says, in which each * is any text. Takes no longer than the two are long, whatever they are. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;
  let from = first.length;
  for (const part of others) {
    const found = name.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= name.length - last.length;
}

/** Whether a pattern is a name, which only that name is like. */
export function isName(pattern: string): boolean {
  return !pattern.includes("*");
}
