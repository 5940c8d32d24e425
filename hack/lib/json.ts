/** The parsed JSON; undefined for other text, such as a stack trace. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
