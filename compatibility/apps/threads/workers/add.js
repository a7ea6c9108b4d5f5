import { expose } from "threads/worker";

expose((a, b) => a + b);
