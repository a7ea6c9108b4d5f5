import { createJiti } from "jiti";

const jiti = createJiti(import.meta.url);
const m: any = await jiti.import("./config/app.ts");
console.log(m.default);
