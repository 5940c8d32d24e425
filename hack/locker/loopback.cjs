/**
 * Preloaded into a locker outside of a Pod: Pepr's runtime would listen on every interface, and `pepr dev` on port
 * 3000; this makes it listen only on the loopback interface, at `$PORT`.
 */
const { Server } = require("node:net");

const { listen } = Server.prototype;

Server.prototype.listen = function (port, ...rest) {
  return typeof port === "number"
    ? listen.call(this, Number(process.env.PORT ?? port), "127.0.0.1", ...rest)
    : listen.call(this, port, ...rest);
};
