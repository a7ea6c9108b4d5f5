/**
 * How every schema is compiled, at build time and at run time alike: all errors at once; a schema that says
 * something unknown is refused; defaults are applied by `applyDefaults`, which leaves its input alone.
 */
export const ajvOptions = {
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  validateFormats: false,
  logger: false,
} as const;
