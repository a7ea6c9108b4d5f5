/** One failed keyword of a schema, as ajv reports it (`verbose` off). */
export interface ValidationError {
  /** JSON pointer to the value. */
  readonly instancePath: string;
  /** JSON pointer to the keyword, as a URI fragment. */
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** A compiled schema: ajv's own form, made at build time for what is built in and at run time for the rest. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly ValidationError[] | null;
}

/** Validators made at build time: `config` for the top-level shape, one per built-in name for its options. */
export type Validators = Readonly<Record<string, Validator>>;
