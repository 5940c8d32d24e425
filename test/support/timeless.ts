/** What the command has printed, without what differs from run to run: times, ages, and how wide columns are for them. */
export function timeless(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "<time>")
    .replaceAll(/(?<=\s)\d+[smhd](?=\s|$)/g, "<age>")
    .replaceAll(/(?<=\s)\d+ms(?=\s|$)/g, "<took>")
    .replaceAll(/ {2,}/g, "  ");
}
