import { AsyncLocalStorage } from "node:async_hooks";
import diagnostics from "node:diagnostics_channel";
import { PerformanceObserver, performance } from "node:perf_hooks";

const storage = new AsyncLocalStorage<number>();
const seen = await Promise.all(
  [1, 2].map((id) =>
    storage.run(id, async () => {
      await new Promise((resolve) => setTimeout(resolve, 3 - id));
      return storage.getStore();
    }),
  ),
);
const channel = diagnostics.channel("app:order");
channel.subscribe((message) => console.log("published", (message as { id: number }).id));
channel.publish({ id: 7 });
const observer = new PerformanceObserver((list) => {
  console.log(
    seen.join(),
    list
      .getEntries()
      .map(({ name }) => name)
      .join(),
  );
  observer.disconnect();
});
observer.observe({ entryTypes: ["measure"] });
performance.mark("a");
performance.measure("work", "a");
