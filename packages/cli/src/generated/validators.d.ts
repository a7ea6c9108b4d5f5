// Made by tools/generate.ts from the options of the built-in plugins. Do not edit: npm run generate
import type { Validators } from "@sbp/core";

export declare const validators: Validators;
