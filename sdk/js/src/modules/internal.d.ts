declare module "ouro:internal" {
  const internal: import("../internal").Internal;
  export default internal;
}

/** Made by the builder (sdk/build/src/bundle/provided.rs) for each worker. */
declare module "ouro:build" {
  export const populatesProcessEnv: boolean;
  export const envIsImportable: boolean;
}
