import assert from "node:assert/strict";
import { configMap, configMapPath, dataOf, type Body } from "../../hack/lib/objects";
import { byPatch, type Change } from "./changes";
import { refusedService, type Chart } from "./chart";
import { NAMESPACE, type Room } from "./room";

/** A release with a page that has a color, and a frame that never changes. Its objects have its name. */
export class Colored {
  readonly page: string;

  constructor(
    readonly room: Room,
    readonly release: string,
  ) {
    this.page = configMapPath(NAMESPACE, `${release}-page`);
  }

  /** Installs the release, or upgrades it, with a page of the given color. */
  async paint(color: string, more: Record<string, Body> = {}): Promise<void> {
    await this.room.install(this.release, this.#chart(color, more));
  }

  /** Upgrades to a page of the given color; the upgrade then fails. */
  async paintInVain(color: string): Promise<void> {
    await assert.rejects(this.paint(color, { refused: refusedService }), /70000/);
  }

  /** Upgrades to a chart that no longer has the page. */
  async dropPage(): Promise<void> {
    await this.room.install(this.release, this.#chart(undefined));
  }

  async uninstall(): Promise<void> {
    await this.room.helm("uninstall", this.release);
  }

  /** Changes the page by hand. */
  edit(): Change {
    return byPatch(this.room, this.page, { data: { color: "red" } });
  }

  /** The page's current color; undefined if there is no page. */
  async color(): Promise<string | undefined> {
    return dataOf(await this.room.api.get(this.page)).color;
  }

  #chart(color: string | undefined, more: Record<string, Body> = {}): Chart {
    const frame = configMap(`${this.release}-frame`, { material: "oak" });
    const page = color === undefined ? {} : { page: configMap(`${this.release}-page`, { color }) };
    return { templates: { frame, ...page, ...more } };
  }
}
