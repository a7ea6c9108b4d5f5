/** The part of @npmcli/config that its published types leave out. CommonJS: all of it is the default export. */
declare module "@npmcli/config/lib/definitions/index.js" {
  import type Config from "@npmcli/config";

  const exported: {
    readonly definitions: Config.DefinitionsObject & { readonly registry: { readonly default: string } };
    readonly shorthands: Config.ShortFlags;
    readonly nerfDarts: readonly string[];
    readonly flatten: (data: Record<string, unknown>, flattened: Record<string, unknown>) => void;
  };
  export default exported;
}
