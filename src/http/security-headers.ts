import type Koa from "koa";
import helmet from "koa-helmet";

/**
 * Everything these pages load is their own: no inline script or style, no other host, no frame.
 * `scripts: false` for pages that need none at all. HSTS and upgrading to https are left to the
 * proxy that ends TLS: over plain http on a private network they would break the pages, or other
 * services of the same host.
 */
export function securityHeaders(options: { readonly scripts: boolean }): Koa.Middleware {
  const self = "'self'";
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: options.scripts ? [self] : ["'none'"],
        connectSrc: options.scripts ? [self] : ["'none'"],
        styleSrc: [self],
        imgSrc: [self, "data:"],
        fontSrc: [self],
        baseUri: [self],
        formAction: [self],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
    xFrameOptions: { action: "deny" },
  });
}
