import type { Kind } from "../kube/kinds";
import { isObject, type Json, type KubeObject } from "../kube/object";
import type { OnItem } from "./list-reader";
import { PageSize } from "./page-size";
import { asObject } from "./replies";

/** Takes an object of a list, and how many bytes it had as JSON. */
export type OnObject = (object: KubeObject, bytes: number) => void;

/** Asks for one page of a list, with these parameters, and passes on its items. @returns the list without them */
export type AskForPage = (query: Record<string, string>, onItem: OnItem) => Promise<Json>;

/** Where a page is from, and how to ask for the next: empty where there is none. */
interface Page {
  readonly version: string;
  readonly token: string;
}

/** Reads the pages of a kind's list, of which it holds one object at a time. */
export class Pages {
  readonly #kind: Kind;
  readonly #ask: AskForPage;
  readonly #size = new PageSize();

  constructor(kind: Kind, ask: AskForPage) {
    this.#kind = kind;
    this.#ask = ask;
  }

  /** Reads a page. @param token of the page before it; empty for the first */
  async read(token: string, onObject: OnObject): Promise<Page> {
    const { apiVersion, kind } = this.#kind;
    let count = 0;
    let weight = 0;
    const page = await this.#ask({ limit: this.#size.limit, continue: token }, (item, bytes) => {
      count += 1;
      weight += bytes;
      // The API server leaves the kind out of items.
      if (isObject(item)) onObject(asObject({ apiVersion, kind, ...item }), bytes);
    });
    this.#size.note(count, weight);
    return pageOf(page);
  }

  /** Reads every page. @param between awaited after each @returns the resourceVersion that the list is of */
  async readAll(onObject: OnObject, between?: () => Promise<void>): Promise<string> {
    let page: Page = { version: "", token: "" };
    do {
      page = await this.read(page.token, onObject);
      await between?.();
    } while (page.token !== "");
    return page.version;
  }

  /** The resourceVersion that the collection is at. */
  async version(): Promise<string> {
    return pageOf(await this.#ask({ limit: "1" }, () => undefined)).version;
  }
}

function pageOf(list: Json): Page {
  const { resourceVersion, continue: token } = isObject(list) && isObject(list.metadata) ? list.metadata : {};
  return {
    version: typeof resourceVersion === "string" ? resourceVersion : "",
    token: typeof token === "string" ? token : "",
  };
}
