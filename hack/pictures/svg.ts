/** What a picture is drawn on, in pixels; its title is for those who can't see it. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** CSS. */
  readonly style: string;
}

/** A picture as SVG. @param content elements */
export function svg({ width, height, title, style }: Canvas, content: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    ...content,
    "</svg>\n",
  ].join("\n");
}

/** Text as XML has it. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
