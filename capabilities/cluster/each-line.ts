/** Splits a body into lines; a line may span many chunks, and a chunk may hold many lines. */
export async function eachLine(body: AsyncIterable<Buffer>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  for await (const chunk of body) {
    const lines = decoder.decode(chunk, { stream: true }).split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      onLine(rest.join("") + line);
      rest = [];
    }
    if (last !== "") rest.push(last);
  }
}
