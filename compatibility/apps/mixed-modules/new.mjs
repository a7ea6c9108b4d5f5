export const value = "esm";
export default "default of esm";
