/**
 * Preloaded into a locker that runs outside of a Pod: Pepr's runtime listens on every interface, and `pepr dev` on port
 * 3000; here it stays on this machine's own, at `$PORT`.
 */
const { Server } = require("node:net");

const { listen } = Server.prototype;

Server.prototype.listen = function (port, ...rest) {
  return typeof port === "number"
    ? listen.call(this, Number(process.env.PORT ?? port), "127.0.0.1", ...rest)
    : listen.call(this, port, ...rest);
};
