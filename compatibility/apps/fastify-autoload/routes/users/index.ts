export default async (app: any) => {
  app.get("/", async () => app.db.users);
};
