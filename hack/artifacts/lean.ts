import type { Plugin } from "esbuild";

/** Packages of dependencies that a locker never calls, with what it would take for one to do so. */
const NEVER_CALLED: Readonly<Record<string, string>> = {
  "isomorphic-ws": "kubectl exec, attach or port-forward",
  "socks-proxy-agent": "a SOCKS proxy, which capabilities/cluster/credentials.ts refuses",
  "stream-buffers": "kubectl cp",
  "tar-fs": "kubectl cp",
};

/** What a bundle has instead of packages, as CommonJS modules. */
const INSTEAD: Readonly<Record<string, string>> = {
  // Pepr prepares a web server, and starts it in its own image only: capabilities/standalone answers probes and metrics.
  express: `
    const application = () => ({ use() {}, get() {}, post() {} });
    module.exports = Object.assign(application, { json() {} });`,
  // node-fetch takes it where Node.js has no URL.
  "whatwg-url": `module.exports = { URL: require("node:url").URL };`,
  ...Object.fromEntries(Object.entries(NEVER_CALLED).map(([name, why]) => [name, throwing(name, why)])),
};

/** What of undici is called, as an ES module: the build fails where anything else of it is imported. Source: undici's index.js. */
const UNDICI = `
  import api from "./lib/api/index.js";
  import Dispatcher from "./lib/dispatcher/dispatcher.js";
  Object.assign(Dispatcher.prototype, api);
  export { default as Agent } from "./lib/dispatcher/agent.js";
  export { default as ProxyAgent } from "./lib/dispatcher/proxy-agent.js";
  export { default as DecoratorHandler } from "./lib/handler/decorator-handler.js";
  export { fetch } from "./lib/web/fetch/index.js";`;

/** The Kubernetes client's models, of which only the classes are called for, and what makes them from JSON, or JSON from them, which nothing does. */
const MODELS = /client-node[\\/]dist[\\/]gen[\\/]models[\\/]([A-Z]\w+)\.js$/;

/**
 * Leaves out of a bundle what would never run, which takes half of the file and 12 MB of memory. What is never called throws
 * an error that names its package if it is.
 */
export const lean: Plugin = {
  name: "lean",
  setup(build) {
    const names = Object.keys(INSTEAD).join("|");
    build.onResolve({ filter: new RegExp(`^(${names})$`) }, ({ path }) => ({ path, namespace: "instead" }));
    build.onLoad({ filter: /.*/, namespace: "instead" }, ({ path }) => ({
      contents: INSTEAD[path] ?? "",
      resolveDir: "/",
    }));
    build.onLoad({ filter: /node_modules[\\/]undici[\\/]index\.js$/ }, () => ({ contents: UNDICI }));
    build.onLoad({ filter: MODELS }, ({ path }) => ({ contents: modelOf(MODELS.exec(path)?.[1] ?? "") }));
  },
};

/** A model without what it is made from. */
function modelOf(name: string): string {
  if (name !== "ObjectSerializer") return `export class ${name} {}`;
  const message = "the models' serializer is not in this bundle, as nothing makes a model from JSON";
  return `
    const absent = () => { throw new Error(${JSON.stringify(message)}); };
    export class ${name} { static serialize() { absent(); } static deserialize() { absent(); } }`;
}

/** A module of which everything throws once it is called. */
function throwing(name: string, why: string): string {
  const message = JSON.stringify(`${name} is not in this bundle, as nothing needs ${why}`);
  return `
    const absent = function () { throw new Error(${message}); };
    module.exports = new Proxy(absent, { get: (_, key) => (key === "__esModule" ? false : absent) });`;
}
