/** What stands for what was cut off. */
const REST = "…";

/** How many bytes a value takes as JSON. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** A text, cut to at most so many bytes of JSON, its quotes aside. */
export function cutToBytes(text: string, most: number): string {
  if (text.length <= most && bytesOf(text) - 2 <= most) return text;
  let [end, bytes] = [0, Buffer.byteLength(REST)];
  for (const character of text) {
    bytes += bytesOf(character) - 2;
    if (bytes > most) break;
    end += character.length;
  }
  return end === 0 ? "" : `${text.slice(0, end)}${REST}`;
}
