import type { Config } from "../../config/load.js";
import type { Credentials } from "../../workspace/remote.js";

/** Git reaches the forge as the bot, by its token, and no other host with it. */
export function remoteCredentials({ environment, fleet }: Config): Credentials {
  const { giteaToken, giteaUrl } = environment;
  const forge = giteaUrl === null ? null : new URL(giteaUrl).origin;
  return (url) =>
    giteaToken !== null && url.origin === forge
      ? { username: fleet.bot, password: giteaToken }
      : null;
}
