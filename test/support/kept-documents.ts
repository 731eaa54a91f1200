import type { Db } from 'mongodb';

/** Notes every document of a database. @returns what puts them back as they were, and takes all others away */
export async function keepDocuments(db: Db): Promise<() => Promise<void>> {
  // Numbers keep their types.
  const all = (name: string) => db.collection(name).find({}, { promoteValues: false }).toArray();
  const names = async () =>
    (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  const kept = new Map(
    await Promise.all((await names()).map(async (name) => [name, await all(name)] as const)),
  );
  return async () => {
    for (const name of await names()) {
      const documents = kept.get(name) ?? [];
      await db.collection(name).deleteMany({});
      if (documents.length > 0) await db.collection(name).insertMany(documents);
    }
  };
}
