'use strict';

/** Stands in for `socks-proxy-agent` in the bundle: few clusters are behind a SOCKS proxy, so it is loaded when one is. */
exports.SocksProxyAgent = function SocksProxyAgent(...args) {
  const real = require('../node_modules/socks-proxy-agent');
  return new real.SocksProxyAgent(...args);
};
