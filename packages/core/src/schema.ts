/** The part of JSON schema (draft 2020-12) that options are written in. */
export type Schema =
  | {
      readonly type: "string";
      readonly enum?: readonly string[];
      readonly pattern?: string;
      readonly minLength?: number;
      readonly description?: string;
      readonly default?: string;
      readonly examples?: readonly string[];
    }
  | {
      readonly type: "number" | "integer";
      readonly minimum?: number;
      readonly maximum?: number;
      readonly description?: string;
      readonly default?: number;
    }
  | { readonly type: "boolean"; readonly description?: string; readonly default?: boolean }
  | ArraySchema
  | ObjectSchema
  | { readonly const: string | number | boolean | null; readonly description?: string }
  | {
      readonly anyOf: readonly Schema[];
      readonly description?: string;
      readonly default?: unknown;
      readonly examples?: readonly unknown[];
    };

export interface ArraySchema {
  readonly type: "array";
  readonly items: Schema;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly description?: string;
  readonly default?: readonly unknown[];
  readonly examples?: readonly unknown[];
}

/** An object; keys it does not name are refused unless `additionalProperties` gives their schema. */
export interface ObjectSchema {
  readonly type: "object";
  readonly properties?: { readonly [key: string]: Schema };
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly description?: string;
  readonly default?: unknown;
}

/** The TypeScript type of the values that a schema accepts. */
export type ValueOf<S> = S extends { const: infer C }
  ? C
  : S extends { anyOf: readonly (infer A)[] }
    ? ValueOf<A>
    : S extends { enum: readonly (infer E)[] }
      ? E
      : S extends { type: "string" }
        ? string
        : S extends { type: "number" | "integer" }
          ? number
          : S extends { type: "boolean" }
            ? boolean
            : S extends { type: "array"; items: infer I }
              ? readonly ValueOf<I>[]
              : S extends { type: "object" }
                ? OptionsOf<S>
                : unknown;

type Defaulted<P> = { [K in keyof P]: P[K] extends { default: unknown } ? K : never }[keyof P];
type Required<S> = S extends { required: readonly (infer R)[] } ? R : never;
type Properties<S> = S extends { properties: infer P } ? P : Record<never, never>;

/** The type of an options object: keys with a default or in `required` are there, the others may be missing. */
export type OptionsOf<S> = {
  readonly [K in keyof Properties<S> as K extends Required<S> | Defaulted<Properties<S>>
    ? K
    : never]: ValueOf<Properties<S>[K]>;
} & {
  readonly [K in keyof Properties<S> as K extends Required<S> | Defaulted<Properties<S>> ? never : K]?:
    | ValueOf<Properties<S>[K]>
    | undefined;
} & (S extends { additionalProperties: infer A extends Schema }
    ? { readonly [key: string]: ValueOf<A> }
    : unknown);
